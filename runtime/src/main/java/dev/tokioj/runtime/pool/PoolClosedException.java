package dev.tokioj.runtime.pool;

/** The pool is closed, or was closed during the wait. */
public final class PoolClosedException extends PoolException {
    private static final long serialVersionUID = 1;

    PoolClosedException(String message) {
        super(message, null);
    }
}

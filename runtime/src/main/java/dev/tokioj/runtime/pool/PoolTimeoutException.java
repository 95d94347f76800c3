package dev.tokioj.runtime.pool;

/** No connection came free, and none was made, in the time given. */
public final class PoolTimeoutException extends PoolException {
    private static final long serialVersionUID = 1;

    PoolTimeoutException(String message) {
        super(message, null);
    }
}

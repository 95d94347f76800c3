package dev.tokioj.runtime.pool;

/** {@link PoolConfig#maxWaiting} others wait already. */
public final class PoolFullException extends PoolException {
    private static final long serialVersionUID = 1;

    PoolFullException(String message) {
        super(message, null);
    }
}

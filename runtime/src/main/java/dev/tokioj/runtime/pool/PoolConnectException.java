package dev.tokioj.runtime.pool;

import org.jspecify.annotations.Nullable;

/** A connection could not be made; the cause is what the {@link Connector} threw, none if it took too long. */
public final class PoolConnectException extends PoolException {
    private static final long serialVersionUID = 1;

    PoolConnectException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

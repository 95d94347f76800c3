package dev.tokioj.runtime.pool;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Why a pool lends no connection. The message names the address, the limit, and what to try. */
public sealed class PoolException extends IOException
        permits PoolClosedException, PoolConnectException, PoolFullException, PoolTimeoutException {
    private static final long serialVersionUID = 1;

    PoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

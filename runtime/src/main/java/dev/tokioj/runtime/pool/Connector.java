package dev.tokioj.runtime.pool;

import java.io.IOException;

/**
 * How a {@link ConnectionPool} makes, asks and ends connections. {@link #connect}, {@link #isHealthy}, {@link #pooled} and
 * {@link #close} are called in virtual threads of the pool's, never on a loop's own thread, and never while the pool holds anything that
 * others wait for: they may wait as long as they must. Several calls may run at the same time.
 *
 * @param <K> the address
 * @param <C> the connection
 */
public interface Connector<K, C> {
    /**
     * Connects. Longer than {@link PoolConfig#connectTimeout} and the calling thread is interrupted; a connection that is
     * returned after that is closed.
     *
     * @throws IOException if that fails; the pool tells whoever waited longest for this address
     */
    C connect(K key) throws IOException, InterruptedException;

    /**
     * Whether the connection can be used: asked before it is lent again after a rest of {@link PoolConfig#healthCheckAfter}.
     * Longer than {@link PoolConfig#healthCheckTimeout}, or an exception, is a no.
     */
    boolean isHealthy(C connection) throws IOException, InterruptedException;

    /** Closes the connection. Once for each that {@link #connect} returned. What it throws is logged. */
    void close(C connection) throws IOException;

    /**
     * How many leases one connection may carry at the same time: 1, unless it is made for several. Constant, and must not wait.
     */
    default int maxLeases() {
        return 1;
    }

    /**
     * How many leases a new connection may carry over its life, as far as is known; {@link ConnectionPool#raiseLimit} tells of
     * more. Without a limit unless said otherwise.
     */
    default long leaseLimit(C connection) {
        return Long.MAX_VALUE;
    }

    /** The pool knows the new connection: {@link ConnectionPool#raiseLimit} and {@link ConnectionPool#retire} have effect from now. */
    default void pooled(C connection) {}
}

package dev.tokioj.runtime.pool;

import java.time.Duration;

/**
 * What a pool holds and has done. Each figure is right; taken together they may be of moments that differ by an operation.
 *
 * @param total connections that are open or being made: what {@link PoolConfig#maxTotal} limits
 * @param idle those that nobody has
 * @param active those that carry a lease at least
 * @param connecting those being made
 * @param leases leases given and not returned; as {@link #active} unless connections carry several
 * @param waiting who waits in {@code borrow}
 * @param created connections made
 * @param reused leases of a connection that had carried one before
 * @param expired connections closed for their {@link PoolConfig#idleTimeout} or {@link PoolConfig#maxLifetime}
 * @param evicted idle connections closed to make room for another address
 * @param failed connects that failed or took too long
 * @param unhealthy connections closed because they were not healthy, were invalidated or retired
 * @param timedOut who gave up waiting at its deadline
 * @param leaked leases that were found lost ({@link PoolConfig#leakSampling})
 * @param waitTime what all who got a connection have waited, together
 * @param longestWait the longest of these
 */
public record PoolStats(
        int total,
        int idle,
        int active,
        int connecting,
        int leases,
        int waiting,
        long created,
        long reused,
        long expired,
        long evicted,
        long failed,
        long unhealthy,
        long timedOut,
        long leaked,
        Duration waitTime,
        Duration longestWait) {}

package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.Clock;

/** What time does to a connection: when it is asked whether it is healthy, may go for another, and has to end. */
final class Ages {
    /**
     * An address that has connections and wants more gets the place of another's only if that lay unused for 0.1 s: under load two
     * addresses would take each other's connections all the time, and making one costs more than waiting for one.
     */
    private static final long REST_BEFORE_EVICTION = 100_000_000;

    private final PoolConfig config;
    private final Clock clock;

    Ages(PoolConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** It lay unused for so long that it may not be lent without being asked. */
    boolean needsCheck(Pooled<?, ?> pooled) {
        return pooled.active == 0
                && pooled.trust == Pooled.Trust.BY_REST
                && clock.nanoTime() - pooled.idleSince
                        >= config.healthCheckAfter().toNanos();
    }

    /** It has lived as long as it may, whatever it does. */
    boolean isTooOld(Pooled<?, ?> pooled) {
        long lifetime = config.maxLifetime().toNanos();
        return lifetime > 0 && clock.nanoTime() - pooled.createdAt >= lifetime;
    }

    /** It has lived, or lain unused, as long as it may. */
    boolean isExpired(Pooled<?, ?> pooled) {
        long rest = config.idleTimeout().toNanos();
        return isTooOld(pooled) || (rest > 0 && pooled.active == 0 && clock.nanoTime() - pooled.idleSince >= rest);
    }

    /** Whether it may go for an address that only wants more. */
    boolean hasRested(Pooled<?, ?> pooled) {
        return clock.nanoTime() - restedAt(pooled) >= 0;
    }

    /** From when on it may go for such an address. */
    long restedAt(Pooled<?, ?> pooled) {
        return pooled.idleSince + REST_BEFORE_EVICTION;
    }
}

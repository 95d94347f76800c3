package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.settings.Check;
import java.time.Duration;

/**
 * The settings of a {@link ConnectionPool}. Immutable; made by {@link #builder()} or a preset.
 *
 * @param name how the pool is called in messages and its tasks in dumps
 * @param maxTotal connections at most, those being made included
 * @param maxPerKey connections to one address at most
 * @param maxWaiting how many may wait for a connection; who comes then gets a {@link PoolFullException}
 * @param borrowTimeout how long {@code borrow} waits unless told otherwise
 * @param connectTimeout how long making a connection may take
 * @param idleTimeout how long a connection may lie unused; zero: for ever
 * @param maxLifetime how old a connection may become: then it is lent no more and closed when it is free; zero: without limit
 * @param healthCheckAfter a connection that lay unused for this long is asked whether it is healthy before it is lent; zero: always
 * @param healthCheckTimeout how long that may take
 * @param cleanupInterval how often idle connections are looked through for those past their time
 * @param closeTimeout how long {@link ConnectionPool#close} waits for leases to be returned and connections to be closed
 * @param leakSampling watches one in so many leases for being lost, and names where it was borrowed; 1: each; 0: none
 */
public record PoolConfig(
        String name,
        int maxTotal,
        int maxPerKey,
        int maxWaiting,
        Duration borrowTimeout,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration maxLifetime,
        Duration healthCheckAfter,
        Duration healthCheckTimeout,
        Duration cleanupInterval,
        Duration closeTimeout,
        int leakSampling) {

    /** Checks every setting; the message names the one that is wrong. */
    public PoolConfig {
        Check.notBlank("name", name);
        Check.between("maxTotal", maxTotal, 1, 1 << 24);
        Check.between("maxPerKey", maxPerKey, 1, maxTotal);
        Check.between("maxWaiting", maxWaiting, 1, Integer.MAX_VALUE);
        Check.notNegative("borrowTimeout", borrowTimeout);
        Check.positive("connectTimeout", connectTimeout);
        Check.notNegative("idleTimeout", idleTimeout);
        Check.notNegative("maxLifetime", maxLifetime);
        Check.notNegative("healthCheckAfter", healthCheckAfter);
        Check.positive("healthCheckTimeout", healthCheckTimeout);
        Check.positive("cleanupInterval", cleanupInterval);
        Check.notNegative("closeTimeout", closeTimeout);
        Check.between("leakSampling", leakSampling, 0, Integer.MAX_VALUE);
    }

    /** The defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The example values of TokioZ's guide: 1000 connections, 30 s to connect and as long to wait for one, 300 s of idleness. There
     * one address may have all of them.
     */
    public static Builder tokioz() {
        return new Builder()
                .maxTotal(1000)
                .maxPerKey(1000)
                .borrowTimeout(Duration.ofSeconds(30))
                .connectTimeout(Duration.ofSeconds(30))
                .idleTimeout(Duration.ofMinutes(5));
    }

    /** Builds a {@link PoolConfig}. Each default names its reason. One thread. */
    public static final class Builder {
        private String name = "pool";
        /** As TokioZ's guide; below the usual limit of 1024 file descriptors. */
        private int maxTotal = 1000;
        /** 0: nothing was said. Then as browsers had it with HTTP/1.1, some more for a server: 16. */
        private int maxPerKey;
        /** A queue longer than this waits longer than its callers. */
        private int maxWaiting = 100_000;
        /** As TokioZ's guide. */
        private Duration borrowTimeout = Duration.ofSeconds(30);
        /** Four lost SYNs (1, 2, 4 and 8 s) and some. */
        private Duration connectTimeout = Duration.ofSeconds(15);
        /** As TokioZ's guide; many firewalls forget a connection after as long. */
        private Duration idleTimeout = Duration.ofMinutes(5);
        /** So that a change of an address in DNS is followed some day. */
        private Duration maxLifetime = Duration.ofMinutes(30);
        /** What was used just now is believed. */
        private Duration healthCheckAfter = Duration.ofSeconds(1);
        /** A ping across the world takes 0.3 s. */
        private Duration healthCheckTimeout = Duration.ofSeconds(1);
        /** A tenth of the idle timeout: nothing lies longer than 1.1 times that. */
        private Duration cleanupInterval = Duration.ofSeconds(30);
        /** Long enough for a request in flight. */
        private Duration closeTimeout = Duration.ofSeconds(5);
        /** A stack trace for each lease costs some microseconds: for tests. */
        private int leakSampling;

        private Builder() {}

        /** {@link PoolConfig#name()}. */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /** {@link PoolConfig#maxTotal()}; default 1000. */
        public Builder maxTotal(int value) {
            maxTotal = value;
            return this;
        }

        /** {@link PoolConfig#maxPerKey()}; default 16, or {@code maxTotal} if that is less. */
        public Builder maxPerKey(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("maxPerKey: must be 1 or more, is " + value);
            }
            maxPerKey = value;
            return this;
        }

        /** {@link PoolConfig#maxWaiting()}; default 100,000. */
        public Builder maxWaiting(int value) {
            maxWaiting = value;
            return this;
        }

        /** {@link PoolConfig#borrowTimeout()}; default 30 s. */
        public Builder borrowTimeout(Duration value) {
            borrowTimeout = value;
            return this;
        }

        /** {@link PoolConfig#connectTimeout()}; default 15 s. */
        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        /** {@link PoolConfig#idleTimeout()}; default 300 s. */
        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        /** {@link PoolConfig#maxLifetime()}; default 30 min. */
        public Builder maxLifetime(Duration value) {
            maxLifetime = value;
            return this;
        }

        /** {@link PoolConfig#healthCheckAfter()}; default 1 s. */
        public Builder healthCheckAfter(Duration value) {
            healthCheckAfter = value;
            return this;
        }

        /** {@link PoolConfig#healthCheckTimeout()}; default 1 s. */
        public Builder healthCheckTimeout(Duration value) {
            healthCheckTimeout = value;
            return this;
        }

        /** {@link PoolConfig#cleanupInterval()}; default 30 s. */
        public Builder cleanupInterval(Duration value) {
            cleanupInterval = value;
            return this;
        }

        /** {@link PoolConfig#closeTimeout()}; default 5 s. */
        public Builder closeTimeout(Duration value) {
            closeTimeout = value;
            return this;
        }

        /** {@link PoolConfig#leakSampling()}; default 0. */
        public Builder leakSampling(int value) {
            leakSampling = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if one is wrong; the message names it
         */
        public PoolConfig build() {
            return new PoolConfig(
                    name,
                    maxTotal,
                    maxPerKey == 0 ? Math.clamp(maxTotal, 1, 16) : maxPerKey,
                    maxWaiting,
                    borrowTimeout,
                    connectTimeout,
                    idleTimeout,
                    maxLifetime,
                    healthCheckAfter,
                    healthCheckTimeout,
                    cleanupInterval,
                    closeTimeout,
                    leakSampling);
        }
    }
}

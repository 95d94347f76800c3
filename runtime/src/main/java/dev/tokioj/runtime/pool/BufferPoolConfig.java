package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.ChunkPool;

/**
 * The settings of a {@link BufferPool}. Immutable; made by {@link #builder()}.
 *
 * @param smallest bytes of the smallest arrays, a power of two
 * @param largest bytes of the largest arrays that are kept, a power of two
 * @param keptPerClass bytes of unused arrays of one size that are kept at most, for all threads together; the owner of a pool keeps as
 *     much again at most, and not more than {@link BufferPool#OWN} arrays
 * @param wiped whether arrays are erased when they are given back; else the next user sees what the last one left
 * @param leakSampling watches one in so many arrays for being lost, and names where it was taken; 1: each, and an array that is given
 *     back twice is always found out; 0: none
 */
public record BufferPoolConfig(int smallest, int largest, int keptPerClass, boolean wiped, int leakSampling) {
    private static final int MOST = 1 << 28;

    /** Checks every setting; the message names the one that is wrong. */
    public BufferPoolConfig {
        powerOfTwo("smallest", smallest, 16, MOST);
        powerOfTwo("largest", largest, smallest, MOST);
        if (keptPerClass < largest) {
            throw new IllegalArgumentException(
                    "keptPerClass: must hold one of the largest (" + largest + " bytes) at least, is " + keptPerClass);
        }
        if (leakSampling < 0) {
            throw new IllegalArgumentException("leakSampling: must be 0 or more, is " + leakSampling);
        }
    }

    private static void powerOfTwo(String setting, int value, int from, int to) {
        if (Integer.bitCount(value) != 1 || value < from || value > to) {
            throw new IllegalArgumentException(
                    setting + ": must be a power of two from " + from + " to " + to + ", is " + value);
        }
    }

    /** The defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link BufferPoolConfig}. Each default names its reason. One thread. */
    public static final class Builder {
        /** Below it the array's header and the bookkeeping would be most of it. */
        private int smallest = 256;
        /** A TLS record, or the largest UDP train, rounded up. */
        private int largest = 1 << 16;
        /** 64 of {@link ChunkPool#DEFAULT_CHUNK}: what a few fast connections have in flight. */
        private int keptPerClass = 64 * ChunkPool.DEFAULT_CHUNK;
        /** Whoever takes an array reads only what he wrote; who cannot be sure of all users turns it on. */
        private boolean wiped;
        /** A stack trace costs some microseconds: for tests. */
        private int leakSampling;

        private Builder() {}

        /** {@link BufferPoolConfig#smallest()}; default 256. */
        public Builder smallest(int value) {
            smallest = value;
            return this;
        }

        /** {@link BufferPoolConfig#largest()}; default 64 KiB. */
        public Builder largest(int value) {
            largest = value;
            return this;
        }

        /** {@link BufferPoolConfig#keptPerClass()}; default 1 MiB. */
        public Builder keptPerClass(int value) {
            keptPerClass = value;
            return this;
        }

        /** {@link BufferPoolConfig#wiped()}; default false. */
        public Builder wiped(boolean value) {
            wiped = value;
            return this;
        }

        /** {@link BufferPoolConfig#leakSampling()}; default 0. */
        public Builder leakSampling(int value) {
            leakSampling = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if one is wrong; the message names it
         */
        public BufferPoolConfig build() {
            return new BufferPoolConfig(smallest, largest, keptPerClass, wiped, leakSampling);
        }
    }
}

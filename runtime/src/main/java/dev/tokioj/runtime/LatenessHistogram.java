package dev.tokioj.runtime;

import java.time.Duration;

/**
 * How late timers fired: for each, the time of the turn that fired it less its deadline rounded up to the wheel's tick of 8.2
 * us. Counted in four buckets an octave from 1 us on, so that a quantile is exact to a quarter. Immutable; any thread.
 */
public final class LatenessHistogram {
    /** Lateness is counted in 1,024 ns. */
    private static final int UNIT_SHIFT = 10;

    /** Two bits below the leading one tell the buckets of an octave apart. */
    private static final int SUB_BITS = 2;

    static final int BUCKETS = (63 - UNIT_SHIFT - SUB_BITS + 1) << SUB_BITS;

    private final long[] counts;
    private final long most;
    private final long timers;

    /** Takes the array. */
    LatenessHistogram(long[] counts, long most) {
        this.counts = counts;
        this.most = most;
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        this.timers = sum;
    }

    static int bucket(long nanos) {
        long units = nanos <= 0 ? 0 : nanos >> UNIT_SHIFT;
        if (units < 1 << SUB_BITS) {
            return (int) units;
        }
        int shift = 63 - SUB_BITS - Long.numberOfLeadingZeros(units);
        return ((shift + 1) << SUB_BITS) | (int) ((units >> shift) & ((1 << SUB_BITS) - 1));
    }

    /** The first lateness beyond the bucket, ns. */
    static long end(int bucket) {
        int shift = Math.max(0, (bucket >> SUB_BITS) - 1);
        long leading = bucket < 1 << SUB_BITS ? 0 : 1 << SUB_BITS;
        long sub = bucket & ((1 << SUB_BITS) - 1);
        return (leading + sub + 1) << (shift + UNIT_SHIFT);
    }

    /** How many timers were counted. */
    public long timers() {
        return timers;
    }

    /** The latest of all. */
    public Duration max() {
        return Duration.ofNanos(most);
    }

    /**
     * A lateness that at least this share of the timers did not exceed; zero if none has fired.
     *
     * @param share 0 to 1; 0.99 for the 99th percentile
     */
    public Duration quantile(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: must be 0 to 1, is " + share);
        }
        long wanted = Math.max(1, (long) Math.ceil(share * timers));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                // An end beyond the range of a long is negative.
                long end = end(i);
                return Duration.ofNanos(end < 0 ? most : Math.min(end, most));
            }
        }
        return Duration.ZERO;
    }

    /** The timers of both. */
    public LatenessHistogram plus(LatenessHistogram other) {
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.counts[i];
        }
        return new LatenessHistogram(sum, Math.max(most, other.most));
    }

    @Override
    public String toString() {
        return timers + " timers, late by " + quantile(0.5) + " (p50), " + quantile(0.99) + " (p99), " + max()
                + " (max)";
    }
}

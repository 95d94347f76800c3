package dev.tokioj.bench.compare;

import java.util.concurrent.atomic.AtomicLongArray;

/** How often which latency was seen, to within 1.6 %: 64 steps to each power of two. Any thread. */
final class Latencies {
    private static final int STEP_BITS = 6;
    private static final int STEPS = 1 << STEP_BITS;

    private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - STEP_BITS) * STEPS);

    void add(long nanos) {
        counts.getAndIncrement(slot(Math.max(0, nanos)));
    }

    private static int slot(long nanos) {
        int exponent = Long.SIZE - Long.numberOfLeadingZeros(nanos | (STEPS - 1)) - STEP_BITS;
        return exponent == 0 ? (int) nanos : exponent * STEPS + (int) (nanos >>> (exponent - 1)) - STEPS;
    }

    /** The largest latency that is counted in this slot. */
    private static long top(int slot) {
        int exponent = slot / STEPS;
        return exponent == 0 ? slot : (((long) (slot % STEPS) + STEPS + 1) << (exponent - 1)) - 1;
    }

    /** The latency, ns, that this share (0 to 1) of all do not exceed; 0 if there are none. */
    long quantile(double share) {
        long total = 0;
        for (int i = 0; i < counts.length(); i++) {
            total += counts.get(i);
        }
        long wanted = (long) Math.ceil(total * share);
        long seen = 0;
        for (int i = 0; i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen >= wanted && seen > 0) {
                return top(i);
            }
        }
        return 0;
    }
}

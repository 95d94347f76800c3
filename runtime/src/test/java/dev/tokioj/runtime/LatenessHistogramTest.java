package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatenessHistogramTest {
    private static LatenessHistogram of(long... lateness) {
        long[] counts = new long[LatenessHistogram.BUCKETS];
        long most = 0;
        for (long nanos : lateness) {
            counts[LatenessHistogram.bucket(nanos)]++;
            most = Math.max(most, nanos);
        }
        return new LatenessHistogram(counts, most);
    }

    @Test
    void everyLatenessIsInItsBucketAndBucketsAreNarrow() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long nanos = random.nextLong() >>> (1 + random.nextInt(60));
            int bucket = LatenessHistogram.bucket(nanos);
            long end = LatenessHistogram.end(bucket);
            long start = bucket == 0 ? 0 : LatenessHistogram.end(bucket - 1);
            String what = "seed " + seed + ": " + nanos + " in bucket " + bucket;
            assertTrue(nanos >= start && (end < 0 || nanos < end), what);
            assertTrue(end < 0 || end - start <= Math.max(1024, start / 4), what);
        }
        assertEquals(0, LatenessHistogram.bucket(-5));
        assertEquals(LatenessHistogram.BUCKETS - 1, LatenessHistogram.bucket(Long.MAX_VALUE));
    }

    @Test
    void quantilesAreRightToAQuarterAndNeverBeyondTheLatest() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long[] lateness = random.longs(10_000, 0, 50_000_000).toArray();
        LatenessHistogram histogram = of(lateness);
        Arrays.sort(lateness);
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999}) {
            long exact = lateness[(int) Math.ceil(share * lateness.length) - 1];
            long said = histogram.quantile(share).toNanos();
            assertTrue(
                    said >= exact && said <= Math.max(1024, exact * 5 / 4 + 1),
                    "seed " + seed + ", share " + share + ": " + said + " for " + exact);
        }
        assertEquals(lateness[lateness.length - 1], histogram.quantile(1).toNanos());
        assertEquals(lateness[lateness.length - 1], histogram.max().toNanos());
        assertEquals(10_000, histogram.timers());
    }

    @Test
    void addsUp() {
        LatenessHistogram sum = of(1_000_000).plus(of(5_000, 5_000, 5_000));
        assertEquals(4, sum.timers());
        assertEquals(Duration.ofMillis(1), sum.max());
        assertTrue(sum.quantile(0.75).toNanos() < 7_000);
        assertEquals(Duration.ofMillis(1), sum.quantile(0.76));
    }

    @Test
    void ofNothing() {
        assertEquals(Duration.ZERO, of().quantile(0.99));
        assertEquals(Duration.ZERO, of().max());
        assertThrows(IllegalArgumentException.class, () -> of().quantile(1.01));
        assertThrows(IllegalArgumentException.class, () -> of().quantile(Double.NaN));
    }
}

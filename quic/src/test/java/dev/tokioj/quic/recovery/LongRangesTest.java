package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.CpuTime;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongRangesTest {
    @Test
    void mergesOverlappingAndAdjacentRanges() {
        LongRanges ranges = new LongRanges();
        ranges.add(10, 20);
        ranges.add(30, 40);
        ranges.add(20, 25);
        assertArrayEquals(new long[] {10, 25, 30, 40}, ranges.toArray());
        ranges.add(24, 31);
        assertArrayEquals(new long[] {10, 40}, ranges.toArray());
        ranges.add(0, 5);
        ranges.add(7);
        assertArrayEquals(new long[] {0, 5, 7, 8, 10, 40}, ranges.toArray());
        ranges.add(0, 100);
        assertArrayEquals(new long[] {0, 100}, ranges.toArray());
    }

    @Test
    void removingSplitsAndTrims() {
        LongRanges ranges = new LongRanges();
        ranges.add(0, 100);
        ranges.remove(40, 60);
        assertArrayEquals(new long[] {0, 40, 60, 100}, ranges.toArray());
        ranges.remove(30, 70);
        assertArrayEquals(new long[] {0, 30, 70, 100}, ranges.toArray());
        ranges.removeBelow(80);
        assertArrayEquals(new long[] {80, 100}, ranges.toArray());
        ranges.removeBelow(100);
        assertTrue(ranges.isEmpty());
    }

    @Test
    void atItsCapTheLowestRangeGoesAndTheFloorTells() {
        LongRanges ranges = new LongRanges(3);
        for (long v = 0; v < 10; v += 2) {
            ranges.add(v);
        }
        assertArrayEquals(new long[] {4, 5, 6, 7, 8, 9}, ranges.toArray());
        assertEquals(3, ranges.floor());
        ranges.add(0);
        assertArrayEquals(new long[] {4, 5, 6, 7, 8, 9}, ranges.toArray(), "a new lowest range is the one that goes");
        ranges.add(5);
        assertArrayEquals(new long[] {4, 7, 8, 9}, ranges.toArray(), "merging needs no place");
    }

    @Test
    void behavesAsABitSetDoes() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            LongRanges ranges = new LongRanges();
            BitSet model = new BitSet();
            int span = 20 + random.nextInt(3000);
            for (int step = 0; step < 400; step++) {
                int from = random.nextInt(span);
                int end = Math.min(span, from + random.nextInt(1 + span / (1 + random.nextInt(40))));
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> {
                        ranges.add(from, end);
                        model.set(from, end);
                    }
                    case 4, 5 -> {
                        ranges.remove(from, end);
                        model.clear(from, end);
                    }
                    case 6 -> {
                        int below = random.nextInt(1 + span / 20);
                        ranges.removeBelow(below);
                        model.clear(0, below);
                    }
                    default -> {
                        ranges.add(from);
                        model.set(from);
                    }
                }
                assertSame(seed, ranges, model, span, random);
            }
        }
    }

    private static void assertSame(long seed, LongRanges ranges, BitSet model, int span, Random random) {
        int i = 0;
        for (int from = model.nextSetBit(0); from >= 0; i++) {
            int end = model.nextClearBit(from);
            assertEquals(from, ranges.from(i), "seed " + seed);
            assertEquals(end, ranges.end(i), "seed " + seed);
            from = model.nextSetBit(end);
        }
        assertEquals(i, ranges.size(), "seed " + seed);
        int at = random.nextInt(span);
        int to = at + random.nextInt(50);
        assertEquals(model.get(at), ranges.contains(at), "seed " + seed);
        assertEquals(model.get(at, to).cardinality(), ranges.count(at, to), "seed " + seed);
        assertEquals(!model.get(at, to).isEmpty(), ranges.intersects(at, to), "seed " + seed);
    }

    @Test
    void manyRangesFromTheTopDownAreCheap() {
        // The order in which an ACK frame lists its ranges; the shorter side moves, so nothing does.
        LongRanges ranges = new LongRanges();
        long start = CpuTime.nanos();
        for (int i = 100_000; i > 0; i--) {
            ranges.add(2L * i);
        }
        assertEquals(100_000, ranges.size());
        for (int i = 1; i <= 100_000; i++) {
            ranges.remove(2L * i, 2L * i + 1);
        }
        assertTrue(ranges.isEmpty());
        assertTrue(CpuTime.nanos() - start < 3_000_000_000L, "took three seconds");
        assertFalse(ranges.contains(2));
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** Two real threads, random sizes, and every byte checked: byte number i of a stream is a function of i. */
@Timeout(60)
class HandoffRandomTest {
    private static final ChunkPool POOL = new ChunkPool(1024, 16);
    private static final long SEED = Long.getLong("tokioj.seed", System.nanoTime());
    private static final AtomicInteger ROUND = new AtomicInteger();

    private static byte at(long index) {
        return (byte) (index * 31 + (index >>> 8) * 7);
    }

    private static void fill(byte[] buf, int off, int len, long index) {
        for (int i = 0; i < len; i++) {
            buf[off + i] = at(index + i);
        }
    }

    private static void check(byte[] buf, int off, int len, long index, long seed) {
        for (int i = 0; i < len; i++) {
            if (buf[off + i] != at(index + i)) {
                throw new AssertionError("byte " + (index + i) + " differs; seed " + seed);
            }
        }
    }

    @RepeatedTest(12)
    void inboundKeepsEveryByteWithinTheWindow() throws Exception {
        long seed = SEED + ROUND.incrementAndGet();
        SplittableRandom random = new SplittableRandom(seed);
        long total = 1L + random.nextInt(3_000_000);
        int window = 1 + random.nextInt(40_000);
        LinkedBlockingQueue<Boolean> signals = new LinkedBlockingQueue<>();
        InboundHandoff handoff =
                new InboundHandoff(Waiting.ofJdk(), POOL, () -> signals.add(true), Math.max(1, window / 4));
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> reader = executor.submit(() -> readAll(handoff, random.split(), seed));
            long credit = window;
            long offered = 0;
            byte[] buf = new byte[3000];
            while (offered < total) {
                if (credit == 0) {
                    // The window is used up: only the reader's signal may open it, so a lost one hangs the test.
                    assertTrue(signals.poll(20, TimeUnit.SECONDS) != null, "no credit came; seed " + seed);
                    credit += handoff.takeConsumed();
                    continue;
                }
                int n = (int) Math.min(Math.min(credit, total - offered), random.nextInt(buf.length));
                fill(buf, 0, n, offered);
                assertTrue(handoff.offer(buf, 0, n));
                offered += n;
                credit -= n;
                if (random.nextInt(50) == 0) {
                    credit += handoff.takeConsumed();
                }
            }
            handoff.end();
            assertEquals(total, reader.get(30, TimeUnit.SECONDS), "seed " + seed);
            credit += handoff.takeConsumed();
            assertEquals(window, credit, "all credit comes back; seed " + seed);
            assertTrue(handoff.isFinished());
        }
    }

    private static long readAll(InboundHandoff handoff, SplittableRandom random, long seed) throws Exception {
        byte[] buf = new byte[5000];
        long index = 0;
        while (true) {
            int off = random.nextInt(100);
            int len = 1 + random.nextInt(buf.length - off);
            int n = handoff.read(buf, off, len, InboundHandoff.NO_DEADLINE);
            if (n < 0) {
                return index;
            }
            check(buf, off, n, index, seed);
            index += n;
        }
    }

    @RepeatedTest(12)
    void outboundKeepsEveryByteWithinTheCapacity() throws Exception {
        long seed = SEED + ROUND.incrementAndGet();
        SplittableRandom random = new SplittableRandom(seed);
        long total = 1L + random.nextInt(3_000_000);
        int capacity = 1 + random.nextInt(20_000);
        LinkedBlockingQueue<Boolean> signals = new LinkedBlockingQueue<>();
        OutboundHandoff handoff = new OutboundHandoff(Waiting.ofJdk(), POOL, () -> signals.add(true), capacity);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> writer = executor.submit(() -> writeAll(handoff, total, random.split()));
            long index = 0;
            while (!handoff.isFinished()) {
                // Drained to the last byte, the loop relies on the signal alone.
                assertTrue(signals.poll(20, TimeUnit.SECONDS) != null, "no signal came; seed " + seed);
                index = drain(handoff, random, capacity, index, seed);
            }
            assertEquals(total, index, "seed " + seed);
            assertTrue(writer.get(30, TimeUnit.SECONDS));
            assertNull(handoff.peekChunk());
        }
    }

    private static long drain(OutboundHandoff handoff, SplittableRandom random, int capacity, long from, long seed) {
        long index = from;
        byte[] chunk;
        while ((chunk = handoff.peekChunk()) != null) {
            int n = handoff.length();
            assertTrue(n > 0 && n <= capacity, "length " + n + "; seed " + seed);
            check(chunk, handoff.offset(), n, index, seed);
            if (handoff.isWhole() && random.nextBoolean()) {
                byte[] mine = handoff.pollChunk();
                check(mine, chunkOffset(index), n, index, seed);
                handoff.recycle(mine);
                index += n;
            } else {
                int k = random.nextInt(n + 1);
                handoff.advance(k);
                index += k;
            }
        }
        return index;
    }

    private static int chunkOffset(long index) {
        return (int) (index % POOL.chunkSize());
    }

    private static boolean writeAll(OutboundHandoff handoff, long total, SplittableRandom random) throws Exception {
        byte[] buf = new byte[6000];
        long index = 0;
        while (index < total) {
            int n = (int) Math.min(total - index, random.nextInt(buf.length));
            fill(buf, 0, n, index);
            assertEquals(n, handoff.write(buf, 0, n, OutboundHandoff.NO_DEADLINE));
            index += n;
        }
        handoff.end();
        return true;
    }
}

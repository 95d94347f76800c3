package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ChunkPoolTest {
    @Test
    void keepsUpToItsCapacityAndNotMore() {
        ChunkPool pool = new ChunkPool(8, 4);
        Set<byte[]> known = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 6; i++) {
            known.add(new byte[8]);
        }
        known.forEach(pool::give);
        int again = 0;
        for (int i = 0; i < 6; i++) {
            again += known.contains(pool.take()) ? 1 : 0;
        }
        assertEquals(4, again);
    }

    @Test
    void anArrayOfAnotherSizeIsNotKept() {
        ChunkPool pool = new ChunkPool(8, 4);
        pool.give(new byte[16]);
        assertEquals(8, pool.take().length);
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(12, 4));
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(8, 3));
    }

    @Test
    void oneThreadsArraysComeBackFromAnother() throws Exception {
        // The task takes, the loop gives back: that must not end in fresh arrays all the time.
        long seed = Long.getLong("tokioj.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        ChunkPool pool = new ChunkPool(8, 64);
        ArrayBlockingQueue<byte[]> way = new ArrayBlockingQueue<>(32);
        int rounds = 20_000;
        Thread giver = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < rounds; i++) {
                    pool.give(way.take());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Set<byte[]> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ArrayDeque<byte[]> held = new ArrayDeque<>();
        for (int i = 0; i < rounds; i++) {
            byte[] chunk = pool.take();
            seen.add(chunk);
            held.add(chunk);
            while (held.size() > random.nextInt(10) || (i == rounds - 1 && !held.isEmpty())) {
                assertTrue(way.offer(held.remove(), 10, TimeUnit.SECONDS), "seed " + seed);
            }
        }
        giver.join();
        assertTrue(seen.size() < rounds / 10, seen.size() + " arrays for " + rounds + " uses; seed " + seed);
    }
}

package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TokioJ;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class BufferPoolTest {
    private static BufferPoolConfig.Builder config() {
        return BufferPoolConfig.builder().smallest(16).largest(1024).keptPerClass(4096);
    }

    @Test
    void sizesArePowersOfTwoAndBounded() {
        BufferPool pool = BufferPool.shared(config().build());
        for (int bytes = 0; bytes <= 1024; bytes++) {
            byte[] array = pool.take(bytes);
            assertEquals(Math.max(16, bytes < 2 ? 1 : Integer.highestOneBit(bytes - 1) << 1), array.length);
            pool.give(array);
        }
        assertEquals(1025, pool.take(1025).length);
        assertThrows(IllegalArgumentException.class, () -> pool.take(-1));
        List<byte[]> many = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            many.add(pool.take(1024));
        }
        many.forEach(pool::give);
        Set<byte[]> known = Collections.newSetFromMap(new IdentityHashMap<>());
        known.addAll(many);
        int again = 0;
        for (int i = 0; i < 10; i++) {
            again += known.contains(pool.take(1000)) ? 1 : 0;
        }
        assertEquals(4, again, "4096 bytes of one size are kept, and not more");
        BufferPoolStats stats = pool.stats();
        assertEquals(1, stats.oversize());
        assertEquals(stats.taken(), stats.reused() + stats.allocated());
        assertEquals(11, stats.inUse());
        assertEquals(6, stats.dropped());
    }

    @Test
    void whatIsWipedIsWiped() {
        BufferPool pool = BufferPool.shared(config().wiped(true).build());
        byte[] array = pool.take(100);
        array[99] = 7;
        pool.give(array);
        byte[] again = pool.take(100);
        assertSame(array, again);
        assertEquals(0, again[99]);
    }

    @Test
    void givingBackTwiceIsFoundOut() {
        BufferPool pool = BufferPool.shared(config().leakSampling(1).build());
        byte[] array = pool.take(100);
        pool.give(array);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> pool.give(array));
        assertTrue(String.valueOf(e.getMessage()).contains("twice"), e.getMessage());
        assertThrows(IllegalStateException.class, () -> pool.give(new byte[128]));
        assertNotSame(pool.take(100), pool.take(100));
    }

    private static void forget(BufferPool pool) {
        pool.take(100)[0] = 1;
    }

    @Test
    void aLostArrayIsReportedWithItsPlace() {
        BufferPool pool = BufferPool.shared(config().leakSampling(1).build());
        pool.give(pool.take(50));
        assertEquals(List.of(), pool.outstanding());
        forget(pool);
        assertEquals(1, pool.outstanding().size());
        List<Leak> found = new ArrayList<>();
        Kind.until(() -> {
            System.gc();
            found.addAll(pool.takeLost());
            return !found.isEmpty();
        });
        String report = found.get(0).toString();
        assertTrue(report.contains("128 bytes") && report.contains("BufferPoolTest.forget"), report);
        assertEquals(1, pool.stats().lost());
        assertEquals(List.of(), pool.outstanding());
    }

    @ParameterizedTest
    @MethodSource("dev.tokioj.runtime.pool.Kind#available")
    void theOwnerHasAWayOfItsOwn(Kind kind) throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(kind.config().build())) {
            EventLoop loop = runtime.loops().get(0);
            BufferPool pool = BufferPool.of(loop, config().build());
            CompletableFuture<byte[]> given = new CompletableFuture<>();
            loop.execute(() -> {
                byte[] array = pool.take(1024);
                pool.give(array);
                if (array == pool.take(1024)) {
                    pool.give(array);
                    try {
                        pool.give(array);
                    } catch (IllegalStateException e) {
                        given.complete(array);
                        return;
                    }
                }
                given.completeExceptionally(new AssertionError("not the owner's"));
            });
            byte[] array = given.get(20, TimeUnit.SECONDS);
            assertNotSame(array, pool.take(1024), "others do not touch what is the owner's");
            assertEquals(1, pool.stats().kept());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tokioj.runtime.pool.Kind#available")
    void noArrayIsTwoUsers(Kind kind) throws Exception {
        long seed = Long.getLong("tokioj.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        try (AsyncRuntime runtime = AsyncRuntime.start(kind.config().build())) {
            BufferPool pool = BufferPool.of(runtime.loops().get(0), config().build());
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int number = i + 1;
                SplittableRandom own = random.split();
                tasks.add(runtime.spawn(() -> {
                    List<byte[]> held = new ArrayList<>();
                    for (int k = 0; k < 1_500; k++) {
                        byte[] array = pool.take(own.nextInt(1025));
                        Arrays.fill(array, (byte) number);
                        held.add(array);
                        if (own.nextInt(4) == 0) {
                            TokioJ.yieldNow();
                        }
                        while (held.size() > own.nextInt(6)) {
                            byte[] back = held.remove(held.size() - 1);
                            for (byte b : back) {
                                assertEquals(number, b, "seed " + seed);
                            }
                            pool.give(back);
                        }
                    }
                    held.forEach(pool::give);
                }));
            }
            for (Task<?> task : tasks) {
                task.join();
            }
            assertEquals(0, pool.stats().inUse(), "seed " + seed);
            assertTrue(pool.stats().reused() > pool.stats().allocated(), pool.stats() + "; seed " + seed);
        }
    }

    @Test
    void messagesNameTheSetting() {
        Map<String, UnaryOperator<BufferPoolConfig.Builder>> wrong = Map.of(
                "smallest", b -> b.smallest(17),
                "largest", b -> b.largest(8),
                "keptPerClass", b -> b.keptPerClass(1023),
                "leakSampling", b -> b.leakSampling(-1));
        wrong.forEach((setting, change) -> {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> change.apply(config()).build());
            assertTrue(String.valueOf(e.getMessage()).startsWith(setting + ": "), e.getMessage());
        });
    }
}

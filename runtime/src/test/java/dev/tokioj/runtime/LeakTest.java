package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A million of everything, and the heap and the descriptors are as before. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#crosswise")
@Timeout(120)
@Tag("once")
class LeakTest {
    private static final int MILLION = 1_000_000;
    private static final int BATCH = 1_000;
    private static final long ROOM = 4 << 20;
    private static final Path FDS = Path.of("/proc/self/fd");

    private final Combination combination;
    private AsyncRuntime runtime;
    private EventLoop loop;

    @SuppressWarnings("NullAway.Init")
    LeakTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(combination.config().loops(1).build());
        loop = runtime.loops().get(0);
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Runtime vm = Runtime.getRuntime();
            least = Math.min(least, vm.totalMemory() - vm.freeMemory());
        }
        return least;
    }

    private static long descriptors() throws IOException {
        if (!Files.isDirectory(FDS)) {
            return 0;
        }
        try (var each = Files.list(FDS)) {
            return each.count();
        }
    }

    /** Runs the batch once to warm up and then until there were a million, and compares. */
    private static void flat(ThrowingRunnable batch) throws Exception {
        for (int i = 0; i < 50; i++) {
            batch.run();
        }
        long heap = heap();
        long descriptors = descriptors();
        for (int i = 0; i < MILLION / BATCH; i++) {
            batch.run();
        }
        long more = heap() - heap;
        assertTrue(more < ROOM, "the heap holds " + more + " bytes more after a million");
        long opened = descriptors() - descriptors;
        assertTrue(opened <= 2, opened + " descriptors more after a million");
    }

    @Test
    void aMillionTasks() throws Exception {
        flat(() -> {
            AtomicInteger ran = new AtomicInteger();
            runtime.spawn(() -> {
                        try (TaskGroup group = TaskGroup.failFast()) {
                            for (int i = 0; i < BATCH; i++) {
                                group.spawn(() -> {
                                    ran.incrementAndGet();
                                });
                            }
                            group.join();
                        }
                    })
                    .join();
            assertEquals(BATCH, ran.get());
        });
        assertEquals(0, loop.load().get());
        assertEquals(0, runtime.liveTasks());
    }

    @Test
    void aMillionTimers() throws Exception {
        flat(() -> {
            CompletableFuture<Integer> all = new CompletableFuture<>();
            loop.execute(() -> {
                int[] fired = new int[1];
                for (int i = 0; i < BATCH; i++) {
                    Timer timer = loop.newTimer(() -> {
                        if (++fired[0] == BATCH / 2) {
                            all.complete(fired[0]);
                        }
                    });
                    timer.arm(loop.now() + (i % 2 == 0 ? i * 100L : 60_000_000_000L));
                    if (i % 2 != 0) {
                        timer.disarm();
                    }
                }
            });
            assertEquals(BATCH / 2, all.get(30, TimeUnit.SECONDS));
        });
    }

    @Test
    void aMillionTimeLimits() throws Exception {
        flat(() -> {
            runtime.spawn(() -> {
                        for (int i = 0; i < BATCH; i++) {
                            int value = i;
                            assertEquals(i, TokioJ.timeout(Duration.ofMinutes(1), () -> value));
                        }
                    })
                    .join();
            // A task beside the loop arms and disarms by mail: what is under way is not lost, and not a leak.
            CompletableFuture<Boolean> delivered = new CompletableFuture<>();
            loop.execute(() -> delivered.complete(true));
            assertTrue(delivered.get(30, TimeUnit.SECONDS));
        });
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every setting of {@link RuntimeConfig} has its effect; those of waiting are seen in {@link PollSettingsTest}, those of tasks,
 * ticks and closing in the tests of these.
 */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class SettingsTest {
    private final Combination combination;

    SettingsTest(Combination combination) {
        this.combination = combination;
    }

    @Test
    void nameAndLoops() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().name("mine").loops(3).build())) {
            assertEquals(3, runtime.loops().size());
            assertEquals("mine-loop-2", LoopThreadName.of(runtime.loops().get(2)));
            assertEquals(
                    "mine-blocking-0",
                    runtime.spawnBlocking(() -> Thread.currentThread().getName())
                            .join());
        }
    }

    @Test
    void blockingThreads() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().blockingThreads(2).build())) {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            CountDownLatch both = new CountDownLatch(2);
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                tasks.add(runtime.spawnBlocking(() -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    both.countDown();
                    both.await();
                    inside.decrementAndGet();
                }));
            }
            for (Task<?> task : tasks) {
                task.join();
            }
            assertEquals(2, most.get());
        }
    }

    @Test
    void blockingQueue() throws Exception {
        poolIsBounded(combination.config().blockingThreads(2).blockingQueue(3).build(), "blockingQueue");
    }

    @Test
    void computeThreadsAndQueue() throws Exception {
        poolIsBounded(combination.config().computeThreads(2).computeQueue(3).build(), "computeQueue");
    }

    private static void poolIsBounded(RuntimeConfig config, String setting) throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            CountDownLatch two = new CountDownLatch(2);
            CountDownLatch release = new CountDownLatch(1);
            AtomicInteger begun = new AtomicInteger();
            ThrowingRunnable body = () -> {
                begun.incrementAndGet();
                two.countDown();
                release.await();
            };
            boolean blocking = setting.equals("blockingQueue");
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                tasks.add(blocking ? runtime.spawnBlocking(body) : runtime.spawnCompute(body));
            }
            two.await();
            TaskLimitException refused = assertThrows(
                    TaskLimitException.class,
                    () -> tasks.add(blocking ? runtime.spawnBlocking(body) : runtime.spawnCompute(body)));
            assertEquals(setting, refused.setting());
            assertEquals(3, refused.limit());
            assertTrue(String.valueOf(refused.getMessage()).contains("RuntimeConfig." + setting), refused.getMessage());
            assertEquals(2, begun.get());
            assertEquals(5, runtime.liveTasks());
            release.countDown();
            for (Task<?> task : tasks) {
                task.join();
            }
            assertEquals(5, begun.get());
            int again = blocking
                    ? runtime.spawnBlocking(() -> 1).join()
                    : runtime.spawnCompute(() -> 1).join();
            assertEquals(1, again, "there is room again");
        }
    }

    @Test
    void maxTasksKeepsAReserveForUrgentOnes() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination
                .config()
                .maxTasks(10)
                .urgentReserve(3)
                .drainTimeout(Duration.ZERO)
                .build())) {
            ThrowingRunnable endless = () -> new CountDownLatch(1).await();
            for (int i = 0; i < 7; i++) {
                runtime.spawn(endless);
            }
            TaskLimitException refused = assertThrows(TaskLimitException.class, () -> runtime.spawn(endless));
            assertEquals(7, refused.limit());
            assertEquals("maxTasks", refused.setting());
            SpawnOptions urgent = SpawnOptions.DEFAULT.priority(Priority.URGENT);
            for (int i = 0; i < 3; i++) {
                runtime.spawn(urgent, endless);
            }
            assertEquals(
                    10,
                    assertThrows(TaskLimitException.class, () -> runtime.spawn(urgent, endless))
                            .limit());
            assertThrows(TaskLimitException.class, () -> runtime.spawnBlocking(endless));
            assertEquals(10, runtime.liveTasks());
        }
    }

    @Test
    void enableTimers() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination
                .config()
                .enableTimers(false)
                .drainTimeout(Duration.ZERO)
                .build())) {
            EventLoop loop = runtime.loops().get(0);
            Timer timer = loop.newTimer(() -> {});
            CompletableFuture<Boolean> refused = new CompletableFuture<>();
            loop.execute(() -> {
                assertThrows(DisabledException.class, () -> timer.arm(loop.now()));
                timer.disarm();
                refused.complete(true);
            });
            assertTrue(refused.get(20, TimeUnit.SECONDS));
            List<ThrowingRunnable> waits = List.of(
                    () -> TokioJ.sleep(Duration.ofMillis(1)),
                    () -> TokioJ.interval(Duration.ofMillis(1)).await(),
                    () -> TokioJ.timeout(Duration.ofMillis(1), () -> {}),
                    () -> TokioJ.spawn(() -> new CountDownLatch(1).await()).join(Duration.ofMillis(1)),
                    () -> TokioJ.spawn(SpawnOptions.DEFAULT.deadline(Duration.ofMillis(1)), () -> {}));
            for (Placement placement : Placement.values()) {
                for (ThrowingRunnable wait : waits) {
                    DisabledException e = assertThrows(
                            DisabledException.class,
                            () -> runtime.spawn(SpawnOptions.DEFAULT.placement(placement), wait)
                                    .join());
                    assertEquals("enableTimers", e.setting());
                }
            }
            assertEquals(1, runtime.spawn(() -> 1).join());
            runtime.spawn(TokioJ::yieldNow).join();
        }
    }

    @Test
    void cpus() throws Exception {
        Path status = Path.of("/proc/thread-self/status");
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL && Files.isReadable(status));
        String all = allowed(status);
        int cpu = Integer.parseInt(all.split("[-,]")[0]);
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().cpus(List.of(cpu)).build())) {
            for (EventLoop loop : runtime.loops()) {
                CompletableFuture<String> seen = new CompletableFuture<>();
                loop.execute(() -> {
                    try {
                        seen.complete(allowed(status));
                    } catch (java.io.IOException e) {
                        seen.completeExceptionally(e);
                    }
                });
                assertEquals(cpu + "", seen.get(20, TimeUnit.SECONDS));
            }
            // What a pinned loop starts is not pinned beside it.
            runtime.spawn(() -> {
                        assertEquals(
                                all, TokioJ.spawnBlocking(() -> allowed(status)).join());
                        assertEquals(
                                all, TokioJ.spawnCompute(() -> allowed(status)).join());
                        SpawnOptions shared = SpawnOptions.DEFAULT.placement(Placement.SHARED);
                        assertEquals(
                                all, TokioJ.spawn(shared, () -> allowed(status)).join());
                    })
                    .join();
        }
        java.io.IOException refused = assertThrows(
                java.io.IOException.class,
                () -> AsyncRuntime.start(combination
                        .config()
                        .name("unpinned")
                        .cpus(List.of(CpuPinning.MAX_CPU))
                        .build()));
        assertTrue(String.valueOf(refused.getMessage()).contains("RuntimeConfig.cpus"), refused.getMessage());
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("unpinned")));
    }

    private static String allowed(Path status) throws java.io.IOException {
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("Cpus_allowed_list:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void starvationShare() throws Exception {
        assumeTrue(combination.onLoop(), "the JDK's scheduler knows no priorities");
        for (int share : List.of(1, 50)) {
            try (AsyncRuntime runtime = AsyncRuntime.start(
                    combination.config().loops(1).starvationShare(share).build())) {
                List<Priority> order = new ArrayList<>();
                CompletableFuture<List<Priority>> result = new CompletableFuture<>();
                EventLoop loop = runtime.loops().get(0);
                loop.execute(() -> {
                    for (Priority priority : List.of(Priority.NORMAL, Priority.URGENT)) {
                        for (int i = 0; i < 150; i++) {
                            loop.execute(priority, () -> {
                                order.add(priority);
                                if (order.size() == 300) {
                                    result.complete(order);
                                }
                            });
                        }
                    }
                });
                List<Priority> seen = result.get(20, TimeUnit.SECONDS);
                assertEquals(100 / share - 1, seen.indexOf(Priority.NORMAL));
            }
        }
    }

    @Test
    void stallThreshold() throws Exception {
        for (Duration threshold : List.of(Duration.ofMillis(20), Duration.ZERO)) {
            try (AsyncRuntime runtime = AsyncRuntime.start(
                    combination.config().stallThreshold(threshold).build())) {
                AtomicBoolean done = new AtomicBoolean();
                EventLoop loop = runtime.loops().get(0);
                // Other turns may be held too, where the machine gives them no time.
                long before = runtime.stalls(0);
                loop.execute(() -> {
                    long start = System.nanoTime();
                    while (threshold.isZero() ? System.nanoTime() - start < 100_000_000 : runtime.stalls(0) == before) {
                        Thread.onSpinWait();
                    }
                    done.set(true);
                });
                while (!done.get()) {
                    Thread.onSpinWait();
                }
                assertEquals(!threshold.isZero(), runtime.stalls() > 0);
            }
        }
    }

    @Test
    void placement() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            assertEquals(combination.onLoop() ? Placement.LOOP : Placement.SHARED, runtime.placement());
            assertTrue(runtime.toString().contains(runtime.placement().name()));
        }
    }
}

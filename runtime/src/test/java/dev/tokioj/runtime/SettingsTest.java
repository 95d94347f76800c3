package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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

/** Every setting of {@link RuntimeConfig} has its effect; those of tasks, ticks and closing are seen in the tests of these. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class SettingsTest {
    private final Combination combination;

    SettingsTest(Combination combination) {
        this.combination = combination;
    }

    private static String threadOf(EventLoop loop) throws Exception {
        CompletableFuture<String> name = new CompletableFuture<>();
        loop.execute(() -> name.complete(Thread.currentThread().getName()));
        return name.get(20, TimeUnit.SECONDS);
    }

    @Test
    void nameAndLoops() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().name("mine").loops(3).build())) {
            assertEquals(3, runtime.loops().size());
            assertEquals("mine-loop-2", threadOf(runtime.loops().get(2)));
            assertEquals(
                    "mine-blocking-0",
                    runtime.spawnBlocking(() -> Thread.currentThread().getName())
                            .join());
        }
    }

    @Test
    void poller() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Poller poller = runtime.loops().get(0).poller();
            switch (runtime.config().poller()) {
                case NIO -> assertInstanceOf(NioPoller.class, poller);
                case EPOLL -> assertInstanceOf(EpollPoller.class, poller);
                case AUTO -> throw new AssertionError("not one of the combinations");
            }
        }
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().poller(Poller.Kind.AUTO).build())) {
            assertEquals(EpollPoller.isAvailable(), runtime.loops().get(0).poller() instanceof EpollPoller);
        }
    }

    @Test
    void fineTimers() throws Exception {
        Path slack = Path.of("/proc/thread-self/timerslack_ns");
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL && Files.isReadable(slack));
        for (boolean fine : List.of(true, false)) {
            try (AsyncRuntime runtime =
                    AsyncRuntime.start(combination.config().fineTimers(fine).build())) {
                CompletableFuture<String> seen = new CompletableFuture<>();
                // The second callback: the poller sets it in its first poll.
                EventLoop loop = runtime.loops().get(0);
                loop.execute(() -> loop.execute(() -> {
                    try {
                        seen.complete(Files.readString(slack).trim());
                    } catch (java.io.IOException e) {
                        seen.completeExceptionally(e);
                    }
                }));
                assertEquals(fine, seen.get(20, TimeUnit.SECONDS).equals("1"));
            }
        }
    }

    @Test
    void pollTimeout() throws Exception {
        try (AsyncRuntime restless = AsyncRuntime.start(
                        combination.config().pollTimeout(Duration.ofMillis(2)).build());
                AsyncRuntime calm = AsyncRuntime.start(
                        combination.config().pollTimeout(Duration.ofHours(1)).build())) {
            EventLoop idle = calm.loops().get(1);
            while (idle.sleeps() == 0) {
                Thread.onSpinWait();
            }
            long before = idle.turns();
            long start = restless.loops().get(0).turns();
            while (restless.loops().get(0).turns() < start + 5) {
                Thread.onSpinWait();
            }
            assertEquals(before, idle.turns());
        }
    }

    @Test
    void spinBeforeSleep() throws Exception {
        try (AsyncRuntime eager = AsyncRuntime.start(combination
                        .config()
                        .loops(1)
                        .spinBeforeSleep(Duration.ofMinutes(1))
                        .build());
                AsyncRuntime sleepy =
                        AsyncRuntime.start(combination.config().loops(1).build())) {
            for (int i = 0; i < 20; i++) {
                threadOf(eager.loops().get(0));
            }
            assertEquals(0, eager.loops().get(0).sleeps());
            while (sleepy.loops().get(0).sleeps() == 0) {
                Thread.onSpinWait();
            }
        }
        try (AsyncRuntime brief = AsyncRuntime.start(combination
                .config()
                .loops(1)
                .spinBeforeSleep(Duration.ofNanos(50_000))
                .build())) {
            while (brief.loops().get(0).sleeps() == 0) {
                Thread.onSpinWait();
            }
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
    void stallThreshold() throws Exception {
        for (Duration threshold : List.of(Duration.ofMillis(20), Duration.ZERO)) {
            try (AsyncRuntime runtime = AsyncRuntime.start(
                    combination.config().stallThreshold(threshold).build())) {
                AtomicBoolean done = new AtomicBoolean();
                EventLoop loop = runtime.loops().get(0);
                loop.execute(() -> {
                    long start = System.nanoTime();
                    while (runtime.stalls() == 0 && (!threshold.isZero() || System.nanoTime() - start < 100_000_000)) {
                        Thread.onSpinWait();
                    }
                    done.set(true);
                });
                while (!done.get()) {
                    Thread.onSpinWait();
                }
                assertEquals(threshold.isZero() ? 0 : 1, runtime.stalls());
                assertFalse(runtime.loops().get(1).busySince() != 0
                        && runtime.loops().get(1).turns() == 0);
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

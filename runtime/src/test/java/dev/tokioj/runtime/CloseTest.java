package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class CloseTest {
    private final Combination combination;

    CloseTest(Combination combination) {
        this.combination = combination;
    }

    private AsyncRuntime start(Duration drain, Duration cancel) throws IOException {
        return AsyncRuntime.start(
                combination.config().drainTimeout(drain).cancelTimeout(cancel).build());
    }

    private AsyncRuntime start() throws IOException {
        return start(Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    @Test
    void letsTasksEndAndTakesNoMoreFromOutside() throws Exception {
        AsyncRuntime runtime = start();
        CountDownLatch release = new CountDownLatch(1);
        Task<Integer> ends = runtime.spawn(() -> {
            release.await();
            // A task that is given time to end may need help.
            return TokioJ.spawn(() -> 3).join();
        });
        Thread closer = Thread.ofPlatform().start(runtime::close);
        RejectedExecutionException refused = null;
        while (refused == null) {
            try {
                runtime.spawn(() -> {});
            } catch (RejectedExecutionException e) {
                refused = e;
            }
        }
        assertTrue(String.valueOf(refused.getMessage()).contains("closing"), refused.getMessage());
        assertTrue(closer.isAlive());
        release.countDown();
        closer.join();
        assertEquals(3, ends.join());
        assertThrows(RejectedExecutionException.class, () -> runtime.spawn(() -> {}));
        assertThrows(RejectedExecutionException.class, () -> runtime.spawnBlocking(() -> {}));
        for (EventLoop loop : runtime.loops()) {
            assertFalse(loop.thread().isAlive());
        }
    }

    @Test
    void cancelsWhatDoesNotEnd() throws Exception {
        AsyncRuntime runtime = start(Duration.ofMillis(10), Duration.ofSeconds(10));
        List<Task<?>> tasks = new ArrayList<>();
        CountDownLatch parked = new CountDownLatch(30);
        for (int i = 0; i < 10; i++) {
            ThrowingRunnable endless = () -> {
                parked.countDown();
                new CountDownLatch(1).await();
            };
            tasks.add(runtime.spawn(endless));
            tasks.add(runtime.spawnBlocking(endless));
            tasks.add(runtime.spawn(SpawnOptions.DEFAULT.placement(Placement.SHARED), endless));
        }
        parked.await();
        long before = System.nanoTime();
        runtime.close();
        assertTrue(System.nanoTime() - before >= 10_000_000, "drainTimeout was not given");
        for (Task<?> task : tasks) {
            assertEquals(TaskState.CANCELLED, task.state());
        }
        assertEquals(0, runtime.liveTasks());
    }

    @Test
    void anInterruptedCloserDoesNotWaitForTheDrain() throws Exception {
        AsyncRuntime runtime = start(Duration.ofDays(1), Duration.ofSeconds(10));
        Task<@Nullable Void> endless = runtime.spawn(() -> new CountDownLatch(1).await());
        Thread.currentThread().interrupt();
        runtime.close();
        assertTrue(Thread.interrupted());
        assertTrue(endless.isDone());
    }

    @Test
    void whatIsRegisteredWhileTheLoopEndsIsClosedToo() throws Exception {
        AsyncRuntime runtime = start();
        EventLoop loop = runtime.loops().get(0);
        CompletableFuture<String> closed = new CompletableFuture<>();
        loop.execute(() -> loop.atClose(
                () -> loop.execute(() -> loop.atClose(() -> closed.complete("as who opens a socket just then")))));
        runtime.close();
        assertTrue(closed.isDone());
    }

    @Test
    void aRuntimeAroundABodyIsNotStartedWhereNobodyMayWaitForIt() throws Exception {
        try (AsyncRuntime runtime = start()) {
            RuntimeConfig config = combination.config().name("never").build();
            CompletableFuture<Throwable> refused = new CompletableFuture<>();
            runtime.loops().get(0).execute(() -> {
                try {
                    TokioJ.run(config, () -> {});
                } catch (Throwable e) {
                    refused.complete(e);
                }
            });
            assertInstanceOf(IllegalStateException.class, refused.get(20, TimeUnit.SECONDS));
            assertFalse(Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(thread -> thread.getName().startsWith("never-")));
        }
    }

    @Test
    void isIdempotentAndASecondCloserWaits() throws Exception {
        AsyncRuntime runtime = start();
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        runtime.spawn(() -> {
            entered.countDown();
            release.await();
        });
        entered.await();
        List<Thread> closers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            closers.add(Thread.ofVirtual().start(runtime::close));
        }
        assertFalse(closers.get(0).join(Duration.ofMillis(10)));
        release.countDown();
        for (Thread closer : closers) {
            closer.join();
        }
        runtime.close();
    }

    @Test
    void refusesToWaitForItself() throws Exception {
        try (AsyncRuntime runtime = start();
                AsyncRuntime other = start()) {
            Task<@Nullable Void> own = runtime.spawn(runtime::close);
            assertThrows(IllegalStateException.class, own::join);
            Task<@Nullable Void> ownShared =
                    runtime.spawn(SpawnOptions.DEFAULT.placement(Placement.SHARED), runtime::close);
            assertThrows(IllegalStateException.class, ownShared::join);
            Task<@Nullable Void> ownBlocking = runtime.spawnBlocking(runtime::close);
            assertThrows(IllegalStateException.class, ownBlocking::join);
            CompletableFuture<Boolean> thrown = new CompletableFuture<>();
            for (AsyncRuntime any : List.of(runtime, other)) {
                runtime.loops().get(0).execute(() -> {
                    try {
                        any.close();
                        thrown.complete(false);
                    } catch (IllegalStateException e) {
                        thrown.complete(true);
                    }
                });
                assertTrue(thrown.get(20, TimeUnit.SECONDS));
            }
            assertEquals(1, runtime.spawn(() -> 1).join(), "it goes on");
            // A task may close another runtime.
            runtime.spawn(other::close).join();
        }
    }

    @Test
    void aTaskThatIgnoresItsCancellationEndsLaterAllTheSame() throws Exception {
        AsyncRuntime runtime = start(Duration.ZERO, Duration.ofMillis(100));
        AtomicBoolean release = new AtomicBoolean();
        CompletableFuture<Thread> self = new CompletableFuture<>();
        Task<Integer> stubborn = runtime.spawn("stubborn", () -> {
            self.complete(Thread.currentThread());
            while (!release.get()) {
                Thread.interrupted();
                LockSupport.park();
            }
            TokioJ.yieldNow();
            return 9;
        });
        self.get();
        long before = System.nanoTime();
        runtime.close();
        assertTrue(System.nanoTime() - before >= 100_000_000, "cancelTimeout was not given");
        assertEquals(1, runtime.liveTasks());
        assertFalse(stubborn.isDone());
        release.set(true);
        LockSupport.unpark(self.get());
        assertEquals(9, stubborn.join(Duration.ofSeconds(20)));
    }

    @Test
    void threadsMadeInTasksAndCallbacksOfOthersGoOnAfterTheLoop() throws Exception {
        AsyncRuntime runtime = start();
        CountDownLatch release = new CountDownLatch(1);
        List<Thread> children = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(50);
        EventLoop loop = runtime.loops().get(0);
        loop.spawn(Priority.NORMAL, null, () -> {
                    for (int i = 0; i < 50; i++) {
                        children.add(Thread.ofVirtual().start(() -> {
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            done.countDown();
                        }));
                    }
                    return 0;
                })
                .join();
        runtime.close();
        release.countDown();
        assertTrue(done.await(20, TimeUnit.SECONDS));
        for (Thread child : children) {
            child.join();
        }
        CompletableFuture<Boolean> inLoop = new CompletableFuture<>();
        loop.execute(() -> inLoop.complete(loop.inLoop()));
        assertTrue(inLoop.get(20, TimeUnit.SECONDS));
        CompletableFuture<Boolean> refused = new CompletableFuture<>();
        Timer timer = loop.newTimer(() -> {});
        loop.execute(() -> {
            try {
                timer.arm(0);
                refused.complete(false);
            } catch (IllegalStateException e) {
                timer.disarm();
                refused.complete(true);
            }
        });
        assertTrue(refused.get(20, TimeUnit.SECONDS));
    }

    @Test
    void closersRunOnTheLoopBeforeItEnds() throws Exception {
        AsyncRuntime runtime = start();
        EventLoop loop = runtime.loops().get(1);
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        AtomicBoolean forgotten = new AtomicBoolean();
        loop.execute(() -> {
            Runnable removed = () -> forgotten.set(true);
            loop.atClose(removed);
            loop.atClose(() -> ran.complete(loop.inLoop()));
            loop.forgetAtClose(removed);
        });
        runtime.close();
        assertTrue(ran.get(1, TimeUnit.SECONDS));
        assertFalse(forgotten.get());
    }

    @Test
    void survivesWakeUpsWhileItEnds() throws Exception {
        for (int round = 0; round < 10; round++) {
            AsyncRuntime runtime = start();
            EventLoop loop = runtime.loops().get(0);
            AtomicBoolean stop = new AtomicBoolean();
            int[] ran = new int[1];
            int[] sent = new int[1];
            Thread sender = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    sent[0]++;
                    loop.execute(() -> ran[0]++);
                }
            });
            while (loop.turns() < 20) {
                Thread.onSpinWait();
            }
            runtime.close();
            stop.set(true);
            sender.join();
            CompletableFuture<Integer> total = new CompletableFuture<>();
            loop.execute(() -> total.complete(ran[0]));
            assertEquals(sent[0], total.get(20, TimeUnit.SECONDS), "round " + round);
        }
    }

    @Test
    void twoRuntimesKnowNothingOfEachOther() throws Exception {
        AsyncRuntime one = start();
        try (AsyncRuntime two = start()) {
            Task<AsyncRuntime> inTwo = one.spawn(
                    () -> two.spawn(() -> assertHere(AsyncRuntime.current())).join());
            assertEquals(two, inTwo.join());
            one.close();
            assertEquals(1, two.spawn(() -> 1).join());
        }
    }

    private static <T> T assertHere(@Nullable T value) {
        assertNotNull(value);
        return java.util.Objects.requireNonNull(value);
    }
}

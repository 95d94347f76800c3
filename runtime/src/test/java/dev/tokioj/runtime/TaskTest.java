package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a task gives, where it runs, and what may be done in one. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class TaskTest extends TaskFixture {
    TaskTest(Combination combination) {
        super(combination);
    }

    @Test
    void joinGivesTheValue() throws Exception {
        assertEquals(42, runtime.spawn(() -> 42).join());
        assertNull(runtime.spawn(() -> {}).join());
        Task<Integer> done = runtime.spawn(() -> 1);
        done.join();
        assertEquals(1, done.result());
        assertEquals(TaskState.SUCCEEDED, done.state());
    }

    @Test
    void joinThrowsWhatTheBodyThrew() throws Exception {
        IOException cause = new IOException("x");
        Task<Integer> task = runtime.spawn((java.util.concurrent.Callable<Integer>) () -> {
            throw cause;
        });
        assertSame(cause, assertThrows(IOException.class, task::join));
        assertSame(cause, task.failure());
        assertThrows(IllegalStateException.class, task::result);
        Task<Integer> error = runtime.spawn((java.util.concurrent.Callable<Integer>) () -> {
            throw new StackOverflowError();
        });
        assertThrows(StackOverflowError.class, error::join);
    }

    @Test
    void runsWhereItWasPlaced() throws Exception {
        Task<@Nullable EventLoop> placed = runtime.spawn(EventLoop::current);
        EventLoop where = placed.join();
        assertEquals(combination.onLoop(), where != null);
        assertEquals(combination.onLoop() ? Placement.LOOP : Placement.SHARED, placed.placement());
        assertTrue(runtime.spawn(() -> Thread.currentThread().isVirtual()).join());
        Task<@Nullable EventLoop> shared =
                runtime.spawn(SpawnOptions.DEFAULT.placement(Placement.SHARED), EventLoop::current);
        assertNull(shared.join());
        // Also from a task on a loop, whose threads inherit the loop.
        assertNull(runtime.spawn(
                        () -> TokioJ.spawn(SpawnOptions.DEFAULT.placement(Placement.SHARED), EventLoop::current)
                                .join())
                .join());
    }

    @Test
    void knowsItself() throws Exception {
        Task<@Nullable Task<?>> task = runtime.spawn("me", () -> Task.current());
        assertSame(task, task.join());
        assertEquals("me", task.name());
        assertEquals(
                "me",
                runtime.spawn("me", () -> Thread.currentThread().getName()).join());
        assertSame(runtime, runtime.spawn(AsyncRuntime::current).join());
        assertNull(Task.current());
        assertNull(AsyncRuntime.current());
        assertTrue(task.toString().contains("'me'"), task.toString());
    }

    @Test
    void spawnsOntoItsOwnLoop() throws Exception {
        for (EventLoop loop : runtime.loops()) {
            EventLoop childs = loop.spawn(
                            Priority.NORMAL,
                            null,
                            () -> TokioJ.spawn(() -> Objects.requireNonNull(Task.current())
                                            .home())
                                    .join())
                    .join();
            if (combination.onLoop()) {
                assertSame(loop, childs);
            }
        }
    }

    @Test
    void becomesAFuture() throws Exception {
        assertEquals(5, runtime.spawn(() -> 5).toCompletableFuture().get());
        IOException cause = new IOException("x");
        Task<Integer> failing = runtime.spawn((java.util.concurrent.Callable<Integer>) () -> {
            throw cause;
        });
        ExecutionException e = assertThrows(
                ExecutionException.class, () -> failing.toCompletableFuture().get());
        assertSame(cause, e.getCause());
        CountDownLatch entered = new CountDownLatch(1);
        Task<@Nullable Void> endless = runtime.spawn(() -> Parked.forever(entered));
        entered.await();
        assertTrue(endless.toCompletableFuture().cancel(false));
        assertThrows(CancellationException.class, endless::join);
    }

    @Test
    void theFacadeNeedsARuntime() {
        assertThrows(IllegalStateException.class, () -> TokioJ.spawn(() -> 1));
        assertThrows(IllegalStateException.class, TaskGroup::failFast);
    }

    @Test
    void theFacadeRunsABodyAndItsFailures() throws Exception {
        RuntimeConfig config = combination.config().build();
        assertEquals(
                3,
                TokioJ.run(
                        config,
                        () -> TokioJ.spawnUrgent(() -> 1).join()
                                + TokioJ.spawnBackground(() -> 1).join()
                                + TokioJ.spawnBlocking(() -> 1).join()));
        assertThrows(
                IOException.class,
                () -> TokioJ.run(config, () -> {
                    throw new IOException("x");
                }));
        assertEquals(1, TokioJ.runHighPerf(() -> 1));
        assertEquals(1, TokioJ.runIoFocused(() -> 1));
        assertEquals(1, TokioJ.run(() -> 1));
    }

    @Test
    void pingPongBetweenTasksOnDifferentLoops() throws Exception {
        int rounds = 5_000;
        Thread[] sides = new Thread[2];
        AtomicBoolean[] turn = {new AtomicBoolean(true), new AtomicBoolean()};
        CountDownLatch ready = new CountDownLatch(2);
        List<Task<Integer>> tasks = new ArrayList<>();
        for (int s = 0; s < 2; s++) {
            int side = s;
            tasks.add(runtime.loops().get(side).spawn(Priority.NORMAL, "side", () -> {
                sides[side] = Thread.currentThread();
                ready.countDown();
                ready.await();
                int done = 0;
                for (int i = 0; i < rounds; i++) {
                    while (!turn[side].getAndSet(false)) {
                        LockSupport.park();
                    }
                    done++;
                    turn[1 - side].set(true);
                    LockSupport.unpark(sides[1 - side]);
                }
                return done;
            }));
        }
        for (Task<Integer> task : tasks) {
            assertEquals(rounds, task.join(LONG));
        }
    }

    @Test
    void manyTasksFromManyThreads() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<List<Task<Integer>>> tasks = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            List<Task<Integer>> mine = new ArrayList<>();
            tasks.add(mine);
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 3_000; i++) {
                    int number = i;
                    mine.add(runtime.spawn(() -> {
                        TokioJ.yieldNow();
                        return number;
                    }));
                }
            }));
        }
        for (int t = 0; t < 3; t++) {
            threads.get(t).join();
            for (int i = 0; i < 3_000; i++) {
                assertEquals(i, tasks.get(t).get(i).join(LONG));
            }
        }
    }

    @Test
    void locksMonitorsAndThreadsMadeInsideWork() throws Exception {
        Object monitor = new Object();
        int[] count = {0};
        try (TaskGroup group = TaskGroup.failFast(runtime)) {
            for (int i = 0; i < 8; i++) {
                group.spawn(() -> {
                    for (int k = 0; k < 200; k++) {
                        synchronized (monitor) {
                            count[0]++;
                            TokioJ.yieldNow();
                        }
                    }
                });
            }
            Task<Integer> inner = group.spawn(() -> {
                int[] seen = {0};
                List<Thread> children = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    children.add(Thread.ofVirtual().start(() -> {
                        LockSupport.parkNanos(1000);
                        synchronized (seen) {
                            seen[0]++;
                        }
                    }));
                }
                for (Thread child : children) {
                    child.join();
                }
                return seen[0];
            });
            group.join(LONG);
            assertEquals(10, inner.result());
        }
        assertEquals(1600, count[0]);
    }

    @Test
    void aRefusedSpawnLeavesNoTrace() throws Exception {
        try (AsyncRuntime small =
                AsyncRuntime.start(combination.config().maxTasks(2).build())) {
            CountDownLatch entered = new CountDownLatch(2);
            Task<@Nullable Void> a = small.spawn(() -> Parked.forever(entered));
            Task<@Nullable Void> b = small.spawn(() -> Parked.forever(entered));
            assertTrue(entered.await(20, TimeUnit.SECONDS));
            String message = String.valueOf(
                    assertThrows(java.util.concurrent.RejectedExecutionException.class, () -> small.spawn(() -> 1))
                            .getMessage());
            assertTrue(message.contains("RuntimeConfig.maxTasks"), message);
            assertThrows(java.util.concurrent.RejectedExecutionException.class, () -> small.spawnBlocking(() -> 1));
            assertEquals(2, small.liveTasks());
            a.cancel();
            b.cancel();
            while (small.liveTasks() > 0) {
                Thread.onSpinWait();
            }
            assertEquals(1, small.spawn(() -> 1).join());
        }
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The ways to spawn beside the plain one: futures, pools, and which loop. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class SpawnTest {
    private final Combination combination;
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    SpawnTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(
                combination.config().loops(3).drainTimeout(Duration.ZERO).build());
    }

    @AfterEach
    void close() {
        runtime.close();
        assertEquals(0, runtime.liveTasks());
        for (EventLoop loop : runtime.loops()) {
            assertEquals(0, loop.load().get());
        }
    }

    private static <T> Callable<T> failing(Exception e) {
        return () -> {
            throw e;
        };
    }

    private static void endless() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    @Test
    void spawnAsyncGivesAFutureWhoseCancellationReachesTheTask() throws Exception {
        assertEquals(5, runtime.spawnAsync(() -> 5).get(20, TimeUnit.SECONDS));
        assertEquals(
                6,
                runtime.spawn(() -> TokioJ.spawnAsync(() -> 5)
                                .thenApply(five -> five + 1)
                                .get())
                        .join());
        IOException cause = new IOException("meant to");
        ExecutionException e = assertThrows(
                ExecutionException.class,
                () -> runtime.spawnAsync(failing(cause)).get(20, TimeUnit.SECONDS));
        assertSame(cause, e.getCause());
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        CompletableFuture<Integer> future = runtime.spawnAsync(() -> {
            entered.countDown();
            try {
                endless();
            } catch (InterruptedException ended) {
                interrupted.countDown();
                throw ended;
            }
            return 1;
        });
        entered.await();
        assertTrue(future.cancel(true));
        interrupted.await();
    }

    @Test
    void aTaskFromAFutureEndsAsItDoes() throws Exception {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        Task<Integer> outer = runtime.spawn(() -> {
            Task<Integer> task = Task.from(future);
            return task.join() + 1;
        });
        future.complete(3);
        assertEquals(4, outer.join());
        IOException cause = new IOException("meant to");
        assertSame(
                cause,
                assertThrows(
                        IOException.class,
                        () -> runtime.spawn(() -> Task.from(CompletableFuture.failedFuture(cause))
                                        .join())
                                .join()));
        assertThrows(IllegalStateException.class, () -> Task.from(future));
        // Cancelling goes through.
        CompletableFuture<Integer> endless = new CompletableFuture<>();
        runtime.spawn(() -> {
                    Task<Integer> task = Task.from(endless);
                    assertTrue(task.cancel());
                    assertThrows(CancellationException.class, task::join);
                })
                .join();
        assertTrue(endless.isCancelled());
    }

    @Test
    void awaitGivesValueFailureAndInterrupt() throws Exception {
        assertEquals(1, TokioJ.await(CompletableFuture.completedFuture(1)), "also outside a runtime");
        CompletableFuture<Integer> later = new CompletableFuture<>();
        Task<Integer> waits = runtime.spawn(() -> TokioJ.await(later));
        later.complete(2);
        assertEquals(2, waits.join());
        CompletableFuture<Integer> never = new CompletableFuture<>();
        Task<Integer> cancelled = runtime.spawn(() -> TokioJ.await(never));
        cancelled.cancel();
        assertThrows(CancellationException.class, cancelled::join);
        assertFalse(never.isDone(), "waiting is not owning");
        never.cancel(false);
        assertThrows(CancellationException.class, () -> TokioJ.await(never));
        CompletableFuture<Boolean> refused = new CompletableFuture<>();
        runtime.loops().get(0).execute(() -> {
            assertThrows(IllegalStateException.class, () -> TokioJ.await(new CompletableFuture<>()));
            refused.complete(true);
        });
        assertTrue(refused.get(20, TimeUnit.SECONDS));
    }

    @Test
    void spawnComputeRunsInAWorkStealingPoolOfItsOwn() throws Exception {
        String name = runtime.spawn(
                        () -> TokioJ.spawnCompute(() -> Thread.currentThread().getName())
                                .join())
                .join();
        assertTrue(name.startsWith("tokioj-compute-"), name);
        boolean ours = runtime.spawnCompute(() -> {
                    assertNotNull(AsyncRuntime.current());
                    assertSame(runtime, AsyncRuntime.current());
                    ForkJoinPool pool = ForkJoinTaskPool.current();
                    // What it forks is done by the same pool.
                    assertEquals(499_500, IntStream.range(0, 1000).parallel().sum());
                    return pool != ForkJoinPool.commonPool();
                })
                .join();
        assertTrue(ours);
        IOException cause = new IOException("meant to");
        assertSame(cause, assertThrows(IOException.class, runtime.spawnCompute(failing(cause))::join));
    }

    /** The pool whose thread this is. */
    private static final class ForkJoinTaskPool {
        static ForkJoinPool current() {
            ForkJoinPool pool = java.util.concurrent.ForkJoinTask.getPool();
            assertNotNull(pool);
            return java.util.Objects.requireNonNull(pool);
        }
    }

    @Test
    void pooledTasksAreCancelledWhereTheyStand() throws Exception {
        for (boolean compute : List.of(false, true)) {
            SpawnOptions named = SpawnOptions.DEFAULT.named("heavy");
            CountDownLatch entered = new CountDownLatch(1);
            Callable<Integer> body = () -> {
                entered.countDown();
                endless();
                return 1;
            };
            Task<Integer> task = compute ? runtime.spawnCompute(named, body) : runtime.spawnBlocking(named, body);
            entered.await();
            assertEquals("heavy", task.name());
            assertEquals(TaskState.RUNNING, task.state());
            assertTrue(task.cancel());
            assertThrows(CancellationException.class, task::join);
            assertFalse(task.cancel());
            // The interrupt of one never reaches the next in the same thread.
            for (int i = 0; i < 200; i++) {
                Callable<Boolean> clean = () -> Thread.currentThread().isInterrupted();
                Task<Boolean> next = compute ? runtime.spawnCompute(clean) : runtime.spawnBlocking(clean);
                Task<Boolean> hit = compute ? runtime.spawnCompute(clean) : runtime.spawnBlocking(clean);
                hit.cancel();
                assertFalse(next.join());
            }
            SpawnOptions brief = SpawnOptions.DEFAULT.deadline(Duration.ofMillis(5));
            Task<@Nullable Void> late = compute
                    ? runtime.spawnCompute(brief, AsyncRuntime.valueless(SpawnTest::endless))
                    : runtime.spawnBlocking(brief, AsyncRuntime.valueless(SpawnTest::endless));
            assertThrows(CancellationException.class, late::join);
        }
    }

    private static EventLoop homeOf(Task<?> task) {
        return task.home();
    }

    @Test
    void theLoopIsTheOneThatWasChosen() throws Exception {
        List<Task<?>> parked = new ArrayList<>();
        ThrowingRunnable endless = SpawnTest::endless;
        EventLoop second = runtime.loops().get(1);
        for (int i = 0; i < 3; i++) {
            parked.add(runtime.spawn(SpawnOptions.DEFAULT.loop(LoopChoice.of(second)), endless));
        }
        assertEquals(3, second.load().get());
        for (Task<?> task : parked) {
            assertSame(second, homeOf(task));
        }
        // 0, 3, 0 -> 0, 2, 0, 2, 0, 2 and then the first of equals.
        int[] expected = {0, 2, 0, 2, 0, 2, 0};
        for (int index : expected) {
            Task<?> task = runtime.spawn(SpawnOptions.DEFAULT.loop(LoopChoice.LEAST_LOADED), endless);
            assertEquals(index, homeOf(task).index());
        }
        SpawnOptions inTurn = SpawnOptions.DEFAULT.loop(LoopChoice.ROUND_ROBIN);
        int first = homeOf(runtime.spawn(inTurn, endless)).index();
        for (int i = 1; i < 7; i++) {
            assertEquals((first + i) % 3, homeOf(runtime.spawn(inTurn, endless)).index());
        }
        if (combination.onLoop()) {
            assertSame(
                    second,
                    runtime.spawn(
                                    SpawnOptions.DEFAULT.loop(LoopChoice.of(second)),
                                    () -> homeOf(TokioJ.spawn(() -> {})))
                            .join(),
                    "own");
            assertSame(
                    second,
                    runtime.spawn(SpawnOptions.DEFAULT.loop(LoopChoice.of(second)), EventLoop::current)
                            .join());
        }
        try (AsyncRuntime other = AsyncRuntime.start(combination.config().build())) {
            EventLoop foreign = other.loops().get(0);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> runtime.spawn(SpawnOptions.DEFAULT.loop(LoopChoice.of(foreign)), endless));
        }
    }

    @Test
    void failuresThatNobodyAsksAfterAreCounted() throws Exception {
        RuntimeConfig config = combination.config().build();
        AsyncRuntime mine = AsyncRuntime.start(config);
        IOException meant = new IOException("meant to: this is logged");
        Task<Object> joined = mine.spawn("joined", failing(meant));
        assertThrows(IOException.class, joined::join);
        Task<Object> looked = mine.spawn("looked at", failing(meant));
        while (!looked.isDone()) {
            Thread.onSpinWait();
        }
        assertSame(meant, looked.failure());
        CompletableFuture<Object> future = mine.spawnAsync(failing(meant));
        assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
        mine.spawn("cancelled", SpawnTest::endless).cancel();
        mine.spawn("of something cancelled", failing(new CancellationException("meant to")));
        try (TaskGroup group = TaskGroup.collect(mine)) {
            group.spawn(failing(meant));
        }
        assertEquals(0, mine.unhandledFailures());
        mine.spawn("forgotten", failing(meant));
        mine.spawnBlocking(failing(meant));
        mine.spawnCompute(failing(meant));
        mine.close();
        assertEquals(3, mine.unhandledFailures(), "at the end nobody is given time");
    }
}

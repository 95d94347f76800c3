package dev.tokioj.runtime;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The façade: starts a runtime around a body, and inside it spawns, sleeps and yields. {@code spawn} and its kin use the
 * runtime whose task calls them, and run the new task on the caller's loop.
 */
public final class TokioJ {
    private TokioJ() {}

    /**
     * Starts a runtime with the defaults, runs the body as its first task, closes the runtime and returns.
     *
     * @return the body's value
     * @throws Exception what the body threw; {@link InterruptedException} if the caller was interrupted, after the body was
     *     cancelled
     * @throws IllegalStateException in a callback of a loop, which must not wait for the body
     */
    public static <T> T run(Callable<T> body) throws Exception {
        return run(RuntimeConfig.builder().build(), body);
    }

    /** As {@link #run(Callable)}, without a value. */
    public static void run(ThrowingRunnable body) throws Exception {
        run(AsyncRuntime.valueless(body));
    }

    /** As {@link #run(Callable)}, with {@link RuntimeConfig#highPerf()}. */
    public static <T> T runHighPerf(Callable<T> body) throws Exception {
        return run(RuntimeConfig.highPerf().build(), body);
    }

    /** As {@link #runHighPerf(Callable)}, without a value. */
    public static void runHighPerf(ThrowingRunnable body) throws Exception {
        runHighPerf(AsyncRuntime.valueless(body));
    }

    /** As {@link #run(Callable)}, with {@link RuntimeConfig#ioFocused()}. */
    public static <T> T runIoFocused(Callable<T> body) throws Exception {
        return run(RuntimeConfig.ioFocused().build(), body);
    }

    /** As {@link #runIoFocused(Callable)}, without a value. */
    public static void runIoFocused(ThrowingRunnable body) throws Exception {
        runIoFocused(AsyncRuntime.valueless(body));
    }

    /** As {@link #run(Callable)}, with settings of one's own. */
    public static <T> T run(RuntimeConfig config, Callable<T> body) throws Exception {
        // Before there is a runtime, which nobody could close here either.
        EventLoop.checkMayBlock("TokioJ.run");
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            Task<T> root = runtime.spawn("main", body);
            try {
                return root.join();
            } finally {
                root.cancel();
            }
        }
    }

    /** As {@link #run(RuntimeConfig, Callable)}, without a value. */
    public static void run(RuntimeConfig config, ThrowingRunnable body) throws Exception {
        run(config, AsyncRuntime.valueless(body));
    }

    /**
     * Spawns a task on the caller's runtime.
     *
     * @throws IllegalStateException outside a runtime
     * @throws java.util.concurrent.RejectedExecutionException as {@link AsyncRuntime#spawn(Callable)}
     */
    public static <T> Task<T> spawn(Callable<T> body) {
        return runtime("spawn").spawn(body);
    }

    /** As {@link #spawn(Callable)}, without a value. */
    public static Task<@Nullable Void> spawn(ThrowingRunnable body) {
        return runtime("spawn").spawn(body);
    }

    /** As {@link #spawn(Callable)}, with a name. */
    public static <T> Task<T> spawn(String name, Callable<T> body) {
        return runtime("spawn").spawn(name, body);
    }

    /** As {@link #spawn(Callable)}, with a name and without a value. */
    public static Task<@Nullable Void> spawn(String name, ThrowingRunnable body) {
        return runtime("spawn").spawn(name, body);
    }

    /** As {@link #spawn(Callable)}, with all options. */
    public static <T> Task<T> spawn(SpawnOptions options, Callable<T> body) {
        return runtime("spawn").spawn(options, body);
    }

    /** As {@link #spawn(Callable)}, with all options and without a value. */
    public static Task<@Nullable Void> spawn(SpawnOptions options, ThrowingRunnable body) {
        return runtime("spawn").spawn(options, body);
    }

    /** As {@link #spawn(Callable)}, before everything else that can run. */
    public static <T> Task<T> spawnUrgent(Callable<T> body) {
        return runtime("spawnUrgent").spawn(SpawnOptions.DEFAULT.priority(Priority.URGENT), body);
    }

    /** As {@link #spawnUrgent(Callable)}, without a value. */
    public static Task<@Nullable Void> spawnUrgent(ThrowingRunnable body) {
        return runtime("spawnUrgent").spawn(SpawnOptions.DEFAULT.priority(Priority.URGENT), body);
    }

    /** As {@link #spawn(Callable)}, behind everything else, but never starved ({@link Priority}). */
    public static <T> Task<T> spawnBackground(Callable<T> body) {
        return runtime("spawnBackground").spawn(SpawnOptions.DEFAULT.priority(Priority.BACKGROUND), body);
    }

    /** As {@link #spawnBackground(Callable)}, without a value. */
    public static Task<@Nullable Void> spawnBackground(ThrowingRunnable body) {
        return runtime("spawnBackground").spawn(SpawnOptions.DEFAULT.priority(Priority.BACKGROUND), body);
    }

    /** {@link AsyncRuntime#spawnAsync(Callable)} of the caller's runtime: as {@link #spawn(Callable)}, with the end as a future. */
    public static <T> CompletableFuture<T> spawnAsync(Callable<T> body) {
        return runtime("spawnAsync").spawnAsync(body);
    }

    /** {@link AsyncRuntime#spawnCompute(Callable)} of the caller's runtime. */
    public static <T> Task<T> spawnCompute(Callable<T> body) {
        return runtime("spawnCompute").spawnCompute(body);
    }

    /** As {@link #spawnCompute(Callable)}, without a value. */
    public static Task<@Nullable Void> spawnCompute(ThrowingRunnable body) {
        return runtime("spawnCompute").spawnCompute(body);
    }

    /** {@link AsyncRuntime#spawnBlocking(Callable)} of the caller's runtime. */
    public static <T> Task<T> spawnBlocking(Callable<T> body) {
        return runtime("spawnBlocking").spawnBlocking(body);
    }

    /** As {@link #spawnBlocking(Callable)}, without a value. */
    public static Task<@Nullable Void> spawnBlocking(ThrowingRunnable body) {
        return runtime("spawnBlocking").spawnBlocking(body);
    }

    /**
     * Waits this long, on the clock of the caller's runtime (outside one: the machine's), never shorter. On a loop the timer
     * wheel wakes it, which is more precise than {@link Thread#sleep}.
     *
     * @throws IllegalStateException in a callback of a loop
     */
    public static void sleep(Duration duration) throws InterruptedException {
        Clock clock = clock();
        sleepUntil(TokioJ.class, clock, Parking.deadlineIn(clock, Task.nanos(duration)));
    }

    /**
     * Runs the work in the caller's thread, but not longer than this: then it is cancelled, by an interrupt, as a task is, and
     * what it then throws becomes a {@link TimeoutException} with that as its cause. Work that yields a value all the same
     * keeps it. Limits nest: the one that passes first ends what it encloses, and no more. On the clock of the caller's
     * runtime.
     *
     * @return what the work returns
     * @throws TimeoutException when the time has passed; at once, without running the work, if the limit is not positive
     * @throws Exception what the work threw; if the task is cancelled meanwhile, what came of that
     * @throws IllegalStateException outside a runtime, or in a callback of a loop
     */
    public static <T> T timeout(Duration limit, Callable<T> work) throws Exception {
        return TimeLimit.call(runtime("timeout"), limit, work);
    }

    /** As {@link #timeout(Duration, Callable)}, without a value. */
    public static void timeout(Duration limit, ThrowingRunnable work) throws Exception {
        timeout(limit, AsyncRuntime.valueless(work));
    }

    /**
     * Waits for the end of somebody else's future.
     *
     * @return its value
     * @throws Exception what it failed with; {@link java.util.concurrent.CancellationException} if it was cancelled; {@link
     *     InterruptedException} if the caller is interrupted, which leaves the future alone
     * @throws IllegalStateException in a callback of a loop
     */
    public static <T> T await(CompletionStage<T> stage) throws Exception {
        EventLoop.checkMayBlock("TokioJ.await");
        try {
            return stage.toCompletableFuture().get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    /**
     * Runs the bodies as tasks and gives the value of the first that succeeds; the others are cancelled, and have ended when this
     * returns ({@link TaskGroup#race}).
     *
     * @throws Exception if all fail: what the first threw, with the others' suppressed in it
     * @throws IllegalArgumentException if there are no bodies
     */
    public static <T> T race(List<? extends Callable<? extends T>> bodies) throws Exception {
        if (bodies.isEmpty()) {
            throw new IllegalArgumentException("bodies: a race needs at least one");
        }
        List<Task<? extends T>> tasks = new ArrayList<>();
        try (TaskGroup group = TaskGroup.race(runtime("race"))) {
            for (Callable<? extends T> body : bodies) {
                tasks.add(group.spawn(body));
            }
            group.join();
            Task<?> winner = group.winner();
            for (Task<? extends T> task : tasks) {
                if (task == winner) {
                    return task.result();
                }
            }
            throw new IllegalStateException("a race was joined, and nobody had won it: " + tasks);
        }
    }

    /** Lets others run: those of this priority that were ready before, and those above. */
    @SuppressWarnings("ThreadPriorityCheck") // on a loop the scheduler is ours
    public static void yieldNow() {
        EventLoop.checkMayBlock("TokioJ.yieldNow");
        Thread.yield();
    }

    /** A beat at a fixed rate, on the clock of the caller's runtime; missed beats are skipped ({@link MissedTicks#SKIP}). */
    public static Interval interval(Duration period) {
        return interval(period, MissedTicks.SKIP);
    }

    /** A beat at a fixed rate, on the clock of the caller's runtime. */
    public static Interval interval(Duration period, MissedTicks missed) {
        return new Interval(clock(), period, missed);
    }

    static void sleepUntil(Object blocker, Clock clock, long deadline) throws InterruptedException {
        EventLoop.checkMayBlock("sleeping");
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (deadline - clock.nanoTime() <= 0) {
                return;
            }
            Parking.parkUntil(blocker, clock, deadline);
        }
    }

    /** {@link AsyncRuntime#createWaker()} of the caller's runtime. */
    public static TaskWaker createWaker() {
        return runtime("createWaker").createWaker();
    }

    /** {@link AsyncRuntime#createWaker(Runnable)} of the caller's runtime. */
    public static Waker createWaker(Runnable callback) {
        return runtime("createWaker").createWaker(callback);
    }

    /** {@link AsyncRuntime#registerIo(SelectableChannel)} of the caller's runtime. */
    public static IoRegistration registerIo(SelectableChannel channel) throws IOException {
        return runtime("registerIo").registerIo(channel);
    }

    /** {@link AsyncRuntime#registerIo(int)} of the caller's runtime. */
    public static IoRegistration registerIo(int fd) {
        return runtime("registerIo").registerIo(fd);
    }

    private static Clock clock() {
        AsyncRuntime runtime = AsyncRuntime.current();
        return runtime == null ? Clock.system() : runtime.clock();
    }

    private static AsyncRuntime runtime(String what) {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            throw new IllegalStateException("TokioJ." + what
                    + " belongs inside a runtime: call it in a body given to TokioJ.run, or use AsyncRuntime.spawn");
        }
        return runtime;
    }
}

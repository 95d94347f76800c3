package dev.tokioj.runtime;

import dev.tokioj.runtime.waiters.AnsweringBody;
import dev.tokioj.runtime.waiters.WaitSet;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Something that runs in a thread of its own, usually a virtual one, and ends once: with a value, with an exception, or
 * cancelled. Made by the {@code spawn} methods of {@link TokioJ}, {@link AsyncRuntime}, {@link EventLoop} and {@link
 * TaskGroup}. All methods: any thread, except that a loop's callbacks must not join.
 *
 * <p>A failure goes to those who join. It is logged at level DEBUG; if a second later nobody has joined the task, asked for its
 * {@link #failure} or its future, and it belongs to no group, it is logged as a WARNING with the task's name and counted ({@link
 * AsyncRuntime#unhandledFailures}).
 *
 * @param <T> its value
 */
public final class Task<T> {
    private static final VarHandle SELECTING;

    static {
        try {
            SELECTING = MethodHandles.lookup().findVarHandle(Task.class, "selecting", WaitSet.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AsyncRuntime runtime;
    private final EventLoop home;
    private final SpawnOptions options;
    private final Placement placement;
    private final Callable<T> body;
    private final Completion<T> completion;
    /** Set before it starts; for a blocking task, by the pool's thread before its body begins. */
    private volatile @Nullable Thread thread;

    /** Home loop's: armed while a deadline is ahead. */
    private @Nullable Timer deadlineTimer;

    private volatile boolean deadlinePassed;
    /** Whether somebody takes care of its end. */
    private volatile boolean observed;

    /** Home loop's: what this task sleeps with, kept for the next time. */
    @Nullable Timer sleepTimer;

    /** Home loop's: its list of the tasks that have begun. */
    @Nullable Task<?> previousOnLoop;

    @Nullable Task<?> nextOnLoop;

    /** Which of its runtime's tasks it is, and which spawned it: numbers and no references, which would keep what has ended. */
    private final long id;

    private final long parentId;
    /** When it was spawned, roughly, on the machine's clock. */
    private final long spawnedAt;

    /** Those who wait for its end in a select; made by the first. */
    @SuppressWarnings("unused") // written through SELECTING
    private volatile @Nullable WaitSet selecting;

    Task(
            AsyncRuntime runtime,
            EventLoop home,
            SpawnOptions options,
            Placement placement,
            boolean pooled,
            Callable<T> body) {
        this.runtime = runtime;
        this.home = home;
        this.options = options;
        this.placement = placement;
        this.body = body;
        this.completion = new Completion<>(pooled);
        this.id = runtime.taskCounters().spawn();
        this.parentId = spawner(runtime);
        this.spawnedAt = RuntimeEvents.areOn() ? Clock.system().nanoTime() : home.roughTime();
    }

    private static long spawner(AsyncRuntime runtime) {
        Task<?> spawner = current();
        return spawner == null || spawner.runtime != runtime ? 0 : spawner.id;
    }

    /** The task whose body (or a thread it made on its loop) is running here; null outside. */
    public static @Nullable Task<?> current() {
        EventLoop loop = EventLoop.current();
        return loop != null ? loop.runningTask() : TasksBesideLoops.current();
    }

    /**
     * A task on the caller's runtime that ends as the stage does. Cancelling it cancels the stage.
     *
     * @throws IllegalStateException outside a runtime
     * @throws RejectedExecutionException as {@link AsyncRuntime#spawn(Callable)}
     */
    public static <T> Task<T> from(CompletionStage<T> stage) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        Task<T> task = TokioJ.spawn(() -> TokioJ.await(future));
        task.completion.onDone(() -> {
            if (task.state() == TaskState.CANCELLED) {
                future.cancel(true);
            }
        });
        return task;
    }

    /** Its number among the tasks of its runtime, from 1 in the order of spawning; as {@link TaskDump} shows it. */
    public long id() {
        return id;
    }

    /** The number of the task that spawned it; 0: something else did. That task may have ended. */
    public long parentId() {
        return parentId;
    }

    /** Its name; null if it was given none. */
    public @Nullable String name() {
        return options.name();
    }

    /** Its priority among the tasks of its loop. */
    public Priority priority() {
        return options.priority();
    }

    /** Where it really runs. */
    public Placement placement() {
        return placement;
    }

    /** Where it stands. */
    public TaskState state() {
        return completion.state();
    }

    /** Whether it has ended. */
    public boolean isDone() {
        return completion.state().isDone();
    }

    /**
     * Waits for its end.
     *
     * @return its value
     * @throws Exception what its body threw, the very object; {@link CancellationException} if it was
     *     cancelled; {@link InterruptedException} if the caller is interrupted
     * @throws IllegalStateException from a callback of a loop, which must not wait
     */
    public T join() throws Exception {
        observed = true;
        completion.await(runtime.clock(), Completion.FOREVER);
        return completion.valueOrThrow(toString());
    }

    /**
     * Waits for its end, but not longer than this; the task itself goes on.
     *
     * @throws TimeoutException when the time has passed
     * @throws Exception as {@link #join()}
     */
    public T join(Duration timeout) throws Exception {
        observed = true;
        try {
            completion.await(runtime.clock(), Parking.deadlineIn(runtime.clock(), nanos(timeout)));
        } catch (TimeoutException e) {
            TimeoutException named = new TimeoutException(this + " has not ended in " + timeout);
            named.setStackTrace(e.getStackTrace());
            throw named;
        }
        return completion.valueOrThrow(toString());
    }

    /**
     * Asks it to stop: a body that has not begun never will; one that runs has its thread interrupted, once.
     *
     * @return whether that took: false if it had ended before. It may still end with a value, if it had that already
     */
    public boolean cancel() {
        return completion.cancel(this::interrupt);
    }

    /**
     * Its value, without waiting.
     *
     * @throws IllegalStateException unless it has {@link TaskState#SUCCEEDED}
     */
    public T result() {
        if (state() != TaskState.SUCCEEDED) {
            throw new IllegalStateException(this + " has no result");
        }
        return completion.value();
    }

    /**
     * What its body threw, without waiting; null if it was cancelled before it began.
     *
     * @throws IllegalStateException unless it has {@link TaskState#FAILED} or was {@link TaskState#CANCELLED}
     */
    public @Nullable Throwable failure() {
        observed = true;
        return completion.failure();
    }

    /** Its end as a future: completed in the task's own thread. Cancelling the future cancels the task. */
    public CompletableFuture<T> toCompletableFuture() {
        CompletableFuture<T> future = new CancellingFuture<>(this);
        onDone(() -> {
            try {
                future.complete(completion.valueOrThrow(toString()));
            } catch (Exception | Error e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    private static final class CancellingFuture<T> extends CompletableFuture<T> {
        private final Task<T> task;

        CancellingFuture(Task<T> task) {
            this.task = task;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            task.cancel();
            return super.cancel(mayInterruptIfRunning);
        }
    }

    /** Where a select waits for its end. For this module alone: the type is not exported. */
    public WaitSet selecting() {
        WaitSet known = selecting;
        if (known != null) {
            return known;
        }
        WaitSet made = new WaitSet();
        if (!SELECTING.compareAndSet(this, null, made)) {
            return Objects.requireNonNull(selecting);
        }
        // One hook for all selects there will ever be: a list of hooks would keep those of selects long over.
        onDone(made::wakeAll);
        return made;
    }

    /** Runs the hook when it ends, in the thread that ends it; who asks cares for its failure. The hook neither throws nor waits. */
    void onDone(Runnable hook) {
        observed = true;
        completion.onDone(hook);
    }

    /** Whether its cancellation was asked for while it ran, and it has not ended. */
    boolean isAskedToStop() {
        return switch (state()) {
            case INTERRUPTING, CANCELLING -> true;
            case CREATED, RUNNING, SUCCEEDED, FAILED, CANCELLED -> false;
        };
    }

    private void interrupt() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** Creates the thread; it is not started. */
    Thread createThread() {
        Thread created = switch (placement) {
            case LOOP ->
                OnLoopThreads.onLoop(new TaskExecutor(home, options.priority(), this), options.name(), this::runOnLoop);
            case SHARED -> OnLoopThreads.shared(options.name(), this::runShared);
        };
        thread = created;
        return created;
    }

    private void runOnLoop() {
        // No wait between here and the body: the list belongs to the loop, which carries us.
        home.tasks().add(this);
        try {
            run();
        } finally {
            home.tasks().remove(this);
            home.counters().taskEnded(state());
            runtime.release(home);
        }
    }

    private void runShared() {
        runtime.freeCarrier();
        runBeside();
    }

    /** In a thread of a pool. */
    void runPooled() {
        thread = Thread.currentThread();
        runBeside();
        thread = null;
        // A cancellation that the body did not notice must not hit the next.
        Thread.interrupted();
    }

    private void runBeside() {
        runtime.besideLoops().enter(this);
        try {
            run();
        } finally {
            runtime.besideLoops().leave(this);
            runtime.taskCounters().ended(state());
            runtime.release(home);
        }
    }

    private void run() {
        if (runtime.isCancelling()) {
            cancel();
        }
        if (!completion.begin()) {
            endDeadline();
            neverBegins();
            return;
        }
        Object event = RuntimeEvents.taskBegins();
        long queued = event == null ? 0 : age();
        try {
            completion.succeed(body.call());
        } catch (Throwable e) {
            completion.fail(e);
            failed(e);
        } finally {
            RuntimeEvents.taskEnds(event, this, queued);
            endDeadline();
        }
    }

    private void neverBegins() {
        if (body instanceof AnsweringBody answering) {
            try {
                answering.neverBegins(new CancellationException(this + " had not begun: " + runtime + " is closing"));
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    private void failed(Throwable e) {
        runtime.log().failed(this, e);
        // Who was interrupted, or waited for something that was cancelled, is as good as cancelled.
        boolean ended = e instanceof InterruptedException || e instanceof CancellationException;
        if (completion.state() == TaskState.FAILED && !ended) {
            runtime.unhandled().add(this, e);
        }
    }

    /** Whether somebody has asked how it ended, or will be told. */
    boolean isObserved() {
        return observed;
    }

    /** Any thread, at the spawn. */
    void startDeadline(Duration after) {
        runtime.checkTimers("the deadline of a task");
        long deadline = Parking.deadlineIn(runtime.clock(), nanos(after));
        home.execute(() -> {
            if (!isDone()) {
                Timer timer = home.newTimer(this::deadlinePassed);
                deadlineTimer = timer;
                timer.arm(deadline);
            }
        });
    }

    private void deadlinePassed() {
        deadlinePassed = true;
        cancel();
    }

    /** Any thread, after its end, also if it never began: or its timer would keep it until then. */
    void endDeadline() {
        if (options.deadline() != null) {
            home.execute(this::disarmDeadline);
        }
    }

    private void disarmDeadline() {
        if (deadlineTimer != null) {
            deadlineTimer.disarm();
        }
    }

    /** How long ago it was spawned, roughly, ns of the machine's clock. */
    long age() {
        return Math.max(0, Clock.system().nanoTime() - spawnedAt);
    }

    @Nullable Thread thread() {
        return thread;
    }

    AsyncRuntime runtime() {
        return runtime;
    }

    EventLoop home() {
        return home;
    }

    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    @Override
    public String toString() {
        String name = options.name();
        String passed = deadlinePassed ? ", its deadline of " + options.deadline() + " passed" : "";
        return "task " + (name == null ? "#" + id : "'" + name + "'") + " (" + state() + passed + ")";
    }
}

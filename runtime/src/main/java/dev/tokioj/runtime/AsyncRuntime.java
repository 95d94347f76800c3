package dev.tokioj.runtime;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Event loops, and the tasks on and beside them: what {@link TokioJ} uses, held in the hand. Several may live in one process
 * and know nothing of each other. Any thread.
 */
public final class AsyncRuntime implements AutoCloseable {
    private final RuntimeConfig config;
    private final Placement placement;
    private final LoopLog log = new LoopLog();
    private final LoopGroup loops;
    private final StallDetector stallDetector;
    private final WorkPool blocking;
    private final WorkPool compute;
    private final UnhandledFailures unhandled = new UnhandledFailures();
    private final Optional<CpuPinning> pinning;
    /** Told by each loop's thread at its start: null, or why it could not be pinned. */
    private final BlockingQueue<Optional<IOException>> pinned = new LinkedBlockingQueue<>();

    private final TaskCounters taskCounters = new TaskCounters();
    private final Admission admission;
    private final TasksBesideLoops besideLoops;
    private final Shutdown shutdown;

    /** With one poller a loop, or, without I/O, with none. */
    private AsyncRuntime(RuntimeConfig config, List<Poller> pollers, Optional<CpuPinning> pinning) {
        this.config = config;
        this.pinning = pinning;
        this.admission = new Admission(config);
        if (config.placement() == Placement.LOOP && OnLoopThreads.unavailable() != null) {
            OnLoopThreads.sayUnavailableOnce();
            this.placement = Placement.SHARED;
        } else {
            this.placement = config.placement();
        }
        List<EventLoop> made = new ArrayList<>();
        for (int i = 0; i < config.loops(); i++) {
            made.add(new EventLoop(this, i, pollers.isEmpty() ? null : pollers.get(i)));
        }
        this.loops = new LoopGroup(made);
        this.stallDetector = new StallDetector(config, made, log, unhandled);
        this.blocking = WorkPool.blocking(config, this::freeCarrier);
        this.compute = WorkPool.compute(config, this::freeCarrier);
        this.besideLoops = new TasksBesideLoops(loops, admission, List.of(blocking, compute));
        this.shutdown = new Shutdown(config, admission, loops, besideLoops, blocking, compute, stallDetector, log);
    }

    /**
     * Starts a runtime.
     *
     * @throws IOException if the machine refuses what a loop needs, or {@link Poller.Kind#EPOLL} is asked for and cannot be
     *     had, or a loop cannot be pinned as {@link RuntimeConfig#cpus} says; the message says why
     */
    public static AsyncRuntime start(RuntimeConfig config) throws IOException {
        List<Poller> pollers = new ArrayList<>();
        AsyncRuntime runtime;
        try {
            for (int i = 0; i < config.loops() && config.enableIo(); i++) {
                pollers.add(Poller.open(config.poller(), Task.nanos(config.timerSlack()), config.maxEventsPerPoll()));
            }
            runtime = new AsyncRuntime(config, pollers, CpuPinning.of(config.cpus()));
        } catch (IOException | RuntimeException | Error e) {
            for (Poller poller : pollers) {
                try {
                    poller.close();
                } catch (Exception closing) {
                    e.addSuppressed(closing);
                }
            }
            throw e;
        }
        runtime.startThreads();
        if (runtime.pinning.isPresent()) {
            runtime.awaitPinned();
        }
        return runtime;
    }

    private void startThreads() {
        try {
            RuntimeEvents.atStart();
            stallDetector.start();
            loops.forEach(EventLoop::start);
        } catch (RuntimeException | Error e) { // no memory for another thread, say
            close();
            loops.forEach(EventLoop::endUnstarted);
            throw e;
        }
    }

    private void awaitPinned() throws IOException {
        try {
            for (int i = 0; i < loops.size(); i++) {
                Optional<IOException> failure = pinned.take();
                if (failure.isPresent()) {
                    close();
                    throw failure.get();
                }
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the runtime was started");
        }
    }

    /** Starts a runtime with the defaults. */
    public static AsyncRuntime start() throws IOException {
        return start(RuntimeConfig.builder().build());
    }

    /** The runtime whose task or loop the calling code is part of; null outside. */
    public static @Nullable AsyncRuntime current() {
        EventLoop loop = EventLoop.current();
        if (loop != null) {
            return loop.runtime();
        }
        Task<?> task = TasksBesideLoops.current();
        return task == null ? null : task.runtime();
    }

    /** Its settings. */
    public RuntimeConfig config() {
        return config;
    }

    /** Its loops. */
    public LoopGroup loops() {
        return loops;
    }

    /** Where tasks really run unless told otherwise: {@link Placement#SHARED} if they cannot run on loops here. */
    public Placement placement() {
        return placement;
    }

    /** The time of its timers and deadlines. */
    public Clock clock() {
        return config.clock();
    }

    /** How many tasks live: spawned and not ended. */
    public int liveTasks() {
        return admission.live();
    }

    /**
     * How many tasks have failed without anybody asking: not joined, looked at or in a group a second after they failed ({@link
     * Task}). They are logged with their names.
     */
    public long unhandledFailures() {
        return unhandled.count();
    }

    /** How many turns of its loops were longer than {@link RuntimeConfig#stallThreshold()}. */
    public long stalls() {
        return stallDetector.stalls();
    }

    /** What it has done since it started, and what waits in it. Cheap enough for every second. Any thread. */
    public RuntimeStats stats() {
        return taskCounters.stats(this);
    }

    /**
     * The tasks that live, as a tree, each with where it is parked. Asks the loops and waits for their answers, at most a
     * second; a loop that is stalled is named instead.
     *
     * @throws IllegalStateException in a callback of a loop
     */
    public TaskDump dumpTasks() {
        return TaskDump.of(this);
    }

    /**
     * Spawns a task: on the caller's loop if it is one of this runtime's, else on the next ({@link LoopChoice#OWN}).
     *
     * @throws TaskLimitException if there are {@link RuntimeConfig#maxTasks} already
     * @throws RejectedExecutionException if the runtime is closing
     */
    public <T> Task<T> spawn(Callable<T> body) {
        return spawn(SpawnOptions.DEFAULT, body);
    }

    /** As {@link #spawn(Callable)}, without a value. */
    public Task<@Nullable Void> spawn(ThrowingRunnable body) {
        return spawn(SpawnOptions.DEFAULT, body);
    }

    /** As {@link #spawn(Callable)}, with a name. */
    public <T> Task<T> spawn(String name, Callable<T> body) {
        return spawn(SpawnOptions.DEFAULT.named(name), body);
    }

    /** As {@link #spawn(Callable)}, with a name and without a value. */
    public Task<@Nullable Void> spawn(String name, ThrowingRunnable body) {
        return spawn(SpawnOptions.DEFAULT.named(name), body);
    }

    /** As {@link #spawn(Callable)}, with all options. */
    public <T> Task<T> spawn(SpawnOptions options, Callable<T> body) {
        return spawnOn(choose(options.loop()), options, body);
    }

    /** As {@link #spawn(Callable)}, with all options and without a value. */
    public Task<@Nullable Void> spawn(SpawnOptions options, ThrowingRunnable body) {
        return spawn(options, valueless(body));
    }

    /**
     * As {@link #spawn(Callable)}, with the end as a future: completed in the task's own thread. Cancelling the future cancels
     * the task.
     */
    public <T> CompletableFuture<T> spawnAsync(Callable<T> body) {
        return spawn(body).toCompletableFuture();
    }

    /**
     * Runs the body in a platform thread of a pool of {@link RuntimeConfig#blockingThreads}: for what blocks a thread and
     * not only a virtual one (files, native code). Waits its turn if all are busy.
     *
     * @throws TaskLimitException if {@link RuntimeConfig#blockingQueue} tasks wait already, or there are {@link
     *     RuntimeConfig#maxTasks}
     * @throws RejectedExecutionException if the runtime is closing
     */
    public <T> Task<T> spawnBlocking(Callable<T> body) {
        return spawnBlocking(SpawnOptions.DEFAULT, body);
    }

    /** As {@link #spawnBlocking(Callable)}, without a value. */
    public Task<@Nullable Void> spawnBlocking(ThrowingRunnable body) {
        return spawnBlocking(SpawnOptions.DEFAULT, valueless(body));
    }

    /** As {@link #spawnBlocking(Callable)}, with a name or a deadline; where it runs is settled, and its priority has no effect. */
    public <T> Task<T> spawnBlocking(SpawnOptions options, Callable<T> body) {
        return spawnPooled(blocking, options, body);
    }

    /**
     * Runs the body in a platform thread of a work-stealing pool of {@link RuntimeConfig#computeThreads}: for computations,
     * which may fork there ({@link java.util.concurrent.ForkJoinTask}, parallel streams). Waits its turn if all are busy.
     *
     * @throws TaskLimitException if {@link RuntimeConfig#computeQueue} tasks wait already, or there are {@link
     *     RuntimeConfig#maxTasks}
     * @throws RejectedExecutionException if the runtime is closing
     */
    public <T> Task<T> spawnCompute(Callable<T> body) {
        return spawnCompute(SpawnOptions.DEFAULT, body);
    }

    /** As {@link #spawnCompute(Callable)}, without a value. */
    public Task<@Nullable Void> spawnCompute(ThrowingRunnable body) {
        return spawnCompute(SpawnOptions.DEFAULT, valueless(body));
    }

    /** As {@link #spawnCompute(Callable)}, with a name or a deadline; where it runs is settled, and its priority has no effect. */
    public <T> Task<T> spawnCompute(SpawnOptions options, Callable<T> body) {
        return spawnPooled(compute, options, body);
    }

    /**
     * Runs the body in a virtual thread of the JDK's scheduler, also where the caller is on a loop, whose scheduler a thread made there
     * would inherit. It is no task: nobody counts, refuses or cancels it, and no runtime waits for it. For what must be done all the
     * same, such as closing.
     */
    public static void startBeside(String name, Runnable body) {
        OnLoopThreads.shared(name, body).start();
    }

    /** A waker for a task, or for any other thread that may wait. */
    public TaskWaker createWaker() {
        return new TaskWaker();
    }

    /** A waker that runs the callback on the caller's loop if it is one of this runtime's, else on the next. */
    public Waker createWaker(Runnable callback) {
        return loopHere().newSignal(callback);
    }

    /**
     * Registers a channel in non-blocking mode, at the caller's loop if it is one of this runtime's, else at the next. The JDK
     * does not tell a channel's descriptor, so at a loop with epoll a thread with the JDK's selector waits for it.
     *
     * @throws IOException out of descriptors, or the loop has ended
     */
    public IoRegistration registerIo(SelectableChannel channel) throws IOException {
        return IoRegistration.open(loopHere(), channel, channel, () -> {});
    }

    /**
     * Registers a non-blocking file descriptor, by level, as {@link #registerIo(SelectableChannel)}. Linux with epoll only.
     *
     * @throws UnsupportedOperationException the loops do not wait with epoll; the message says what that needs
     */
    public IoRegistration registerIo(int fd) {
        return IoRegistration.open(loopHere(), fd, IoRegistration.Trigger.LEVEL, "descriptor " + fd, () -> {});
    }

    /** The caller's loop if it is one of this runtime's, else the next. */
    public EventLoop loopHere() {
        EventLoop here = EventLoop.current();
        return here != null && here.runtime() == this ? here : loops.next();
    }

    /**
     * Closes: takes no more tasks from outside and lets those that live end ({@link RuntimeConfig#drainTimeout}); cancels
     * what is left and waits again ({@link RuntimeConfig#cancelTimeout}); ends the loops, which close what was registered with
     * {@link EventLoop#atClose}, and joins all its threads, for as long again at most. So it returns after {@code drainTimeout +
     * 2 * cancelTimeout} at the latest, or a second later where the log is slow. An interrupt of the caller skips the first wait. What ignores all this (a task that
     * swallows its interrupt, a thread that computes on) is named in the log and left behind, as a daemon. Idempotent; a
     * second caller waits for the first.
     *
     * @throws IllegalStateException from a task or a callback of this runtime, which would wait for itself
     */
    @Override
    public void close() {
        if (current() == this) {
            throw new IllegalStateException("a task or callback cannot close its own runtime: it would wait for its own"
                    + " end; close from the thread that started the runtime");
        }
        if (EventLoop.current() != null) {
            EventLoop.checkMayBlock("AsyncRuntime.close");
        }
        if (shutdown.run()) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- for this package

    private EventLoop choose(LoopChoice choice) {
        if (choice instanceof LoopChoice.Given given) {
            if (given.loop().runtime() != this) {
                throw new IllegalArgumentException(
                        "loop: " + given.loop() + " is of another runtime than " + config.name());
            }
            return given.loop();
        }
        return switch ((LoopChoice.Rule) choice) {
            case OWN -> loopHere();
            case ROUND_ROBIN -> loops.next();
            case LEAST_LOADED -> loops.leastLoaded();
        };
    }

    private <T> Task<T> spawnPooled(WorkPool pool, SpawnOptions options, Callable<T> body) {
        EventLoop loop = choose(options.loop());
        admission.admit(this, loop, options.priority());
        Task<T> task = null;
        try {
            task = new Task<>(this, loop, options, Placement.SHARED, true, body);
            if (options.deadline() != null) {
                task.startDeadline(options.deadline());
            }
            // From here on, so that closing cancels also what waits for a thread.
            besideLoops.add(task);
            pool.execute(task);
            return task;
        } catch (RuntimeException | Error e) {
            if (task != null) {
                task.cancel();
                task.endDeadline();
                besideLoops.remove(task);
            }
            admission.release(loop);
            throw e;
        }
    }

    <T> Task<T> spawnOn(EventLoop loop, SpawnOptions options, Callable<T> body) {
        admission.admit(this, loop, options.priority());
        try {
            Task<T> task = new Task<>(this, loop, options, effective(options.placement()), false, body);
            Thread thread = task.createThread();
            if (options.deadline() != null) {
                task.startDeadline(options.deadline());
            }
            thread.start();
            return task;
        } catch (RuntimeException | Error e) {
            admission.release(loop);
            throw e;
        }
    }

    private Placement effective(@Nullable Placement wanted) {
        if (wanted == null) {
            return placement;
        }
        if (wanted == Placement.LOOP && OnLoopThreads.unavailable() != null) {
            OnLoopThreads.sayUnavailableOnce();
            return Placement.SHARED;
        }
        return wanted;
    }

    boolean isCancelling() {
        return switch (admission.state()) {
            case OPEN, DRAINING -> false;
            case CANCELLING, CLOSED -> true;
        };
    }

    /** A task of this loop has ended. */
    void release(EventLoop loop) {
        admission.release(loop);
    }

    TasksBesideLoops besideLoops() {
        return besideLoops;
    }

    /** In the carrier of a task beside the loops, which a pinned loop may have made. */
    void freeCarrier() {
        if (pinning.isPresent()) {
            pinning.get().free();
        }
    }

    /** In a loop's thread, first. */
    void pin(int loop) {
        if (pinning.isEmpty()) {
            return;
        }
        try {
            pinning.get().pin(loop);
            pinned.add(Optional.empty());
        } catch (IOException e) {
            pinned.add(Optional.of(e));
        }
    }

    /**
     * Throws if it was started without timers, before anything is begun that needs them.
     *
     * @param what needs them, for the message
     * @throws DisabledException without {@link RuntimeConfig#enableTimers}
     */
    public void checkTimers(String what) {
        if (!config.enableTimers()) {
            throw new DisabledException("enableTimers", what);
        }
    }

    UnhandledFailures unhandled() {
        return unhandled;
    }

    long stalls(int loop) {
        return stallDetector.stalls(loop);
    }

    TaskCounters taskCounters() {
        return taskCounters;
    }

    LoopLog log() {
        return log;
    }

    static Callable<@Nullable Void> valueless(ThrowingRunnable body) {
        return () -> {
            body.run();
            return null;
        };
    }

    @Override
    public String toString() {
        return config.name() + " (" + loops.size() + " loops, " + placement + ", " + admission.state() + ")";
    }
}

package dev.tokioj.runtime;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Event loops, and the tasks on and beside them: what {@link TokioJ} uses, held in the hand. Several may live in one process
 * and know nothing of each other. Any thread.
 */
public final class AsyncRuntime implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AsyncRuntime.class.getName());
    private static final ThreadLocal<Task<?>> SHARED_TASK = new ThreadLocal<>();

    private enum State {
        /** Takes tasks from everybody. */
        OPEN,
        /** Closing: takes tasks only from its own tasks, which are given time to end. */
        DRAINING,
        /** Takes no tasks; those that live were cancelled. */
        CANCELLING,
        /** Its loops have ended. */
        CLOSED
    }

    private final RuntimeConfig config;
    private final Placement placement;
    private final LoopLog log = new LoopLog();
    private final LoopGroup loops;
    private final StallDetector stallDetector;
    private final ThreadPoolExecutor blocking;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final AtomicInteger liveTasks = new AtomicInteger();
    /** The tasks that run beside the loops; those on a loop are in its own list. */
    private final Set<Task<?>> sharedTasks = ConcurrentHashMap.newKeySet();

    private final CountDownLatch closed = new CountDownLatch(1);
    /** Who waits for the last task to end. */
    private volatile @Nullable Thread closer;

    private AsyncRuntime(RuntimeConfig config, List<Poller> pollers) {
        this.config = config;
        if (config.placement() == Placement.LOOP && OnLoopThreads.unavailable() != null) {
            OnLoopThreads.sayUnavailableOnce();
            this.placement = Placement.SHARED;
        } else {
            this.placement = config.placement();
        }
        List<EventLoop> made = new ArrayList<>();
        for (Poller poller : pollers) {
            made.add(new EventLoop(this, made.size(), poller));
        }
        this.loops = new LoopGroup(made);
        this.stallDetector = new StallDetector(config, made, log);
        AtomicInteger number = new AtomicInteger();
        this.blocking = new ThreadPoolExecutor(
                config.blockingThreads(),
                config.blockingThreads(),
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                body -> Thread.ofPlatform()
                        .daemon()
                        .name(config.name() + "-blocking-" + number.getAndIncrement())
                        .unstarted(body));
        blocking.allowCoreThreadTimeOut(true);
    }

    /**
     * Starts a runtime.
     *
     * @throws IOException if the machine refuses what a loop needs, or {@link Poller.Kind#EPOLL} is asked for and cannot be
     *     had; the message says why
     */
    public static AsyncRuntime start(RuntimeConfig config) throws IOException {
        List<Poller> pollers = new ArrayList<>();
        try {
            for (int i = 0; i < config.loops(); i++) {
                pollers.add(Poller.open(config.poller(), config.fineTimers()));
            }
        } catch (IOException | RuntimeException e) {
            for (Poller poller : pollers) {
                try {
                    poller.close();
                } catch (Exception closing) {
                    e.addSuppressed(closing);
                }
            }
            throw e;
        }
        AsyncRuntime runtime = new AsyncRuntime(config, pollers);
        runtime.stallDetector.start();
        runtime.loops.forEach(EventLoop::start);
        return runtime;
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
        Task<?> task = sharedTask();
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
        return liveTasks.get();
    }

    /** How many turns of its loops were longer than {@link RuntimeConfig#stallThreshold()}. */
    public long stalls() {
        return stallDetector.stalls();
    }

    /**
     * Spawns a task: on the caller's loop if it is one of this runtime's, else on the next.
     *
     * @throws RejectedExecutionException if there are {@link RuntimeConfig#maxTasks} already, or the runtime is closing
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
        EventLoop here = EventLoop.current();
        return spawnOn(here != null && here.runtime() == this ? here : loops.next(), options, body);
    }

    /** As {@link #spawn(Callable)}, with all options and without a value. */
    public Task<@Nullable Void> spawn(SpawnOptions options, ThrowingRunnable body) {
        return spawn(options, valueless(body));
    }

    /**
     * Runs the body in a platform thread of a pool of {@link RuntimeConfig#blockingThreads}: for what blocks a thread and
     * not only a virtual one (files, native code), and for long computations. Waits its turn if all are busy.
     *
     * @throws RejectedExecutionException as {@link #spawn(Callable)}
     */
    public <T> Task<T> spawnBlocking(Callable<T> body) {
        admit();
        try {
            Task<T> task = new Task<>(this, loops.next(), SpawnOptions.DEFAULT, Placement.SHARED, true, body);
            blocking.execute(task::runBlocking);
            return task;
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    /** As {@link #spawnBlocking(Callable)}, without a value. */
    public Task<@Nullable Void> spawnBlocking(ThrowingRunnable body) {
        return spawnBlocking(valueless(body));
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
     * what is left and waits again ({@link RuntimeConfig#cancelTimeout}); ends the loops and joins their threads. An
     * interrupt of the caller skips the first wait. A task that ignores all this is named in the log. Idempotent; a second
     * caller waits for the first.
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
        boolean interrupted = false;
        if (transition(State.OPEN, State.DRAINING)) {
            try {
                interrupted = shutDown();
            } finally {
                closed.countDown();
            }
        } else {
            while (true) {
                try {
                    closed.await();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the caller was interrupted. */
    private boolean shutDown() {
        closer = Thread.currentThread();
        boolean interrupted = awaitNoTasks(Task.nanos(config.drainTimeout()), true);
        transition(State.DRAINING, State.CANCELLING);
        for (EventLoop loop : loops) {
            loop.execute(() -> loop.tasks().cancelAll());
        }
        sharedTasks.forEach(Task::cancel);
        interrupted |= awaitNoTasks(Task.nanos(config.cancelTimeout()), false);
        int left = liveTasks.get();
        if (left > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} of the tasks of {1} ignored their cancellation and are left behind",
                    left,
                    config.name());
        }
        closer = null;
        blocking.shutdown();
        loops.forEach(EventLoop::stop);
        long deadline = Clock.system().nanoTime() + Task.nanos(config.cancelTimeout());
        for (EventLoop loop : loops) {
            interrupted |= join(loop.thread(), deadline);
        }
        transition(State.CANCELLING, State.CLOSED);
        stallDetector.stop();
        interrupted |= join(stallDetector.thread(), deadline);
        return interrupted;
    }

    /** The one place where the state changes, along the order of the constants. */
    private boolean transition(State from, State to) {
        boolean next = switch (from) {
            case OPEN -> to == State.DRAINING;
            case DRAINING -> to == State.CANCELLING;
            case CANCELLING -> to == State.CLOSED;
            case CLOSED -> false;
        };
        if (!next) {
            throw new IllegalStateException("a runtime does not go from " + from + " to " + to);
        }
        return state.compareAndSet(from, to);
    }

    private State state() {
        return Objects.requireNonNull(state.get());
    }

    private boolean awaitNoTasks(long nanos, boolean endsWhenInterrupted) {
        long deadline = Clock.system().nanoTime() + nanos;
        boolean interrupted = false;
        while (liveTasks.get() > 0) {
            long left = deadline - Clock.system().nanoTime();
            if (left <= 0 || (interrupted && endsWhenInterrupted)) {
                break;
            }
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        return interrupted;
    }

    private static boolean join(Thread thread, long deadline) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            long left = deadline - Clock.system().nanoTime();
            if (left <= 0) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "The thread " + thread.getName() + " does not end; it is held here: "
                                + List.of(thread.getStackTrace()));
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(left, 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    // ---- for this package

    <T> Task<T> spawnOn(EventLoop loop, SpawnOptions options, Callable<T> body) {
        admit();
        try {
            Task<T> task = new Task<>(this, loop, options, effective(options.placement()), false, body);
            Thread thread = task.createThread();
            if (options.deadline() != null) {
                task.startDeadline(options.deadline());
            }
            thread.start();
            return task;
        } catch (RuntimeException | Error e) {
            release();
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

    /** Limits are checked before a task exists: later nothing may be refused. */
    private void admit() {
        int live = liveTasks.incrementAndGet();
        String why = switch (state()) {
            case OPEN -> null;
            case DRAINING -> current() == this ? null : "the runtime is closing";
            case CANCELLING -> "the runtime is closing and has cancelled its tasks";
            case CLOSED -> "the runtime is closed";
        };
        if (why == null && (live > config.maxTasks() || live < 0)) {
            why = config.maxTasks() + " tasks live already, which is RuntimeConfig.maxTasks";
        }
        if (why != null) {
            release();
            throw Task.refused(why);
        }
    }

    /** A task that was admitted has ended. */
    void release() {
        if (liveTasks.decrementAndGet() == 0) {
            LockSupport.unpark(closer);
        }
    }

    boolean isCancelling() {
        State now = state();
        return now == State.CANCELLING || now == State.CLOSED;
    }

    /** In the task's thread. */
    void enterShared(Task<?> task) {
        SHARED_TASK.set(task);
        sharedTasks.add(task);
    }

    /** In the task's thread. */
    void leaveShared(Task<?> task) {
        sharedTasks.remove(task);
        SHARED_TASK.remove();
    }

    static @Nullable Task<?> sharedTask() {
        return SHARED_TASK.get();
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
        return config.name() + " (" + loops.size() + " loops, " + placement + ", " + state() + ")";
    }
}

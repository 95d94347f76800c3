package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.Completion;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Waiting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Connections kept for reuse, by address. {@link #borrow} lends one that is free, or makes one while there is room, or waits its
 * turn; the {@link Lease} gives it back. All methods: any thread; what waits parks a virtual or platform thread and throws {@link
 * IllegalStateException} in a callback of a loop. Giving back, {@link #retire}, {@link #raiseLimit}, {@link #stats} and {@link
 * #shutdown} never wait.
 *
 * <p>Connecting, checking and closing run beside the loops, on the JDK's scheduler, and nobody waits for them but who needs
 * their result: the pool holds nothing meanwhile. Time-outs and cleaning up are by the runtime's timers and clock. Who waits for one
 * address is served in the order of coming; no address starves another where {@link PoolConfig#maxTotal} is reached: an idle
 * connection of another makes room, and if all are in use the next that is given back, for an address that has none.
 *
 * <p>{@code equals} and {@code hashCode} of the addresses must not wait.
 *
 * <p>The pool ends with {@link #close}, or with its runtime.
 *
 * @param <K> the address
 * @param <C> the connection
 */
public final class ConnectionPool<K, C> implements AutoCloseable {
    private final PoolConfig config;
    private final Serial serial = new Serial();
    private final Figures figures = new Figures();
    private final LeakWatch leaks;
    private final PoolTasks<K, C> tasks;
    private final PoolState<K, C> state;
    private final PoolAlarm alarm;
    /** Ends when the pool is shut, everything was given back, and all is closed. */
    private final Completion<Boolean> over = new Completion<>(false);

    private ConnectionPool(AsyncRuntime runtime, Connector<K, C> connector, PoolConfig config) {
        this.config = config;
        this.leaks = new LeakWatch(config.leakSampling());
        this.alarm = new PoolAlarm(runtime.loops().next(), this::onAlarm, this::shutdown);
        this.tasks = new PoolTasks<>(this, runtime, connector, alarm);
        this.state = new PoolState<>(config, connector.maxLeases(), runtime.clock(), figures, tasks);
        over.begin();
    }

    /**
     * A pool, empty at first, whose tasks and timers are this runtime's.
     *
     * @throws dev.tokioj.runtime.DisabledException the runtime has no timers
     */
    public static <K, C> ConnectionPool<K, C> open(AsyncRuntime runtime, Connector<K, C> connector, PoolConfig config) {
        runtime.checkTimers("a connection pool");
        if (connector.maxLeases() < 1) {
            throw new IllegalArgumentException("maxLeases: must be 1 or more, is " + connector.maxLeases());
        }
        ConnectionPool<K, C> pool = new ConnectionPool<>(runtime, connector, config);
        pool.alarm.start();
        return pool;
    }

    /**
     * As {@link #open(AsyncRuntime, Connector, PoolConfig)}, on the caller's runtime.
     *
     * @throws IllegalStateException outside a runtime
     */
    public static <K, C> ConnectionPool<K, C> open(Connector<K, C> connector, PoolConfig config) {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            throw new IllegalStateException("a pool needs a runtime for its timers: open it in a task, or give it one");
        }
        return open(runtime, connector, config);
    }

    /** As {@link #borrow(Object, Duration)}, waiting {@link PoolConfig#borrowTimeout} at most. */
    public Lease<K, C> borrow(K key) throws IOException {
        return borrow(key, config.borrowTimeout());
    }

    /**
     * Lends a connection to this address, waiting until there is one, {@code timeout} at most, on the clock of the caller's runtime.
     * Who gives up loses nothing: a connection that comes then is the next one's.
     *
     * @throws PoolTimeoutException if there was none in time
     * @throws PoolConnectException if one was being made for the caller and that failed
     * @throws PoolFullException if {@link PoolConfig#maxWaiting} others wait
     * @throws PoolClosedException if the pool is closed, or was closed meanwhile
     * @throws InterruptedIOException if the caller was interrupted; the flag stays set
     * @throws dev.tokioj.runtime.DisabledException if the caller's runtime has no timers
     */
    public Lease<K, C> borrow(K key, Duration timeout) throws IOException {
        EventLoop.checkMayBlock("ConnectionPool.borrow");
        AsyncRuntime callers = AsyncRuntime.current();
        if (callers != null) {
            // Before it stands in the line, where a connection would be given to who has gone.
            callers.checkTimers("ConnectionPool.borrow");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted(key);
        }
        takeLost();
        Waiting waiting = Waiting.current();
        long start = waiting.nanoTime();
        long deadline = start + nanos(timeout);
        Waiter<K, C> waiter = new Waiter<>(key);
        serial.run(() -> state.enqueue(waiter));
        Lease<K, C> lease = await(waiter, waiting, deadline, timeout);
        long waited = waiting.nanoTime() - start;
        serial.run(() -> figures.waited(waited));
        return lease;
    }

    private Lease<K, C> await(Waiter<K, C> waiter, Waiting waiting, long deadline, Duration timeout)
            throws IOException {
        while (true) {
            switch (waiter.outcome()) {
                case Waiter.Outcome.Granted<K, C>(Hold<K, C> hold) -> {
                    return new Lease<>(hold, leaks);
                }
                case Waiter.Outcome.Failed<K, C>(Waiter.Reason reason, Throwable cause) ->
                    throw failure(waiter.key, reason, cause);
                case Waiter.Outcome.Claimed<K, C> _ -> waiting.parkUntil(this, Long.MAX_VALUE); // in a moment
                case Waiter.Outcome.GaveUp<K, C> _ -> throw new IllegalStateException("awaited twice");
                case Waiter.Outcome.Pending<K, C> _ -> {
                    if (Thread.currentThread().isInterrupted()) {
                        if (waiter.giveUp()) {
                            serial.run(() -> state.forget(waiter));
                            throw interrupted(waiter.key);
                        }
                        // There was an answer; the interrupt is for the next wait.
                    } else if (deadline - waiting.nanoTime() > 0) {
                        waiting.parkUntil(this, deadline);
                    } else if (waiter.giveUp()) {
                        serial.run(() -> state.leave(waiter));
                        throw new PoolTimeoutException(config.name() + ": no connection to " + waiter.key + " in "
                                + timeout + " (" + stats()
                                + "); return leases sooner, or raise borrowTimeout, maxPerKey ("
                                + config.maxPerKey() + ") or maxTotal (" + config.maxTotal() + ")");
                    }
                }
            }
        }
    }

    private PoolException failure(K key, Waiter.Reason reason, @Nullable Throwable cause) {
        String name = config.name();
        return switch (reason) {
            case CLOSED -> new PoolClosedException(name + " is closed: no connection to " + key);
            case FULL ->
                new PoolFullException(name + ": " + config.maxWaiting()
                        + " wait for connections already, which is maxWaiting; none to " + key);
            case CONNECT_TIMED_OUT ->
                new PoolConnectException(
                        name + ": no connection to " + key + " was made in " + config.connectTimeout()
                                + ", which is connectTimeout",
                        cause);
            case CONNECT_FAILED ->
                new PoolConnectException(name + ": connecting to " + key + " failed: " + cause, cause);
        };
    }

    private static InterruptedIOException interrupted(Object key) {
        return new InterruptedIOException("interrupted while borrowing a connection to " + key);
    }

    /** Below "for ever", however long it is. */
    private static long nanos(Duration timeout) {
        try {
            return Math.clamp(timeout.toNanos(), 0, Long.MAX_VALUE >> 1);
        } catch (ArithmeticException e) {
            return timeout.isNegative() ? 0 : Long.MAX_VALUE >> 1;
        }
    }

    /**
     * Takes a connection out: it is broken, or its peer wants it to end. It is lent no more, and closed when its last lease is given
     * back. Without effect on one that is not of this pool (any more).
     */
    public void retire(C connection) {
        serial.run(() -> {
            state.retire(connection);
            endIfOver();
        });
    }

    /** How many leases a connection may carry over its life by now; see {@link Connector#leaseLimit}. It never falls. */
    public void raiseLimit(C connection, long leases) {
        serial.run(() -> state.raiseLimit(connection, leases));
    }

    /** The figures. */
    public PoolStats stats() {
        return figures.snapshot();
    }

    /** Leases that are watched ({@link PoolConfig#leakSampling}) and were not given back yet: none, at the end of a test. */
    public List<Leak> outstanding() {
        return leaks.outstanding();
    }

    /**
     * Looks for watched leases that the garbage collector found without having been given back; each is logged with where it was
     * borrowed, and its connection is closed. That happens by itself at each {@code borrow} and each cleanup, too.
     *
     * @return those found by this call
     */
    public List<Leak> takeLost() {
        List<Leak> lost = leaks.takeLost();
        for (Leak leak : lost) {
            PoolTasks.LOG.log(System.Logger.Level.WARNING, "{0} lost {1}", config.name(), leak);
        }
        return lost;
    }

    private void onAlarm() {
        serial.run(() -> {
            state.tick();
            endIfOver();
        });
        takeLost();
    }

    /** Begins the end, and does not wait: who waits gets a {@link PoolClosedException}; connections are closed when nobody has them. */
    public void shutdown() {
        serial.run(() -> {
            state.shut();
            alarm.stop();
            endIfOver();
        });
    }

    /**
     * As {@link #shutdown}, and waits until what was lent is given back and all is closed, {@link PoolConfig#closeTimeout} at most,
     * or until an interrupt (the flag stays set). Twice is harmless.
     */
    @Override
    public void close() {
        EventLoop.checkMayBlock("ConnectionPool.close");
        shutdown();
        try {
            over.await(Clock.system(), Clock.system().nanoTime() + nanos(config.closeTimeout()));
        } catch (TimeoutException e) {
            PoolTasks.LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} was closed, and after {1} these are not given back or closed: {2}",
                    config.name(),
                    config.closeTimeout(),
                    stats());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** In an operation. */
    private void endIfOver() {
        if (state.isOver() && tasks.closing() == 0 && !over.state().isDone()) {
            over.succeed(Boolean.TRUE);
        }
    }

    // ---- for the package

    PoolConfig config() {
        return config;
    }

    void giveBack(Hold<K, C> hold, Hold.End how) {
        serial.run(() -> {
            state.giveBack(hold, how);
            endIfOver();
        });
    }

    void connected(Attempt<K, C> attempt, C connection, long limit) {
        serial.run(() -> state.connected(attempt, connection, limit));
    }

    void connectFailed(Attempt<K, C> attempt, Throwable cause) {
        serial.run(() -> state.connectFailed(attempt, Waiter.Reason.CONNECT_FAILED, cause));
    }

    void checked(Attempt<K, C> attempt, boolean healthy) {
        serial.run(() -> state.checked(attempt, healthy));
    }

    void closed() {
        serial.run(this::endIfOver);
    }

    @Override
    public String toString() {
        return config.name() + " " + stats();
    }
}

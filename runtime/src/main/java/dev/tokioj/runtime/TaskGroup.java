package dev.tokioj.runtime;

import dev.tokioj.runtime.waiters.ShortLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that do not outlive the block that holds the group: {@link #close} returns when all have ended.
 *
 * <pre>{@code
 * try (var group = TaskGroup.failFast()) {
 *     var a = group.spawn(() -> fetch(first));
 *     var b = group.spawn(() -> fetch(second));
 *     group.join();
 *     use(a.result(), b.result());
 * }
 * }</pre>
 *
 * <p>{@link #failFast}: the first failure cancels the others and is what {@link #join} throws; leaving the block without
 * {@code join} cancels them too. {@link #collect}: failures stay with their tasks (and in {@link #failures}), and leaving
 * the block waits for all; if the owner is interrupted meanwhile, or is a task that was cancelled, they are cancelled. {@link
 * #race}: the first success cancels the others and is the {@link #winner}; if all fail, {@code join} throws what the first
 * threw, with the others' suppressed in it; leaving the block without {@code join} cancels them.
 *
 * <p>The thread that made the group owns it: it alone joins and closes. Any thread may spawn into it while it is open.
 */
public final class TaskGroup implements AutoCloseable {
    /** How many failures a collecting group keeps: it may serve a connection for days. */
    private static final int KEPT_FAILURES = 64;

    private enum Policy {
        FAIL_FAST,
        COLLECT,
        RACE
    }

    private final AsyncRuntime runtime;
    private final Policy policy;
    private final Thread owner = Thread.currentThread();
    private final @Nullable Task<?> ownerTask = Task.current();
    private final Set<Task<?>> live = ConcurrentHashMap.newKeySet();
    /** Spawned and not ended, plus one while a spawn is under way. */
    private final AtomicInteger count = new AtomicInteger();

    private final AtomicBoolean closed = new AtomicBoolean();
    /** Set before close cancels what is live: a spawn under way, which that may have missed, cancels its task itself. */
    private volatile boolean cancelling;

    private final AtomicReference<@Nullable Task<?>> firstFailed = new AtomicReference<>();
    private final AtomicReference<@Nullable Task<?>> winner = new AtomicReference<>();
    private volatile ScopedValue.@Nullable Carrier inherited;
    private final ShortLock failuresLock = new ShortLock();
    // Under the lock.
    private final List<Throwable> failures = new ArrayList<>();

    private final AtomicInteger failureCount = new AtomicInteger();

    private TaskGroup(AsyncRuntime runtime, Policy policy) {
        this.runtime = runtime;
        this.policy = policy;
    }

    /**
     * A group in which the first failure ends all, on the caller's runtime.
     *
     * @throws IllegalStateException outside a runtime
     */
    public static TaskGroup failFast() {
        return new TaskGroup(callers(), Policy.FAIL_FAST);
    }

    /** A group in which the first failure ends all, on this runtime. */
    public static TaskGroup failFast(AsyncRuntime runtime) {
        return new TaskGroup(runtime, Policy.FAIL_FAST);
    }

    /**
     * A group whose tasks fail on their own, on the caller's runtime.
     *
     * @throws IllegalStateException outside a runtime
     */
    public static TaskGroup collect() {
        return new TaskGroup(callers(), Policy.COLLECT);
    }

    /** A group whose tasks fail on their own, on this runtime. */
    public static TaskGroup collect(AsyncRuntime runtime) {
        return new TaskGroup(runtime, Policy.COLLECT);
    }

    /**
     * A group in which the first success ends all, on the caller's runtime.
     *
     * @throws IllegalStateException outside a runtime
     */
    public static TaskGroup race() {
        return new TaskGroup(callers(), Policy.RACE);
    }

    /** A group in which the first success ends all, on this runtime. */
    public static TaskGroup race(AsyncRuntime runtime) {
        return new TaskGroup(runtime, Policy.RACE);
    }

    private static AsyncRuntime callers() {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            throw new IllegalStateException(
                    "a TaskGroup belongs inside a runtime: make it in a task, or name the runtime");
        }
        return runtime;
    }

    /**
     * Owner: binds these values in the tasks spawned from now on as they are bound here and now; those that are not bound here
     * stay unbound there. (A thread of the JDK's inherits no scoped value unless a StructuredTaskScope forks it.)
     *
     * @return this group
     */
    public TaskGroup inherit(ScopedValue<?>... values) {
        checkOwner();
        for (ScopedValue<?> value : values) {
            inherited = bind(inherited, value);
        }
        return this;
    }

    private static <V> ScopedValue.@Nullable Carrier bind(ScopedValue.@Nullable Carrier to, ScopedValue<V> value) {
        if (!value.isBound()) {
            return to;
        }
        return to == null ? ScopedValue.where(value, value.get()) : to.where(value, value.get());
    }

    /**
     * Spawns a task that ends before the block does. In a group that is decided already (its first failure, or success in a
     * race) it is cancelled at once.
     *
     * @throws IllegalStateException if the group is closed
     * @throws RejectedExecutionException as {@link AsyncRuntime#spawn(Callable)}
     */
    public <T> Task<T> spawn(Callable<T> body) {
        return spawn(asParent(), body);
    }

    /** As {@link #spawn(Callable)}, without a value. */
    public Task<@Nullable Void> spawn(ThrowingRunnable body) {
        return spawn(asParent(), AsyncRuntime.valueless(body));
    }

    /** As {@link #spawn(Callable)}, with all options and without a value. */
    public Task<@Nullable Void> spawn(SpawnOptions options, ThrowingRunnable body) {
        return spawn(options, AsyncRuntime.valueless(body));
    }

    /** As {@link #spawn(Callable)}, with all options. */
    public <T> Task<T> spawn(SpawnOptions options, Callable<T> body) {
        // Counted first: a close that comes now waits for us, or we see it.
        count.incrementAndGet();
        try {
            if (closed.get()) {
                throw new IllegalStateException("the task group is closed");
            }
            ScopedValue.Carrier values = inherited;
            Task<T> task = runtime.spawn(options, values == null ? body : () -> values.call(body::call));
            count.incrementAndGet();
            live.add(task);
            task.onDone(() -> ended(task));
            if (cancelling || firstFailed.get() != null || winner.get() != null) {
                task.cancel();
            }
            return task;
        } finally {
            leave();
        }
    }

    /** A child runs where its parent does, unless told otherwise: a handler that may block makes children that may. */
    private static SpawnOptions asParent() {
        Task<?> parent = Task.current();
        return parent == null
                ? SpawnOptions.DEFAULT
                : SpawnOptions.DEFAULT.placement(parent.placement()).priority(parent.priority());
    }

    private void ended(Task<?> task) {
        live.remove(task);
        switch (task.state()) {
            case FAILED -> failed(task);
            case SUCCEEDED -> succeeded(task);
            case CREATED, RUNNING, INTERRUPTING, CANCELLING, CANCELLED -> {}
        }
        leave();
    }

    private void succeeded(Task<?> task) {
        if (policy == Policy.RACE && winner.compareAndSet(null, task)) {
            live.forEach(Task::cancel);
        }
    }

    private void failed(Task<?> task) {
        failureCount.incrementAndGet();
        switch (policy) {
            case FAIL_FAST -> {
                if (firstFailed.compareAndSet(null, task)) {
                    live.forEach(Task::cancel);
                    LockSupport.unpark(owner);
                }
            }
            case COLLECT, RACE -> {
                Throwable failure = task.failure();
                failuresLock.lock();
                try {
                    if (failure != null && failures.size() < KEPT_FAILURES) {
                        failures.add(failure);
                    }
                } finally {
                    failuresLock.unlock();
                }
            }
        }
    }

    private void leave() {
        if (count.decrementAndGet() == 0) {
            LockSupport.unpark(owner);
        }
    }

    /**
     * Owner: waits for all tasks. May be called again after more were spawned.
     *
     * @throws Exception {@link #failFast}: what the first failing task threw; {@link #race}: the same if none has succeeded, with
     *     the others' failures suppressed in it, or a {@link CancellationException} if none has even failed; all: {@link
     *     InterruptedException}, upon which the tasks go on until {@link #close}
     */
    public void join() throws Exception {
        await(Completion.FOREVER);
        throwFailure();
    }

    /**
     * As {@link #join()}, but not longer than this.
     *
     * @throws TimeoutException when the time has passed; the tasks go on until {@link #close}
     */
    public void join(Duration timeout) throws Exception {
        try {
            await(Parking.deadlineIn(runtime.clock(), Task.nanos(timeout)));
        } catch (TimeoutException e) {
            TimeoutException named =
                    new TimeoutException(live.size() + " tasks of the group have not ended in " + timeout);
            named.setStackTrace(e.getStackTrace());
            throw named;
        }
        throwFailure();
    }

    private void throwFailure() throws Exception {
        if (policy == Policy.RACE && winner.get() == null) {
            throwLost();
        }
        Task<?> failed = firstFailed.get();
        if (failed != null) {
            failed.join();
        }
    }

    private void throwLost() throws Exception {
        List<Throwable> all = failures();
        if (all.isEmpty()) {
            throw new CancellationException("nobody has won the race: its tasks were cancelled, or there were none");
        }
        Throwable first = all.getFirst();
        for (Throwable other : all) {
            if (other != first && !List.of(first.getSuppressed()).contains(other)) {
                first.addSuppressed(other);
            }
        }
        switch (first) {
            case Exception e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException("a task failed with a strange throwable", first);
        }
    }

    /**
     * The task that has won the race; null as long as none has, and in other groups. Its value is there: {@link Task#result}. Any
     * thread.
     */
    public @Nullable Task<?> winner() {
        return winner.get();
    }

    private void await(long deadline) throws InterruptedException, TimeoutException {
        checkOwner();
        EventLoop.checkMayBlock("TaskGroup.join");
        while (count.get() > 0) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (deadline == Completion.FOREVER) {
                Parking.park(this);
            } else if (deadline - runtime.clock().nanoTime() <= 0) {
                throw new TimeoutException();
            } else {
                Parking.parkUntil(this, runtime.clock(), deadline);
            }
        }
    }

    /** How many tasks have failed so far (cancelled ones do not count). Any thread. */
    public int failureCount() {
        return failureCount.get();
    }

    /** What the failed tasks of a collecting group or of a race threw, the first 64. Any thread. */
    public List<Throwable> failures() {
        failuresLock.lock();
        try {
            return List.copyOf(failures);
        } finally {
            failuresLock.unlock();
        }
    }

    /** How many tasks it holds; for tests. */
    int live() {
        return live.size();
    }

    /** Any thread: cancels every task of the group; it stays open. */
    public void cancel() {
        live.forEach(Task::cancel);
    }

    /**
     * Owner: ends the group. A failing group and a race cancel what still runs, a collecting one lets it end by itself unless the owner
     * is interrupted or cancelled; then waits until the last has ended, interrupted or not (the flag stays set). Idempotent.
     */
    @Override
    public void close() {
        checkOwner();
        EventLoop.checkMayBlock("TaskGroup.close");
        closed.set(true);
        // An interrupt may have been spent already: what the owner was waiting in has thrown, and that is why it
        // leaves.
        if (policy != Policy.COLLECT || (ownerTask != null && ownerTask.isAskedToStop())) {
            cancelling = true;
            cancel();
        }
        boolean interrupted = false;
        while (count.get() > 0) {
            if (Thread.interrupted()) {
                interrupted = true;
                cancelling = true;
                cancel();
            } else {
                Parking.park(this);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkOwner() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("only the thread that made a task group joins and closes it");
        }
    }
}

package dev.tokioj.net;

import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Task;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A server's way to its end, and who is on it: connections with the tasks that work for them. Accepts while {@code OPEN}; then
 * lets the tasks end, cancels those that do not, ends the connections, and with them the tasks that have begun meanwhile. Any thread.
 */
final class ServerLife {
    private enum State {
        OPEN,
        CLOSING,
        /** The connections have ended: nobody needs a task that begins still. */
        DISCONNECTED
    }

    /** A step of the way. */
    interface Closer {
        void close() throws Exception;
    }

    private static final class Work {
        final Runnable stopAccepting;
        final Runnable unserved;
        volatile @Nullable Task<?> task;

        Work(Runnable stopAccepting, Runnable unserved) {
            this.stopAccepting = stopAccepting;
            this.unserved = unserved;
        }
    }

    /** For tasks that were cancelled: what reacts to an interrupt does so at once. */
    private static final Duration CANCEL_BOUND = Duration.ofSeconds(1);

    private final String name;
    private final Clock clock;
    private final Duration bound;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<Object, Work> working = new ConcurrentHashMap<>();

    ServerLife(String name, Clock clock, Duration bound) {
        this.name = name;
        this.clock = clock;
        this.bound = bound;
    }

    boolean isClosing() {
        return state.get() != State.OPEN;
    }

    /**
     * Loop: work begins for this key. The two may be run by any thread.
     *
     * @param unserved in the place of a task that was cancelled before it began, and so does not say {@link #ended}
     */
    void remember(Object key, Runnable stopAccepting, Runnable unserved) {
        working.put(key, new Work(stopAccepting, unserved));
        if (isClosing()) {
            stopAccepting.run();
        }
    }

    /** The task that does the work, to be cancelled when it does not end. */
    void started(Object key, Task<?> task) {
        Work work = working.get(key);
        if (work != null) { // else it has ended already
            work.task = task;
            // The task is told before the state is looked at, and the other way round where they are cancelled: one of
            // us sees the other.
            if (state.get() == State.DISCONNECTED) {
                task.cancel();
            }
        }
    }

    /** The task has ended. */
    void ended(Object key) {
        working.remove(key);
    }

    /** Loop: the connection has ended; its task, if it has one, ends in its own time. */
    void forget(Object key) {
        Work work = working.get(key);
        if (work != null && work.task == null) {
            working.remove(key);
        }
    }

    /** Tells all. */
    void stopAccepting() {
        working.values().forEach(work -> work.stopAccepting.run());
    }

    void join() throws InterruptedException {
        EventLoop.checkMayBlock("join");
        closed.await();
    }

    /**
     * Closes once; a second caller waits for the first. A step that fails is logged, and the next are taken all the same.
     *
     * @param announce tells the peers, or those who accept; does not wait
     * @param connections ends them; afterwards no task begins
     * @param below closes what the connections and the tasks stand on
     */
    void close(Runnable announce, Closer connections, Closer below) {
        EventLoop.checkMayBlock("close");
        if (!state.compareAndSet(State.OPEN, State.CLOSING)) {
            awaitClosed();
            return;
        }
        try {
            take(announce::run);
            long deadline = clock.nanoTime() + bound.toNanos();
            endTasks(deadline);
            take(connections);
            state.set(State.DISCONNECTED);
            endTasks(deadline); // those that have begun, or were just beginning, after the first look
            take(below);
        } finally {
            closed.countDown();
        }
    }

    private void take(Closer step) {
        try {
            step.close();
        } catch (Exception e) {
            Shard.LOG.log(System.Logger.Level.WARNING, "closing " + name + " failed", e);
        }
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets them end until the deadline, and cancels them then; does what is left to do for those that have never begun. */
    private void endTasks(long deadline) {
        if (!awaitTasks(deadline)) {
            cancelTasks();
            awaitTasks(clock.nanoTime() + CANCEL_BOUND.toNanos());
        }
        working.forEach((key, work) -> {
            Task<?> task = work.task;
            // A body takes its key away before its task is done: this one has never run.
            if (task != null && task.isDone() && working.remove(key, work)) {
                take(work.unserved::run);
            }
        });
    }

    private void cancelTasks() {
        Task<?> self = Task.current();
        for (Work work : working.values()) {
            Task<?> task = work.task;
            if (task != null && task != self) {
                task.cancel();
            }
        }
    }

    /** Whether the tasks have ended in time; an interrupt means that nobody wants to wait. */
    private boolean awaitTasks(long deadline) {
        Task<?> self = Task.current();
        for (Work work : working.values()) {
            Task<?> task = work.task;
            if (task != null
                    && task != self
                    && !ends(task, Duration.ofNanos(Math.max(0, deadline - clock.nanoTime())))) {
                return false;
            }
        }
        return true;
    }

    private static boolean ends(Task<?> task, Duration limit) {
        try {
            task.join(limit);
            return true;
        } catch (TimeoutException e) {
            return task.isDone(); // or it failed with that
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception e) {
            return true; // how it ended was logged where it did
        }
    }
}

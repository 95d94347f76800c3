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
 * lets the tasks end, cancels those that do not, and closes what is below. Any thread.
 */
final class ServerLife {
    private enum State {
        OPEN,
        CLOSING
    }

    /** Closes what is below the tasks. */
    interface Closer {
        void close() throws Exception;
    }

    private static final class Work {
        final Runnable stopAccepting;
        volatile @Nullable Task<?> task;

        Work(Runnable stopAccepting) {
            this.stopAccepting = stopAccepting;
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
        return state.get() == State.CLOSING;
    }

    /** Loop: work begins for this key. {@code stopAccepting} may be run by any thread. */
    void remember(Object key, Runnable stopAccepting) {
        working.put(key, new Work(stopAccepting));
        if (isClosing()) {
            stopAccepting.run();
        }
    }

    /** The task that does the work, to be cancelled when it does not end. */
    void started(Object key, Task<?> task) {
        Work work = working.get(key);
        if (work != null) { // else it has ended already
            work.task = task;
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

    /** Closes once; a second caller waits for the first. */
    void close(Runnable announce, Closer below) {
        EventLoop.checkMayBlock("close");
        if (!state.compareAndSet(State.OPEN, State.CLOSING)) {
            awaitClosed();
            return;
        }
        try {
            announce.run();
            boolean inTime = awaitTasks(clock, bound);
            if (!inTime) {
                working.values().forEach(work -> {
                    Task<?> task = work.task;
                    if (task != null) {
                        task.cancel();
                    }
                });
                awaitTasks(clock, CANCEL_BOUND);
            }
            below.close();
        } catch (Exception e) {
            Shard.LOG.log(System.Logger.Level.WARNING, "closing " + name + " failed", e);
        } finally {
            closed.countDown();
        }
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the tasks have ended in time; an interrupt means that nobody wants to wait. */
    private boolean awaitTasks(Clock clock, Duration limit) {
        long deadline = clock.nanoTime() + limit.toNanos();
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

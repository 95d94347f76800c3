package dev.tokioj.runtime;

import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How far the life of a runtime has come, how many of its tasks live, and so which tasks may still be spawned. Limits are checked
 * here, before a task exists: later nothing may be refused. Any thread.
 */
final class Admission {
    enum State {
        /** Takes tasks from everybody. */
        OPEN,
        /** Closing: takes tasks only from its own tasks, which are given time to end. */
        DRAINING,
        /** Takes no tasks; those that live were cancelled. */
        CANCELLING,
        /** Its loops have ended. */
        CLOSED
    }

    private final int maxTasks;
    private final int urgentReserve;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final AtomicInteger live = new AtomicInteger();
    /** Who waits for the last task to end. */
    private volatile @Nullable Thread closer;

    Admission(RuntimeConfig config) {
        this.maxTasks = config.maxTasks();
        this.urgentReserve = config.urgentReserve();
    }

    State state() {
        return Objects.requireNonNull(state.get());
    }

    /** The one place where the state changes, along the order of the constants; false: another thread has moved it on. */
    boolean transition(State from, State to) {
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

    /** How many tasks live: admitted and not ended. */
    int live() {
        return live.get();
    }

    /**
     * A task is about to be made, for this loop.
     *
     * @throws TaskLimitException if there are too many
     * @throws RejectedExecutionException if the runtime is closing
     */
    void admit(AsyncRuntime runtime, EventLoop loop, Priority priority) {
        int limit = switch (priority) {
            case URGENT -> maxTasks;
            case NORMAL, BACKGROUND -> maxTasks - urgentReserve;
        };
        // Counted before the state is read, so that who closes either waits for this task or is seen here.
        boolean counted = count(limit);
        if (counted) {
            loop.load().incrementAndGet();
        }
        String why = switch (state()) {
            case OPEN -> null;
            case DRAINING -> AsyncRuntime.current() == runtime ? null : "the runtime is closing";
            case CANCELLING -> "the runtime is closing and has cancelled its tasks";
            case CLOSED -> "the runtime is closed";
        };
        if (why != null) {
            if (counted) {
                release(loop);
            }
            throw new RejectedExecutionException("the task was refused: " + why);
        }
        if (!counted) {
            throw new TaskLimitException(
                    "maxTasks",
                    limit,
                    limit == maxTasks
                            ? limit + " tasks live already"
                            : limit + " tasks live already, and the rest is kept for urgent ones (urgentReserve)");
        }
    }

    /** Never above the limit, not even for a moment: one that is refused there would take the room of an urgent one. */
    private boolean count(int limit) {
        int now = live.get();
        while (now < limit && !live.compareAndSet(now, now + 1)) {
            now = live.get();
        }
        return now < limit;
    }

    /** A task that was admitted, for this loop, has ended. */
    void release(EventLoop loop) {
        loop.load().decrementAndGet();
        if (live.decrementAndGet() == 0) {
            LockSupport.unpark(closer);
        }
    }

    /** The closing thread: waits until no task lives, so long at most; returns whether it was interrupted. */
    boolean awaitNone(long nanos, boolean endsWhenInterrupted) {
        closer = Thread.currentThread();
        long deadline = Clock.system().nanoTime() + nanos;
        boolean interrupted = false;
        while (live.get() > 0) {
            long left = deadline - Clock.system().nanoTime();
            if (left <= 0 || (interrupted && endsWhenInterrupted)) {
                break;
            }
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        closer = null;
        return interrupted;
    }
}

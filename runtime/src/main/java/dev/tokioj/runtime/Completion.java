package dev.tokioj.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The state and the outcome of something that ends once, and those who wait for it: what a {@link Task} is made of. Lock-free;
 * any thread.
 *
 * @param <T> the value
 */
public final class Completion<T> {
    /** Without a deadline. */
    static final long FOREVER = Long.MAX_VALUE;

    /** Who is told of the end: a thread that is unparked, or a hook that is run. A dead one has no target. */
    private static final class Waiter {
        volatile @Nullable Object target;

        volatile @Nullable Waiter next;

        Waiter(@Nullable Object target) {
            this.target = target;
        }
    }

    /** In place of the waiters once they were told: who comes now need not wait. */
    private static final Waiter TOLD = new Waiter(null);

    private static final VarHandle STATE;
    private static final VarHandle WAITERS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Completion.class, "state", TaskState.class);
            WAITERS = lookup.findVarHandle(Completion.class, "waiters", Waiter.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Whether the thread outlives the body: then the body's end waits for an interrupt on its way, which would hit the next. */
    private final boolean threadIsReused;

    private volatile TaskState state = TaskState.CREATED;
    /** The value or the failure; written before the state that says which, by who makes that transition. */
    private @Nullable Object outcome;

    @SuppressWarnings("unused") // through WAITERS
    private volatile @Nullable Waiter waiters;

    /** In state {@link TaskState#CREATED}. */
    public Completion(boolean threadIsReused) {
        this.threadIsReused = threadIsReused;
    }

    /** Where it stands. */
    public TaskState state() {
        return state;
    }

    /** Who runs the body: it begins. False: it was cancelled, and must not. */
    public boolean begin() {
        return transition(TaskState.CREATED, TaskState.RUNNING);
    }

    /** Who runs the body: it ended with a value. Tells the waiters. */
    public void succeed(@Nullable T value) {
        outcome = value;
        finish(TaskState.SUCCEEDED, TaskState.SUCCEEDED);
    }

    /** Who runs the body: it ended with an exception. Tells the waiters. */
    public void fail(Throwable failure) {
        outcome = failure;
        finish(TaskState.FAILED, TaskState.CANCELLED);
    }

    /**
     * Anybody: asks for an early end. If the body has not begun it never will; if it runs, {@code interrupt} is called, once.
     *
     * @return whether it took: false if it had ended before
     */
    public boolean cancel(Runnable interrupt) {
        while (true) {
            switch (state) {
                case CREATED -> {
                    if (transition(TaskState.CREATED, TaskState.CANCELLED)) {
                        tell();
                        return true;
                    }
                }
                case RUNNING -> {
                    if (transition(TaskState.RUNNING, TaskState.INTERRUPTING)) {
                        try {
                            interrupt.run();
                        } finally {
                            // Fails if the body ended meanwhile: it does not wait for us unless its thread is reused.
                            transition(TaskState.INTERRUPTING, TaskState.CANCELLING);
                        }
                        return true;
                    }
                }
                case INTERRUPTING, CANCELLING -> {
                    return true;
                }
                case SUCCEEDED, FAILED, CANCELLED -> {
                    return false;
                }
            }
        }
    }

    private void finish(TaskState undisturbed, TaskState cancelled) {
        while (true) {
            TaskState from = state;
            if (from == TaskState.INTERRUPTING && threadIsReused) {
                Thread.onSpinWait();
            } else if (transition(from, from == TaskState.RUNNING ? undisturbed : cancelled)) {
                tell();
                return;
            }
        }
    }

    /** The one place where the state changes. */
    private boolean transition(TaskState from, TaskState to) {
        if (!from.mayBecome(to)) {
            throw new IllegalStateException("a completion does not go from " + from + " to " + to);
        }
        return STATE.compareAndSet(this, from, to);
    }

    private void tell() {
        Waiter waiter = (Waiter) WAITERS.getAndSet(this, TOLD);
        Throwable failure = null;
        while (waiter != null) {
            Object target = waiter.target; // null: it gave up
            if (target instanceof Thread thread) {
                LockSupport.unpark(thread);
            } else if (target instanceof Runnable hook) {
                try {
                    hook.run();
                } catch (Throwable e) {
                    failure = e; // a user's future may override what we call: those that come after it are told too
                }
            }
            waiter = waiter.next;
        }
        if (failure != null) {
            LoopLog.failedHere("telling of the end of a task", failure);
        }
    }

    /** Runs the hook at the end, in the thread that ends it; at once if it has ended. The hook must not throw nor wait. */
    public void onDone(Runnable hook) {
        if (!enlist(new Waiter(hook))) {
            hook.run();
        }
    }

    /** Whether it is on the list; false: the waiters were told already. */
    private boolean enlist(Waiter waiter) {
        while (true) {
            Waiter head = waiters;
            if (head == TOLD) {
                return false;
            }
            waiter.next = head;
            if (WAITERS.compareAndSet(this, head, waiter)) {
                return true;
            }
        }
    }

    /**
     * Takes the dead off the list, or callers that poll with deadlines would grow it for ever. Nodes are added at the head alone and
     * never put back, so there is no ABA, and a link only ever skips dead ones: of two threads here at once one may put a dead node
     * back, for the next to find, but none takes off a live one.
     */
    private void sweep() {
        Waiter live = null;
        Waiter at = waiters;
        while (at != null && at != TOLD) {
            Waiter next = at.next;
            if (at.target != null) {
                live = at;
            } else if (live != null) {
                live.next = next;
            } else if (!WAITERS.compareAndSet(this, at, next)) {
                next = waiters;
            }
            at = next;
        }
    }

    /** How many entries the list of waiters has, live and dead; for tests. */
    int waiters() {
        int length = 0;
        for (Waiter waiter = waiters; waiter != null; waiter = waiter.next) {
            length++;
        }
        return length;
    }

    /**
     * Waits for the end.
     *
     * @param deadline on the clock; {@link Long#MAX_VALUE}: for ever
     * @throws TimeoutException at the deadline
     * @throws InterruptedException if the calling thread is interrupted
     */
    public void await(Clock clock, long deadline) throws InterruptedException, TimeoutException {
        if (state.isDone()) {
            return;
        }
        EventLoop.checkMayBlock("waiting for a task");
        Waiter self = new Waiter(Thread.currentThread());
        if (!enlist(self)) {
            return;
        }
        try {
            while (!state.isDone()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (deadline == FOREVER) {
                    Parking.park(this);
                } else if (deadline - clock.nanoTime() <= 0) {
                    throw new TimeoutException();
                } else {
                    Parking.parkUntil(this, clock, deadline);
                }
            }
        } finally {
            self.target = null;
            if (!state.isDone()) {
                sweep();
            }
        }
    }

    /** The value; null is a value too. Only once {@link TaskState#SUCCEEDED}. */
    @SuppressWarnings({"unchecked", "NullAway"}) // null is a value of T if T says so
    public T value() {
        TaskState now = state;
        if (now != TaskState.SUCCEEDED) {
            throw new IllegalStateException("there is no value: the state is " + now);
        }
        return (T) outcome;
    }

    /** What the body threw; null if it was cancelled before it began. Only once it has failed or was cancelled. */
    public @Nullable Throwable failure() {
        TaskState now = state;
        return switch (now) {
            case FAILED -> (Throwable) outcome;
            // Cancelled before the body began: nobody wrote an outcome.
            case CANCELLED -> (Throwable) outcome;
            case CREATED, RUNNING, INTERRUPTING, CANCELLING, SUCCEEDED ->
                throw new IllegalStateException("there is no failure: the state is " + now);
        };
    }

    /** The value, or the failure thrown; a cancellation, and an interrupt of the body by others, as CancellationException. */
    T valueOrThrow(String what) throws Exception {
        if (state == TaskState.SUCCEEDED) {
            return value();
        }
        Throwable failure = failure();
        if (state == TaskState.CANCELLED || failure instanceof InterruptedException) {
            // An InterruptedException of the body would read like an interrupt of the one who joins.
            CancellationException cancelled = new CancellationException(what + " was cancelled");
            if (failure != null) {
                cancelled.initCause(failure);
            }
            throw cancelled;
        }
        switch (failure) {
            case Exception e -> throw e;
            case Error e -> throw e;
            case null, default -> throw new IllegalStateException(what + " failed with a strange throwable", failure);
        }
    }
}

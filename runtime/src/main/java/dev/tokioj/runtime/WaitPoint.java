package dev.tokioj.runtime;

import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Where the task's side of a handoff waits for the loop's side. The protocol, which both handoffs follow:
 *
 * <pre>
 * task:  announce() (publishes "parked", full fence);  look again;  park();  retract()
 * loop:  publish (release);  wake() (full fence, then reads "parked")
 * </pre>
 *
 * Either the task's second look sees what the loop published, or the loop sees the task parked: with a weaker fence both
 * could miss, and the task would sleep for ever.
 */
final class WaitPoint {
    private enum Use {
        FREE,
        TAKEN
    }

    private static final VarHandle WAITER;
    private static final VarHandle USE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WAITER = lookup.findVarHandle(WaitPoint.class, "waiter", Thread.class);
            USE = lookup.findVarHandle(WaitPoint.class, "use", Use.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Waiting waiting;
    private final String action;

    /** Set by the task; whoever wakes it takes it away, so that a batch of offers unparks once. */
    @SuppressWarnings("unused") // through WAITER
    private volatile @Nullable Thread waiter;

    /** Whether a loop carries the waiter, so that waking it is that loop's business alone. Written before {@link #waiter}. */
    private boolean carried;

    @SuppressWarnings("unused") // through USE
    private volatile Use use = Use.FREE;

    /** A point where {@code action} ("read", "write") waits. */
    WaitPoint(Waiting waiting, String action) {
        this.waiting = waiting;
        this.action = action;
    }

    /** Task: begins an operation; there is one at a time, and none on the loop's own thread. */
    void enter() {
        if (waiting.isLoopThread()) {
            throw new IllegalStateException("a " + action
                    + " that may wait was called by a callback on the event loop's own thread, which must never wait:"
                    + " call it from a task");
        }
        if (!USE.compareAndSet(this, Use.FREE, Use.TAKEN)) {
            throw new IllegalStateException(
                    "a second concurrent " + action + ": a handoff has one task at each side, at a time");
        }
    }

    /** Task: ends it. */
    void leave() {
        USE.setRelease(this, Use.FREE);
    }

    /** Any thread: whether an operation goes on. */
    boolean isTaken() {
        return (Use) USE.getVolatile(this) == Use.TAKEN;
    }

    /** Task: publishes that it is about to park. It must look again before it does. */
    void announce() {
        carried = EventLoop.current() != null;
        WAITER.setRelease(this, Thread.currentThread());
        VarHandle.fullFence();
    }

    /** Task: takes it back. */
    void retract() {
        WAITER.setOpaque(this, null);
    }

    /**
     * Task, after {@link #announce} and the second look: parks until woken, or for no reason.
     *
     * @throws InterruptedIOException interrupted; the flag stays set
     * @throws TimeoutException the deadline has come
     */
    void park(Object blocker, long deadlineNanos) throws InterruptedIOException, TimeoutException {
        if (Thread.currentThread().isInterrupted()) {
            retract();
            throw new InterruptedIOException("interrupted in a " + action);
        }
        if (deadlineNanos != Long.MAX_VALUE && waiting.nanoTime() - deadlineNanos >= 0) {
            retract();
            throw new TimeoutException("the deadline of a " + action + " has passed");
        }
        waiting.parkUntil(blocker, deadlineNanos);
    }

    /** Loop, after publishing: whether the task is parked or about to be. */
    boolean isAnnounced() {
        VarHandle.fullFence();
        return (Thread) WAITER.getOpaque(this) != null;
    }

    /** Loop, after publishing: wakes the task if it is parked or about to be. */
    void wake() {
        VarHandle.fullFence();
        Thread thread = (Thread) WAITER.getOpaque(this);
        if (thread != null && WAITER.compareAndSet(this, thread, null)) {
            Sleeper.wake(thread, carried);
        }
    }
}

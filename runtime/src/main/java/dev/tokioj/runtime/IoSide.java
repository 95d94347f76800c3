package dev.tokioj.runtime;

import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One direction of an {@link IoRegistration}: whether it is ready, and who waits until it is.
 *
 * <p>The waiter publishes itself by a compare-and-set and looks at the state after it; who signals changes the state by an
 * atomic or and looks for the waiter after it. Both are full fences, so one of the two sees the other.
 */
final class IoSide {
    /** It was told to be ready, since the last {@link #clear}. */
    static final int READY = 1;
    /** The peer has ended: ready for ever. */
    static final int HANGUP = 2;
    /** The registration has ended: ready for ever. */
    static final int CLOSED = 4;

    private static final VarHandle STATE;
    private static final VarHandle WAITER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(IoSide.class, "state", int.class);
            WAITER = lookup.findVarHandle(IoSide.class, "waiter", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String action;
    private final Object subject;

    private volatile int state;

    /** Set by who waits; who wakes it takes it away. */
    @SuppressWarnings("unused") // through WAITER
    private volatile @Nullable Thread waiter;

    /** A side on which {@code action} ("a read of") of the subject waits. */
    IoSide(String action, Object subject) {
        this.action = action;
        this.subject = subject;
    }

    /** Waiter: forgets what it was told, before it tries; what is told from here on is kept. */
    void clear() {
        if ((state & READY) != 0) {
            STATE.getAndBitwiseAnd(this, ~READY);
        }
    }

    boolean isReady() {
        return state != 0;
    }

    /** Any thread: whether somebody waits and was not woken yet. */
    boolean isAwaited() {
        return (Thread) WAITER.getVolatile(this) != null;
    }

    /** Any thread: ready from here on. */
    void signal(int why) {
        STATE.getAndBitwiseOr(this, why);
        Thread thread = (Thread) WAITER.getOpaque(this);
        if (thread != null && WAITER.compareAndSet(this, thread, null)) {
            LockSupport.unpark(thread);
        }
    }

    /**
     * Waits until ready.
     *
     * @param arm asks the poller to tell, after the waiter is known; null: it tells by itself
     * @param deadline on the clock of the caller's runtime; {@link Long#MAX_VALUE}: none
     */
    void await(@Nullable Runnable arm, long deadline) throws InterruptedIOException, SocketTimeoutException {
        EventLoop.checkMayBlock(action);
        Thread self = Thread.currentThread();
        Thread before = (Thread) WAITER.compareAndExchange(this, (Thread) null, self);
        if (before != null) {
            throw new IllegalStateException(
                    "a second concurrent wait for " + describe() + ": " + before + " waits for it already");
        }
        try {
            if (arm != null) {
                arm.run();
            }
            // Who was woken is no waiter any more, whatever another has cleared since.
            while (!isReady() && isWaiting(self)) {
                if (self.isInterrupted()) {
                    throw new InterruptedIOException("interrupted in " + describe());
                }
                park(deadline);
            }
        } finally {
            WAITER.compareAndSet(this, self, (Thread) null);
        }
    }

    private boolean isWaiting(Thread who) {
        return (Thread) WAITER.getVolatile(this) == who;
    }

    private String describe() {
        return action + " " + subject;
    }

    private void park(long deadline) throws SocketTimeoutException {
        if (deadline == Long.MAX_VALUE) {
            Parking.park(this);
            return;
        }
        Waiting waiting = Waiting.current();
        if (waiting.nanoTime() - deadline >= 0) {
            throw new SocketTimeoutException("the deadline of " + describe() + " has passed");
        }
        waiting.parkUntil(this, deadline);
    }
}

package dev.tokioj.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Waker} for a task, or any other thread that may wait: {@link #await} returns once it was woken since the last return.
 * One word holds all of it: nothing, a wake-up that nobody took yet, or the thread that waits. Each change is one
 * compare-and-set of that word, so a wake-up either finds the thread or is found by it.
 */
public final class TaskWaker implements Waker {
    private static final Object EMPTY = new Object();
    private static final Object WOKEN = new Object();
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(TaskWaker.class, "state", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** EMPTY, WOKEN, or the thread that waits. */
    private volatile Object state = EMPTY;

    /** Not woken. */
    public TaskWaker() {}

    @Override
    public void wake() {
        Object before = STATE.getAndSet(this, WOKEN);
        if (before instanceof Thread waiter) {
            LockSupport.unpark(waiter);
        }
    }

    /** Any thread: takes the wake-up that has come, without waiting; whether there was one. */
    public boolean poll() {
        return STATE.compareAndSet(this, WOKEN, EMPTY);
    }

    /**
     * Waits until woken.
     *
     * @throws InterruptedException interrupted while waiting; a wake-up that came as well is kept for the next
     * @throws IllegalStateException in a callback of a loop, or if another thread waits already
     */
    public void await() throws InterruptedException {
        waitUntil(null, Long.MAX_VALUE);
    }

    /**
     * Waits until woken, but not longer than this, on the clock of the caller's runtime.
     *
     * @throws TimeoutException the time has passed
     * @throws InterruptedException as {@link #await()}
     */
    public void await(Duration timeout) throws InterruptedException, TimeoutException {
        Waiting waiting = Waiting.current();
        if (!waitUntil(waiting, waiting.nanoTime() + Math.clamp(Task.nanos(timeout), 0, Long.MAX_VALUE >> 1))) {
            throw new TimeoutException("not woken in " + timeout);
        }
    }

    /**
     * As {@link #await()}, until a moment on the clock of the caller's runtime; {@link Long#MAX_VALUE}: for ever.
     *
     * @return false: the deadline has come first
     */
    public boolean awaitUntil(long deadlineNanos) throws InterruptedException {
        return waitUntil(deadlineNanos == Long.MAX_VALUE ? null : Waiting.current(), deadlineNanos);
    }

    private boolean waitUntil(@Nullable Waiting waiting, long deadline) throws InterruptedException {
        EventLoop.checkMayBlock("Waker.await");
        Thread self = Thread.currentThread();
        while (!poll()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (waiting != null && waiting.nanoTime() - deadline >= 0) {
                return false;
            }
            if (STATE.compareAndSet(this, EMPTY, self)) {
                try {
                    if (waiting == null) {
                        Parking.park(this);
                    } else {
                        waiting.parkUntil(this, deadline);
                    }
                } finally {
                    STATE.compareAndSet(this, self, EMPTY);
                }
            } else if (state instanceof Thread other) {
                throw new IllegalStateException("a second thread waits for a Waker beside " + other.getName());
            }
        }
        return true;
    }
}

package dev.tokioj.runtime;

/**
 * How the task's side of a handoff waits: whose clock its deadlines are on, what wakes it at a deadline, and which thread
 * must never wait. {@link #ofJdk} is for any threads; an event loop's own uses its wheel for the tasks it runs.
 */
public interface Waiting {
    /** Whether the calling thread is the loop's own, running a callback: it must not wait for itself. */
    boolean isLoopThread();

    /** The time, in the nanoseconds that deadlines are in. */
    long nanoTime();

    /**
     * Parks the calling thread until it is unparked, interrupted, or the deadline has come; may return for no reason.
     *
     * @param blocker shown in thread dumps
     * @param deadlineNanos {@link Long#MAX_VALUE} for none
     */
    void parkUntil(Object blocker, long deadlineNanos);

    /**
     * How the calling thread waits: on the clock of the runtime that its task belongs to, by the wheel of its loop if it is on one;
     * outside a runtime on the machine's clock.
     */
    static Waiting current() {
        AsyncRuntime runtime = AsyncRuntime.current();
        return new LoopWaiting(runtime == null ? Clock.system() : runtime.clock());
    }

    /** Waits by the JDK's timers on {@link System#nanoTime}; any thread may wait. */
    static Waiting ofJdk() {
        return JdkWaiting.INSTANCE;
    }
}

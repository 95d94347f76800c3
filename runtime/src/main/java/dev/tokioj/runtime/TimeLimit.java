package dev.tokioj.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@link TokioJ#timeout}: work in the caller's own thread, which a timer of the loop interrupts when the time is
 * over. The interrupt belongs to this limit: it is taken back when the work ends, unless an enclosing limit has passed too or the
 * task was cancelled, whose interrupt it then was as well.
 */
final class TimeLimit {
    private static final ScopedValue<TimeLimit> INNERMOST = ScopedValue.newInstance();

    private enum State {
        /** The work runs, and there is time. */
        RUNNING,
        /** The loop is about to interrupt it. */
        INTERRUPTING,
        /** It was interrupted. */
        INTERRUPTED,
        /** It ended before the time did. */
        ENDED
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(TimeLimit.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Duration limit;
    private final Thread thread = Thread.currentThread();
    private final @Nullable TimeLimit outer = INNERMOST.isBound() ? INNERMOST.get() : null;
    private final @Nullable Task<?> task = Task.current();
    private final EventLoop loop;
    private final Timer timer;
    private volatile State state = State.RUNNING;

    private TimeLimit(EventLoop loop, Duration limit) {
        this.loop = loop;
        this.limit = limit;
        this.timer = loop.newTimer(this::passed);
    }

    /** In a task of the runtime: see {@link TokioJ#timeout}. */
    static <T> T call(AsyncRuntime runtime, Duration limit, Callable<T> work) throws Exception {
        EventLoop.checkMayBlock("TokioJ.timeout");
        runtime.checkTimers("TokioJ.timeout");
        if (!limit.isPositive()) {
            throw new TimeoutException("there was no time: the limit is " + limit);
        }
        EventLoop here = EventLoop.current();
        Task<?> task = Task.current();
        EventLoop loop = here != null
                ? here
                : task != null ? task.home() : runtime.loops().get(0);
        return new TimeLimit(loop, limit).run(Parking.deadlineIn(runtime.clock(), Task.nanos(limit)), work);
    }

    private <T> T run(long deadline, Callable<T> work) throws Exception {
        loop.dispatch(() -> {
            // It may have ended already if this travelled by mail.
            if (state == State.RUNNING) {
                timer.arm(deadline);
            }
        });
        T value;
        try {
            value = ScopedValue.where(INNERMOST, this).call(work::call);
        } catch (Throwable e) {
            if (end() && e instanceof Exception && !isCancelled()) {
                TimeoutException timeout = new TimeoutException("the work has not ended in " + limit);
                timeout.initCause(e);
                throw timeout;
            }
            throw e;
        }
        // A value that came in spite of the interrupt is not thrown away.
        end();
        return value;
    }

    /** Loop: the time is over. */
    private void passed() {
        if (STATE.compareAndSet(this, State.RUNNING, State.INTERRUPTING)) {
            thread.interrupt();
            state = State.INTERRUPTED;
        }
    }

    /** The work has ended; returns whether it was interrupted by this limit. */
    private boolean end() {
        if (STATE.compareAndSet(this, State.RUNNING, State.ENDED)) {
            loop.dispatch(timer::disarm);
            return false;
        }
        while (state != State.INTERRUPTED) {
            // The loop is between its claim and the interrupt, which must not hit what comes after the work.
            Thread.onSpinWait();
        }
        Thread.interrupted();
        if (isCancelled() || outerHasPassed()) {
            thread.interrupt();
        }
        return true;
    }

    private boolean isCancelled() {
        return task != null && task.isAskedToStop();
    }

    private boolean outerHasPassed() {
        for (TimeLimit each = outer; each != null; each = each.outer) {
            // Only in its own thread: threads made inside do not inherit scoped values unless they are forked for it.
            if (each.thread == thread && each.state != State.RUNNING && each.state != State.ENDED) {
                return true;
            }
        }
        return false;
    }
}

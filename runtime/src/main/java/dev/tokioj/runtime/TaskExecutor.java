package dev.tokioj.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler of one on-loop virtual thread: knows its loop and priority, and is itself the entry that travels, so that a
 * wake-up allocates nothing. Threads made inside the task inherit it; when two are ready at once, or the JDK submits one
 * twice, the second travels in an entry of its own.
 *
 * <p>{@link #execute} never throws and never refuses: a continuation that is refused is lost for ever.
 */
final class TaskExecutor extends Run implements Executor {
    private enum State {
        IDLE,
        QUEUED
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(TaskExecutor.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Extra extends Run {
        private final TaskExecutor executor;
        private final Runnable continuation;

        Extra(TaskExecutor executor, Runnable continuation) {
            this.executor = executor;
            this.continuation = continuation;
        }

        @Override
        EventLoop loop() {
            return executor.loop;
        }

        @Override
        Priority priority() {
            return executor.priority;
        }

        @Override
        Task<?> task() {
            return executor.task;
        }

        @Override
        Runnable take() {
            return continuation;
        }
    }

    private final EventLoop loop;
    private final Priority priority;
    private final Task<?> task;
    private volatile State state = State.IDLE;
    /** Written by who moved the state to QUEUED, taken by the loop. */
    private @Nullable Runnable continuation;

    TaskExecutor(EventLoop loop, Priority priority, Task<?> task) {
        this.loop = loop;
        this.priority = priority;
        this.task = task;
    }

    @Override
    public void execute(Runnable command) {
        if (STATE.compareAndSet(this, State.IDLE, State.QUEUED)) {
            continuation = command;
            loop.submit(this);
        } else {
            loop.submit(new Extra(this, command));
        }
    }

    @Override
    EventLoop loop() {
        return loop;
    }

    @Override
    Priority priority() {
        return priority;
    }

    @Override
    Task<?> task() {
        return task;
    }

    @Override
    Runnable take() {
        Runnable command = continuation;
        if (command == null) {
            throw new IllegalStateException("an idle executor was queued");
        }
        continuation = null;
        STATE.setRelease(this, State.IDLE);
        return command;
    }
}

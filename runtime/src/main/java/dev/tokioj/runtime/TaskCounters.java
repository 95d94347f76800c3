package dev.tokioj.runtime;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The tasks of one runtime in numbers: all that were spawned, and the ends of those beside the loops. Any thread. */
final class TaskCounters {
    private final AtomicLong spawned = new AtomicLong();
    private final LongAdder completed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder cancelled = new LongAdder();

    /** Counts a task and gives it its number, from 1. */
    long spawn() {
        return spawned.incrementAndGet();
    }

    /** A task beside the loops ended in this state. */
    void ended(TaskState state) {
        completed.increment();
        switch (state) {
            case FAILED -> failed.increment();
            case CANCELLED -> cancelled.increment();
            case CREATED, RUNNING, INTERRUPTING, CANCELLING, SUCCEEDED -> {}
        }
    }

    RuntimeStats stats(AsyncRuntime runtime) {
        List<EventLoopStats> loops = runtime.loops().stats();
        long allFailed = failed.sum();
        long allCancelled = cancelled.sum();
        long allCompleted = completed.sum();
        for (EventLoopStats loop : loops) {
            allFailed += loop.tasksFailed();
            allCancelled += loop.tasksCancelled();
            allCompleted += loop.tasksCompleted();
        }
        // The spawned last: at no moment are there more ends than spawns.
        int live = runtime.liveTasks();
        return new RuntimeStats(
                spawned.get(),
                allCompleted,
                allFailed,
                allCancelled,
                runtime.unhandled().count(),
                live,
                runtime.log().dropped(),
                loops);
    }
}

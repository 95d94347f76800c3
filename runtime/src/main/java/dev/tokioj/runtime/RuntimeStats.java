package dev.tokioj.runtime;

import java.time.Duration;
import java.util.List;

/**
 * What a runtime has done since it started, and what waits in it. Read while everything goes on: the figures are each right for
 * a moment, not all for the same one.
 *
 * @param tasksSpawned tasks that were admitted since the start, wherever they run
 * @param tasksCompleted tasks that have ended, however
 * @param tasksFailed those among them that ended with an exception
 * @param tasksCancelled those among them that were cancelled
 * @param tasksUnhandled those among the failed that nobody asked after within a second; each is in the log
 * @param activeTasks tasks that live: spawned and not ended
 * @param logLinesDropped log lines of the loops that were counted instead of written, because too many waited already
 * @param loops each loop by itself, in the order of {@link EventLoop#index}
 */
public record RuntimeStats(
        long tasksSpawned,
        long tasksCompleted,
        long tasksFailed,
        long tasksCancelled,
        long tasksUnhandled,
        int activeTasks,
        long logLinesDropped,
        List<EventLoopStats> loops) {
    /** The loops' figures added up; its {@link EventLoopStats#totalRuntime} too is the sum of the loops'. */
    public EventLoopStats total() {
        return loops.stream().reduce(EventLoopStats.NONE, EventLoopStats::plus);
    }

    /** Turns of all loops: TokioZ's {@code total_ticks}. */
    public long totalTicks() {
        return total().totalTicks();
    }

    /** Runs of tasks on all loops: TokioZ's {@code tasks_processed}. */
    public long tasksProcessed() {
        return total().tasksProcessed();
    }

    /** I/O handlers called on all loops: TokioZ's {@code io_events_processed}. */
    public long ioEventsProcessed() {
        return total().ioEventsProcessed();
    }

    /** Timers fired on all loops: TokioZ's {@code timer_events_processed}. */
    public long timerEventsProcessed() {
        return total().timerEventsProcessed();
    }

    /** Since the first loop was started: TokioZ's {@code total_runtime_ms}. */
    public Duration totalRuntime() {
        return loops.stream()
                .map(EventLoopStats::totalRuntime)
                .reduce(Duration.ZERO, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    /** How long a turn took on average over all loops, waiting not counted: TokioZ's {@code average_tick_time_us}. */
    public Duration averageTickTime() {
        return total().averageTickTime();
    }
}

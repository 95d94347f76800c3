package dev.tokioj.runtime;

import java.time.Duration;

/**
 * What one event loop has done since it started, and what waits for it, as it last wrote it down: at the end of a turn, or as it
 * happened. The figures are read one after the other while the loop goes on, so sums may be off by what happened meanwhile.
 *
 * <p>The first six are those of TokioZ's {@code EventLoopStats} ({@code average_tick_time_us} is {@link #averageTickTime}).
 *
 * @param loop its {@link EventLoop#index}; -1 for a sum over several
 * @param totalTicks turns; each looks once at the network
 * @param tasksProcessed runs of tasks on the loop: a run is the stretch of a task between two waits
 * @param ioEventsProcessed I/O handlers called
 * @param timerEventsProcessed timers fired
 * @param totalRuntime since it was started, until now or until it ended
 * @param busy how much of that its turns took; the rest it waited. A turn is added when it is over
 * @param sleeps in how many turns it waited
 * @param callbacks what came by its mailbox: callbacks and tasks that others made runnable
 * @param tasksCompleted tasks that ran on it and have ended, however
 * @param tasksFailed those among them that ended with an exception
 * @param tasksCancelled those among them that were cancelled
 * @param unhandled callbacks, timers, flushes and I/O handlers that threw; each is in the log
 * @param stalls turns longer than {@link RuntimeConfig#stallThreshold}
 * @param urgentReady runs that are ready and wait, {@link Priority#URGENT}
 * @param normalReady likewise, {@link Priority#NORMAL}
 * @param backgroundReady likewise, {@link Priority#BACKGROUND}
 * @param mailbox what has been sent to it and not delivered; of the part that has not been collected at most 65,536 are counted
 * @param timersArmed timers that will fire
 * @param lateness how late timers fired
 */
public record EventLoopStats(
        int loop,
        long totalTicks,
        long tasksProcessed,
        long ioEventsProcessed,
        long timerEventsProcessed,
        Duration totalRuntime,
        Duration busy,
        long sleeps,
        long callbacks,
        long tasksCompleted,
        long tasksFailed,
        long tasksCancelled,
        long unhandled,
        long stalls,
        int urgentReady,
        int normalReady,
        int backgroundReady,
        int mailbox,
        int timersArmed,
        LatenessHistogram lateness) {
    /** A sum of nothing. */
    static final EventLoopStats NONE = new LoopCounters().stats(-1, 0, 0);

    /** How long a turn took on average, waiting not counted; zero before the first. */
    public Duration averageTickTime() {
        return totalTicks == 0 ? Duration.ZERO : busy.dividedBy(totalTicks);
    }

    /** How much of its time it was busy, 0 to 1. */
    public double load() {
        long nanos = totalRuntime.toNanos();
        return nanos <= 0 ? 0 : Math.min(1, (double) busy.toNanos() / nanos);
    }

    /** Both together; the runtimes are added too, so that {@link #load} is of all. */
    EventLoopStats plus(EventLoopStats other) {
        return new EventLoopStats(
                -1,
                totalTicks + other.totalTicks,
                tasksProcessed + other.tasksProcessed,
                ioEventsProcessed + other.ioEventsProcessed,
                timerEventsProcessed + other.timerEventsProcessed,
                totalRuntime.plus(other.totalRuntime),
                busy.plus(other.busy),
                sleeps + other.sleeps,
                callbacks + other.callbacks,
                tasksCompleted + other.tasksCompleted,
                tasksFailed + other.tasksFailed,
                tasksCancelled + other.tasksCancelled,
                unhandled + other.unhandled,
                stalls + other.stalls,
                urgentReady + other.urgentReady,
                normalReady + other.normalReady,
                backgroundReady + other.backgroundReady,
                mailbox + other.mailbox,
                timersArmed + other.timersArmed,
                lateness.plus(other.lateness));
    }
}

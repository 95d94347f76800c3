package dev.tokioj.runtime;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one loop counts of itself. Only who runs the loop writes (its thread, later the drain thread), so that counting is an
 * addition and a store; anybody reads, a little late. For {@link EventLoopStats}.
 */
final class LoopCounters {
    // Cells, behind as much room as keeps other objects' writes out of their cache line.
    private static final int TURNS = 8;
    private static final int SLEEPS = 9;
    private static final int BUSY_NANOS = 10;
    private static final int RUNS = 11;
    private static final int IO_EVENTS = 12;
    private static final int TIMERS = 13;
    private static final int CALLBACKS = 14;
    private static final int COMPLETED = 15;
    private static final int FAILED = 16;
    private static final int CANCELLED = 17;
    private static final int UNHANDLED = 18;
    private static final int URGENT_READY = 19;
    private static final int NORMAL_READY = 20;
    private static final int BACKGROUND_READY = 21;
    private static final int MAIL_TAKEN = 22;
    private static final int TIMERS_ARMED = 23;
    private static final int MOST_LATE = 24;
    private static final int STARTED_AT = 25;
    private static final int ENDED_AT = 26;
    private static final int LATENESS = 32;

    private final AtomicLongArray cells = new AtomicLongArray(LATENESS + LatenessHistogram.BUCKETS + 8);

    private void add(int cell, long n) {
        cells.setRelease(cell, cells.getPlain(cell) + n);
    }

    private long get(int cell) {
        return cells.getAcquire(cell);
    }

    /** Before the loop's thread starts. */
    void starts() {
        cells.setRelease(STARTED_AT, Clock.system().nanoTime());
    }

    /** The loop's thread ends. */
    void ends() {
        cells.setRelease(ENDED_AT, Clock.system().nanoTime());
    }

    void turn() {
        add(TURNS, 1);
    }

    /** The loop is about to wait; {@code since}: when its last turn began. */
    void sleeps(long since) {
        add(SLEEPS, 1);
        if (since != 0) {
            add(BUSY_NANOS, Clock.system().nanoTime() - since);
        }
    }

    /**
     * The network was looked at and the rest of a turn begins.
     *
     * @param since when the turn before began, or the first handler of this one asked the time; 0: the loop has waited
     * @return the time, never 0
     */
    long polled(long since, int events) {
        long time = Clock.system().nanoTime() | 1;
        if (since != 0) {
            add(BUSY_NANOS, time - since);
        }
        if (events != 0) {
            add(IO_EVENTS, events);
        }
        return time;
    }

    /** What one turn did, and left. */
    void worked(int callbacks, int runs, ReadyQueue ready, int mailTaken, int timersArmed) {
        add(CALLBACKS, callbacks);
        add(RUNS, runs);
        cells.setRelease(URGENT_READY, ready.size(Priority.URGENT));
        cells.setRelease(NORMAL_READY, ready.size(Priority.NORMAL));
        cells.setRelease(BACKGROUND_READY, ready.size(Priority.BACKGROUND));
        cells.setRelease(MAIL_TAKEN, mailTaken);
        cells.setRelease(TIMERS_ARMED, timersArmed);
    }

    /** A timer fires this much after its deadline, ns. */
    void timerFired(long late) {
        if (late > cells.getPlain(MOST_LATE)) {
            cells.setRelease(MOST_LATE, late);
        }
        add(LATENESS + LatenessHistogram.bucket(late), 1);
        // Last, and read first: who sees it counted sees how late it was.
        add(TIMERS, 1);
    }

    /** A task on the loop ended in this state. */
    void taskEnded(TaskState state) {
        switch (state) {
            case FAILED -> add(FAILED, 1);
            case CANCELLED -> add(CANCELLED, 1);
            case CREATED, RUNNING, INTERRUPTING, CANCELLING, SUCCEEDED -> {}
        }
        add(COMPLETED, 1);
    }

    /** A callback threw. */
    void unhandled() {
        add(UNHANDLED, 1);
    }

    long turns() {
        return get(TURNS);
    }

    long sleeps() {
        return get(SLEEPS);
    }

    /** Any thread. */
    EventLoopStats stats(int loop, int mailbox, long stalls) {
        long timers = get(TIMERS);
        long started = get(STARTED_AT);
        long ended = get(ENDED_AT);
        long ran = started == 0 ? 0 : (ended == 0 ? Clock.system().nanoTime() : ended) - started;
        long[] lateness = new long[LatenessHistogram.BUCKETS];
        for (int i = 0; i < lateness.length; i++) {
            lateness[i] = get(LATENESS + i);
        }
        return new EventLoopStats(
                loop,
                get(TURNS),
                get(RUNS),
                get(IO_EVENTS),
                timers,
                Duration.ofNanos(ran),
                Duration.ofNanos(get(BUSY_NANOS)),
                get(SLEEPS),
                get(CALLBACKS),
                get(COMPLETED),
                get(FAILED),
                get(CANCELLED),
                get(UNHANDLED),
                stalls,
                (int) get(URGENT_READY),
                (int) get(NORMAL_READY),
                (int) get(BACKGROUND_READY),
                mailbox + (int) get(MAIL_TAKEN),
                (int) get(TIMERS_ARMED),
                new LatenessHistogram(lateness, get(MOST_LATE)));
    }
}

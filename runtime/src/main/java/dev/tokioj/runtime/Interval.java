package dev.tokioj.runtime;

import java.time.Duration;

/**
 * Beats at a fixed rate: the first one period after it was made, and never two at once: beats that nobody awaited are
 * skipped, the rate stays. For one thread at a time. Made by {@link TokioJ#interval}.
 */
public final class Interval {
    private final Clock clock;
    private final long period;
    private long next;

    Interval(Clock clock, Duration period) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("period: must be more than zero, is " + period);
        }
        this.clock = clock;
        this.period = Task.nanos(period);
        this.next = Parking.deadlineIn(clock, this.period);
    }

    /**
     * Waits for the next beat.
     *
     * @return how many periods have passed since the one before: 1 unless the caller was late
     * @throws IllegalStateException in a callback of a loop
     */
    public long await() throws InterruptedException {
        TokioJ.sleepUntil(this, clock, next);
        long beats = 1 + Math.max(0, clock.nanoTime() - next) / period;
        next += beats * period;
        return beats;
    }
}

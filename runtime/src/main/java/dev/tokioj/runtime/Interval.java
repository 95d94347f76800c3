package dev.tokioj.runtime;

import java.time.Duration;

/**
 * Beats at a fixed rate, the first one period after it was made. What happens to beats that nobody awaited in time is said by
 * {@link MissedTicks}. For one thread at a time. Made by {@link TokioJ#interval}.
 */
public final class Interval {
    /** As late as this is still in time, as with Tokio. */
    private static final long TOLERANCE_NANOS = 5_000_000;

    private final Clock clock;
    private final long period;
    private final MissedTicks missed;
    private long next;

    Interval(Clock clock, Duration period, MissedTicks missed) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("period: must be more than zero, is " + period);
        }
        this.clock = clock;
        this.period = Task.nanos(period);
        this.missed = missed;
        this.next = Parking.deadlineIn(clock, this.period);
    }

    /**
     * Waits for the next beat.
     *
     * @return how many beats this one stands for: 1, and with {@link MissedTicks#SKIP} those that it skips besides
     * @throws IllegalStateException in a callback of a loop
     */
    public long await() throws InterruptedException {
        TokioJ.sleepUntil(this, clock, next);
        return switch (missed) {
            case BURST -> {
                next += period;
                yield 1;
            }
            case DELAY -> {
                // A wake-up takes its microseconds: the rhythm must not drift by these.
                boolean late = clock.nanoTime() - next > Math.min(period, TOLERANCE_NANOS);
                next = late ? Parking.deadlineIn(clock, period) : next + period;
                yield 1;
            }
            case SKIP -> {
                long beats = 1 + Math.max(0, clock.nanoTime() - next) / period;
                next += beats * period;
                yield beats;
            }
        };
    }
}

package dev.tokioj.runtime;

/**
 * A timer of one event loop, made by {@link EventLoop#newTimer}. It fires at most once per arming, never early, and about
 * 8 microseconds late at best (the wheel's tick). All methods: the loop's thread only.
 */
public final class Timer {
    private final EventLoop loop;
    final Runnable onFire;
    /** This timer's cell in the wheel while armed, else -1. Written by {@link TimerWheel} alone. */
    int cell = -1;

    Timer(EventLoop loop, Runnable onFire) {
        this.loop = loop;
        this.onFire = onFire;
    }

    /**
     * Arms, or re-arms, for {@code deadlineNanos} on the loop's clock; {@link Long#MAX_VALUE} disarms. Allocates nothing. A
     * deadline that has come fires in this turn if its timers were not fired yet, else in the next.
     *
     * @throws IllegalStateException off the loop's thread, or when the loop has ended
     */
    public void arm(long deadlineNanos) {
        loop.timers.arm(this, deadlineNanos);
    }

    /** Disarms; nothing happens if it is not armed. */
    public void disarm() {
        loop.timers.arm(this, Long.MAX_VALUE);
    }

    /** Whether it will fire. */
    public boolean isArmed() {
        return cell >= 0;
    }
}

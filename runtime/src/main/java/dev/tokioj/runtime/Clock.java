package dev.tokioj.runtime;

/** Monotonic time in nanoseconds, from an arbitrary origin: compare only by difference. Any thread. */
public sealed interface Clock permits SystemClock, PausedClock {
    /** The time. */
    long nanoTime();

    /** The machine's monotonic clock. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /** A clock that stands still until it is told to move: for tests. */
    static PausedClock paused() {
        return new PausedClock(PausedClock.Mode.BY_HAND);
    }

    /** A clock that jumps to the next deadline whenever its runtime has nothing to do before: for tests, see {@link PausedClock}. */
    static PausedClock pausedAutoAdvance() {
        return new PausedClock(PausedClock.Mode.BY_ITSELF);
    }
}

package dev.tokioj.runtime;

import java.util.concurrent.atomic.AtomicInteger;

/** How far a loop's life has come, and that nobody wakes it by a poller that is closed. */
final class LoopLife {
    private enum Phase {
        /** Made, not yet started, or running. */
        OPEN,
        /** Told to end. */
        STOPPING,
        /** Its thread has left; what still arrives is run by the drain thread. */
        ENDED
    }

    private volatile Phase phase = Phase.OPEN;
    /** How many threads are between "this loop must be woken" and having done it. */
    private final AtomicInteger waking = new AtomicInteger();

    boolean isOpen() {
        return phase == Phase.OPEN;
    }

    boolean hasEnded() {
        return phase == Phase.ENDED;
    }

    /** Any thread: the turn that goes on is the last. */
    void stop() {
        phase = Phase.STOPPING;
    }

    /** Any thread: ends the loop's wait; false: it has ended, and never waits again. */
    boolean wake(LoopWait wait) {
        waking.incrementAndGet();
        try {
            if (phase == Phase.ENDED) {
                return false;
            }
            wait.wake();
            return true;
        } finally {
            waking.decrementAndGet();
        }
    }

    /** The loop's thread, last: once this has returned nobody is at its poller, which may be closed. */
    void end() {
        phase = Phase.ENDED;
        while (waking.get() != 0) {
            Thread.onSpinWait();
        }
    }
}

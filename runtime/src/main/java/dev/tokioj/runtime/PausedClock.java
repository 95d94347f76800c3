package dev.tokioj.runtime;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock that stands still until {@link #advance}: timers, {@link TokioJ#sleep} and deadlines of a runtime started with it
 * pass when the test says so. Any thread.
 */
public final class PausedClock implements Clock {
    private final AtomicLong now = new AtomicLong();
    private final Set<EventLoop> loops = ConcurrentHashMap.newKeySet();
    private final Set<Thread> sleepers = ConcurrentHashMap.newKeySet();

    PausedClock() {}

    @Override
    public long nanoTime() {
        return now.get();
    }

    /** Moves the time forward and wakes whoever waits for it; what became due runs soon after, not before this returns. */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("advance: time does not go back, but by is " + by);
        }
        now.addAndGet(by.toNanos());
        loops.forEach(EventLoop::wake);
        sleepers.forEach(LockSupport::unpark);
    }

    void attach(EventLoop loop) {
        loops.add(loop);
    }

    void detach(EventLoop loop) {
        loops.remove(loop);
    }

    /** Parks the calling thread, which is not on a loop, until the time has come, an unpark or an interrupt. */
    void parkUntil(Object blocker, long deadline) {
        Thread self = Thread.currentThread();
        sleepers.add(self);
        try {
            // Registered before the look at the time: an advance in between finds us.
            if (deadline - now.get() > 0) {
                LockSupport.park(blocker);
            }
        } finally {
            sleepers.remove(self);
        }
    }
}

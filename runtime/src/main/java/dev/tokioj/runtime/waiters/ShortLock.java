package dev.tokioj.runtime.waiters;

import dev.tokioj.runtime.EventLoop;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock for sections of a few instructions, which callbacks of a loop enter too: nobody parks, waits for anything or runs code of a
 * user in one.
 */
// Why no plain ReentrantLock: its waiters form a queue, and unlock wakes the first alone. If that is a task on a loop
// and the loop's own thread stands behind it in a callback, the task needs the loop to go on and the loop waits for the
// task, for ever. So a loop's thread never queues. It is not late for that: whoever holds the lock runs, since a task
// can be parked in the queue but not in the section.
public final class ShortLock {
    private static final int SPINS = 200;

    private final ReentrantLock lock = new ReentrantLock();

    /** Free. */
    public ShortLock() {}

    /** Any thread: enters; {@link #unlock} follows in a finally. */
    public void lock() {
        if (!lock.tryLock()) {
            if (EventLoop.isLoopThread()) {
                spin();
            } else {
                lock.lock();
            }
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the holder may need this very processor
    private void spin() {
        for (int i = 0; !lock.tryLock(); i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /** The holder: leaves. */
    public void unlock() {
        lock.unlock();
    }
}

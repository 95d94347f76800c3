package dev.tokioj.runtime;

import java.util.concurrent.locks.LockSupport;

/** {@link Waiting} without an event loop. */
enum JdkWaiting implements Waiting {
    INSTANCE;

    @Override
    public boolean isLoopThread() {
        return false;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void parkUntil(Object blocker, long deadlineNanos) {
        if (deadlineNanos == Long.MAX_VALUE) {
            LockSupport.park(blocker);
            return;
        }
        long left = deadlineNanos - System.nanoTime();
        if (left > 0) {
            LockSupport.parkNanos(blocker, left);
        }
    }
}

package dev.tokioj.runtime;

/** {@link Waiting} on our own time: the wheel for tasks on a loop of this clock, the clock's own way for all others. */
record LoopWaiting(Clock clock) implements Waiting {
    @Override
    public boolean isLoopThread() {
        return Thread.currentThread() instanceof LoopThread;
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public void parkUntil(Object blocker, long deadlineNanos) {
        if (deadlineNanos == Long.MAX_VALUE) {
            Parking.park(blocker);
        } else {
            Parking.parkUntil(blocker, clock, deadlineNanos);
        }
    }
}

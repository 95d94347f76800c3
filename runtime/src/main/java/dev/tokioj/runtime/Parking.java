package dev.tokioj.runtime;

import java.util.concurrent.locks.LockSupport;

/** Waiting with a deadline on our own time: the wheel on a loop, the runtime's clock elsewhere. */
final class Parking {
    private Parking() {}

    /** Parks until an unpark, an interrupt, or for no reason. */
    static void park(Object blocker) {
        LockSupport.park(blocker);
        PausedClock.goesOn();
    }

    /**
     * Parks until the deadline, an unpark, an interrupt, or for no reason: the caller loops. On a loop the wheel wakes it (a
     * park of the JDK's with a time-out would go through a thread of the JDK's and know no paused clock).
     */
    static void parkUntil(Object blocker, Clock clock, long deadline) {
        EventLoop loop = EventLoop.current();
        if (loop != null && loop.clock() == clock && loop.isRunning()) {
            parkOnWheel(loop, blocker, deadline);
            return;
        }
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime != null && runtime.clock() == clock) {
            runtime.checkTimers("a wait with a deadline");
        }
        if (clock instanceof PausedClock paused) {
            paused.parkUntil(blocker, deadline);
        } else {
            LockSupport.parkNanos(blocker, deadline - clock.nanoTime());
        }
    }

    /** Virtual thread on this loop. */
    private static void parkOnWheel(EventLoop loop, Object blocker, long deadline) {
        Thread self = Thread.currentThread();
        Task<?> task = loop.runningTask();
        Timer timer;
        if (task != null && task.thread() == self) {
            timer = task.sleepTimer;
            if (timer == null) {
                timer = loop.newTimer(() -> LockSupport.unpark(self));
                task.sleepTimer = timer;
            }
        } else {
            timer = loop.newTimer(() -> LockSupport.unpark(self));
        }
        timer.arm(deadline);
        try {
            LockSupport.park(blocker);
        } finally {
            timer.disarm();
        }
    }

    /** The moment {@code nanos} from now, kept below "for ever" however long it is. */
    static long deadlineIn(Clock clock, long nanos) {
        return clock.nanoTime() + Math.clamp(nanos, 0, Long.MAX_VALUE >> 1);
    }
}

package dev.tokioj.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock that stands still: timers, {@link TokioJ#sleep} and deadlines of a runtime started with it pass when {@link #advance}
 * says so, or, if it was made by {@link Clock#pausedAutoAdvance}, when nothing is left to do before the next of them. Any
 * thread.
 *
 * <p><b>Advancing by itself.</b> When every loop that uses the clock is about to sleep with no mail, no ready task and no
 * ready socket, and every task beside the loops waits, the clock jumps to the first deadline (rounded up to the tick of the
 * timer wheel, 8.2 us). So hours of sleeps pass in milliseconds, in the order of their deadlines. With all tasks on one loop
 * ({@link Placement#LOOP}) the order of everything is the same in each run, as long as the test's own code is a task too ({@link
 * TokioJ#run}): the clock does not know what a thread outside the runtime is about to do. Tasks beside the loops ({@link
 * Placement#SHARED}, {@code spawnBlocking}, {@code spawnCompute}) are looked at by their threads' states, twice, a
 * millisecond of real time apart, and none of them may have begun or gone on after a wait of this library's in between. That finds
 * whoever hands over to another virtual thread by this library's calls. What it cannot see, so that the clock may jump early: a hand-over
 * by a wait of the JDK's (a lock, a queue, a future) just between the looks, and a platform thread of a pool that was woken and gets no
 * processor for a millisecond (one that sleeps on this clock is seen). What waits for the world outside (a JDK socket, another
 * process) looks like any other wait.
 */
public final class PausedClock implements Clock {
    /** How long tasks beside the loops have to be seen waiting, in real time. */
    static final long SECOND_LOOK_NANOS = 1_000_000;
    /**
     * The same if one of them waits for a monitor: one that was left is still waited for until a thread of the JDK's has told
     * the virtual thread, which takes its time on a busy machine.
     */
    static final long MONITOR_LOOK_NANOS = 100_000_000;

    enum Mode {
        /** The time is moved by {@link #advance} alone. */
        BY_HAND,
        /** And by idleness. */
        BY_ITSELF
    }

    /** Whether there are clocks that advance by themselves: without, a task that goes on has nobody to tell. */
    private static volatile boolean anyAdvances;

    private final Mode mode;
    private final AtomicLong now = new AtomicLong();
    private final Set<EventLoop> loops = ConcurrentHashMap.newKeySet();
    /** Threads that are not on a loop, and until when they sleep. */
    private final Map<Thread, Long> sleepers = new ConcurrentHashMap<>();
    /**
     * How often a task beside the loops has begun, or gone on after a wait of ours, or a loop has had something to do. Threads are looked at
     * one after the other, and one that was seen waiting may run by the time the next has been looked at, which waits by then; but not
     * without a step.
     */
    private final AtomicLong steps = new AtomicLong();

    // Guarded by the map itself, which the loops' own threads take and no task: none can be off its carrier with it. No
    // code of users runs and nothing waits inside.
    /** The loops that are about to sleep, each with the first deadline of its wheel. */
    private final Map<EventLoop, Long> idle = new HashMap<>();
    /** When (machine's clock) all tasks beside the loops were first seen waiting; 0: they were not. */
    private long waitingSince;
    /** At which step that was. */
    private long waitingAtStep;

    PausedClock(Mode mode) {
        this.mode = mode;
    }

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
        wakeAll();
    }

    private void wakeAll() {
        loops.forEach(EventLoop::wake);
        long time = now.get();
        sleepers.forEach((thread, deadline) -> {
            if (deadline - time <= 0) {
                LockSupport.unpark(thread);
            }
        });
    }

    private void lookAgain() {
        for (EventLoop loop : loops) {
            loop.wake();
            return;
        }
    }

    void attach(EventLoop loop) {
        if (advancesByItself()) {
            anyAdvances = true;
        }
        loops.add(loop);
    }

    void detach(EventLoop loop) {
        synchronized (idle) {
            loops.remove(loop);
            idle.remove(loop);
        }
    }

    /** Any thread that is not a loop's own: it begins as a task, or goes on after a wait. */
    static void goesOn() {
        if (anyAdvances) {
            AsyncRuntime runtime = AsyncRuntime.current();
            if (runtime != null && runtime.clock() instanceof PausedClock paused) {
                paused.step();
            }
        }
    }

    /** Any thread. */
    void step() {
        steps.incrementAndGet();
    }

    boolean advancesByItself() {
        return mode == Mode.BY_ITSELF;
    }

    /**
     * Loop: has announced its sleep to its mailbox and found nothing ready. If it is the last, the time jumps, and this loop and
     * the others are woken.
     *
     * @param deadline the first of its wheel; {@link Long#MAX_VALUE}: none
     */
    void idle(EventLoop loop, long deadline) {
        synchronized (idle) {
            idle.put(loop, deadline);
            long next = nobodyRuns() ? next() : Long.MAX_VALUE;
            if (next == Long.MAX_VALUE) {
                return;
            }
            waitingSince = 0;
            now.set(next);
            // Nobody may look again before all were woken and have gone through a turn: this loop neither.
            idle.clear();
        }
        wakeAll();
    }

    /** Loop: goes on. */
    void busy(EventLoop loop) {
        synchronized (idle) {
            idle.remove(loop);
        }
    }

    /**
     * Whether all loops sleep and everything beside them waits. A loop that was sent something since it fell asleep will wake:
     * who sends is a loop that then falls asleep later than the mail arrived, and so sees it here.
     */
    private boolean nobodyRuns() {
        if (idle.size() != loops.size()) {
            return false;
        }
        long step = steps.get();
        long quiet = 0;
        for (EventLoop loop : loops) {
            quiet = loop.mailbox.isAsleep()
                    ? Math.max(quiet, loop.runtime().besideLoops().quietNanos())
                    : Long.MAX_VALUE;
            if (quiet == Long.MAX_VALUE) {
                waitingSince = 0;
                return false;
            }
        }
        if (quiet == 0) {
            return true;
        }
        if (steps.get() != step || isSleeperDue()) {
            waitingSince = 0;
            return false;
        }
        long time = Clock.system().nanoTime();
        if (waitingSince == 0 || waitingAtStep != step) {
            waitingSince = time | 1;
            waitingAtStep = step;
            return false;
        }
        return time - waitingSince >= quiet;
    }

    /** Whether a thread's time has come that has not gone on yet: on a busy machine it may take long to get a processor. */
    private boolean isSleeperDue() {
        long time = now.get();
        for (long deadline : sleepers.values()) {
            if (deadline - time <= 0) {
                return true;
            }
        }
        return false;
    }

    /** The first deadline ahead; {@link Long#MAX_VALUE}: there is none. One that has come is being served. */
    private long next() {
        long time = now.get();
        long first = Long.MAX_VALUE;
        for (long deadline : idle.values()) {
            if (deadline != Long.MAX_VALUE && deadline - time > 0) {
                first = Math.min(first, deadline);
            }
        }
        for (long deadline : sleepers.values()) {
            if (deadline - time > 0) {
                first = Math.min(first, deadline);
            }
        }
        return first;
    }

    /** Parks the calling thread, which is not on a loop, until the time has come, an unpark or an interrupt. */
    void parkUntil(Object blocker, long deadline) {
        Thread self = Thread.currentThread();
        sleepers.put(self, deadline);
        try {
            // Registered before the look at the time: an advance in between finds us.
            if (deadline - now.get() > 0) {
                if (mode == Mode.BY_ITSELF) {
                    // The loops may all sleep, having seen no deadline.
                    lookAgain();
                }
                LockSupport.park(blocker);
            }
        } finally {
            // In this order: who finds it no more among the sleepers finds the step.
            step();
            sleepers.remove(self);
        }
    }
}

package dev.tokioj.runtime;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a loop waits with, and how long: by its poller, or by parking if it has none. The poll timeout is the bound right after
 * work, and each wait in vain doubles it up to {@link #IDLE_NANOS}. The loop's thread only, but for {@link #wake}.
 */
final class LoopWait implements AutoCloseable {
    /** How long a loop sleeps at least that has had nothing to do for a while. */
    static final long IDLE_NANOS = 500_000_000;

    private final EventLoop loop;
    private final @Nullable Poller poller;
    private final Clock clock;
    private final long pollNanos;
    private final long idleNanos;
    private final long spinNanos;
    /** How long the next wait may be. */
    private long patience;

    private boolean idle;
    private long idleSince;
    private int failuresInARow;

    LoopWait(EventLoop loop, RuntimeConfig config, @Nullable Poller poller) {
        this.loop = loop;
        this.poller = poller;
        this.clock = config.clock();
        this.pollNanos = Task.nanos(config.pollTimeout());
        this.idleNanos = Math.max(pollNanos, IDLE_NANOS);
        this.spinNanos = Task.nanos(config.spinBeforeSleep());
        this.patience = pollNanos;
    }

    /**
     * What sockets register with.
     *
     * @throws DisabledException there is none, and the loop parks
     */
    Poller poller() {
        if (poller == null) {
            throw new DisabledException("enableIo", "a socket, or anything else that is registered with a loop,");
        }
        return poller;
    }

    /**
     * The first step of a turn: waits, if there is nothing to do, and runs the handlers of what is ready. How many ran.
     *
     * @param busy there is something to do: what is ready is looked at, and not waited for
     */
    int poll(boolean busy) {
        LoopTimers timers = loop.timers;
        AtomicLong busySince = loop.busySince;
        long timeout = busy ? 0 : timeout(timers.nextDeadline());
        boolean asleep = timeout != 0 && loop.mailbox.sleep();
        if (asleep) {
            loop.counters().sleeps(busySince.getPlain());
            busySince.setRelease(0);
        }
        loop.forgetTime();
        int handled = 0;
        Object event = RuntimeEvents.polls();
        try {
            handled = asleep ? await(timeout, timers.nextDeadline()) : look(0);
            failuresInARow = 0;
        } catch (IOException | RuntimeException | Error e) {
            loop.runtime().log().failed(loop, "waiting for I/O", e);
            if (++failuresInARow > 10) {
                // A poller that fails at once, every time, must not eat the core.
                LockSupport.parkNanos(1_000_000);
            }
        } finally {
            if (asleep) {
                loop.mailbox.awake();
                waited();
            }
            busySince.setRelease(loop.counters().polled(busySince.getPlain(), handled));
            RuntimeEvents.polled(event, loop, handled, asleep ? timeout : 0);
        }
        return handled;
    }

    /** A turn has ended, with or without anything done. */
    void turned(boolean worked) {
        idle = !worked;
        if (worked) {
            idleSince = 0;
            patience = pollNanos;
            if (clock instanceof PausedClock paused) {
                paused.step();
            }
        }
    }

    /** A wait has ended; if it was in vain, {@link #turned} will not take this back. */
    void waited() {
        patience = Math.min(patience * 2, idleNanos);
    }

    /**
     * How long the coming wait may be, ns; 0: not at all.
     *
     * @param deadline of the first timer; {@link Long#MAX_VALUE}: none is armed
     */
    long timeout(long deadline) {
        if (staysAwake()) {
            return 0;
        }
        if (deadline == Long.MAX_VALUE) {
            return patience;
        }
        long left = deadline - clock.nanoTime();
        if (clock instanceof PausedClock && left > 0) {
            // Its advance wakes us.
            return patience;
        }
        return Math.clamp(left, 0, patience);
    }

    private boolean staysAwake() {
        if (spinNanos == 0) {
            return false;
        }
        long time = Clock.system().nanoTime();
        if (!idle || idleSince == 0) {
            idleSince = time | 1;
        }
        return time - idleSince < spinNanos;
    }

    /**
     * Waits, and runs the handlers of what is ready. The loop has announced to its mailbox that it sleeps.
     *
     * @param timeout ns, more than 0
     * @param deadline as for {@link #timeout}
     * @return how many handlers ran
     */
    int await(long timeout, long deadline) throws IOException {
        if (clock instanceof PausedClock paused && paused.advancesByItself()) {
            return awaitOrAdvance(paused, timeout, deadline);
        }
        return look(timeout);
    }

    private int awaitOrAdvance(PausedClock paused, long timeout, long deadline) throws IOException {
        int handled = look(0);
        if (handled > 0) {
            return handled;
        }
        paused.idle(loop, deadline);
        try {
            // Who runs beside the loops tells nobody when it waits: look again soon.
            return look(loop.runtime().besideLoops().areThere() ? PausedClock.SECOND_LOOK_NANOS : timeout);
        } finally {
            paused.busy(loop);
        }
    }

    /** Runs the handlers of what is ready, and waits no longer than this for something that is; 0: not at all. */
    int look(long timeout) throws IOException {
        if (poller != null) {
            return poller.poll(timeout);
        }
        if (timeout > 0) {
            LockSupport.parkNanos(this, timeout);
            // An interrupt by whoever has got hold of the thread must not keep the loop from sleeping.
            Thread.interrupted();
        }
        return 0;
    }

    /** Any thread: the wait that goes on, or else the next, returns at once. Not after {@link #close}. */
    void wake() {
        if (poller == null) {
            LockSupport.unpark(loop.thread());
        } else {
            poller.wakeup();
        }
    }

    @Override
    public void close() throws IOException {
        if (poller != null) {
            poller.close();
        }
    }
}

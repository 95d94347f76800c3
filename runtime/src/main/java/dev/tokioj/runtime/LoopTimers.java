package dev.tokioj.runtime;

import java.util.function.Consumer;

/** The timers of one loop: its wheel, who may arm them and when, and that they fire. The loop's thread only. */
final class LoopTimers {
    private final EventLoop loop;
    private final TimerWheel wheel;
    private final boolean enabled;
    /** Kept, so that a turn makes no closure. */
    private final Consumer<Timer> fire = this::fire;

    LoopTimers(EventLoop loop, RuntimeConfig config) {
        this.loop = loop;
        this.wheel = new TimerWheel(config.clock().nanoTime());
        this.enabled = config.enableTimers();
    }

    /** How many will fire. */
    int armed() {
        return wheel.armed();
    }

    /** When a look is due again; {@link Long#MAX_VALUE}: none is armed. */
    long nextDeadline() {
        return wheel.nextDeadline();
    }

    void arm(Timer timer, long deadline) {
        loop.checkInLoop("a timer");
        if (deadline == Long.MAX_VALUE) {
            wheel.arm(timer, deadline);
            return;
        }
        if (!enabled) {
            throw new DisabledException("enableTimers", "a timer");
        }
        if (!loop.isRunning()) {
            throw new IllegalStateException("the loop " + loop + " has ended: its timers fire no more");
        }
        if (deadline - loop.now() <= 0) {
            wheel.armDue(timer);
        } else {
            wheel.arm(timer, deadline);
        }
    }

    /** Fires those that are due, so many at most; returns how many. */
    int fire(int most) {
        return wheel.armed() == 0 ? 0 : wheel.advance(loop.now(), most, fire);
    }

    private void fire(Timer timer) {
        long late = wheel.lateness(loop.now());
        loop.counters().timerFired(late);
        RuntimeEvents.timerFires(loop, late);
        loop.guarded("a timer", timer.onFire);
    }
}

package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Timer;

/** The one timer of a pool, and its news of the end of the loop that has the timer. Any thread; the callbacks run on the loop. */
final class PoolAlarm {
    private final EventLoop loop;
    private final Timer timer;
    private final Runnable onLoopEnd;

    PoolAlarm(EventLoop loop, Runnable onTime, Runnable onLoopEnd) {
        this.loop = loop;
        this.timer = loop.newTimer(onTime);
        this.onLoopEnd = onLoopEnd;
    }

    /** Once, before anything else. */
    void start() {
        loop.execute(() -> loop.atClose(onLoopEnd));
    }

    /** Rings once, then. The calls of one pool follow each other, and so do their effects. */
    void ringAt(long deadline) {
        loop.execute(() -> timer.arm(deadline));
    }

    /** Rings no more. */
    void stop() {
        loop.execute(() -> {
            timer.disarm();
            loop.forgetAtClose(onLoopEnd);
        });
    }
}

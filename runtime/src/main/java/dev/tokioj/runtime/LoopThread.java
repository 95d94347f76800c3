package dev.tokioj.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A platform thread that runs event loops: the thread of one loop for that loop's life, or the drain thread, which runs what
 * still arrives for loops that have ended. Whoever finds one as its carrier is on {@link #loop}.
 */
final class LoopThread extends Thread {
    /** Written and read by this thread alone (or by what it carries). */
    @Nullable EventLoop loop;

    LoopThread(@Nullable EventLoop loop, Runnable body, String name) {
        super(null, body, name, 0, false);
        this.loop = loop;
        setDaemon(true);
    }
}

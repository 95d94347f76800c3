package dev.tokioj.runtime;

import java.time.Duration;

/**
 * Runs what arrives for loops that have ended: threads that ignored their cancellation, threads made inside tasks, callbacks
 * of other threads. They find themselves "in the loop" as before, only that its timers and sockets are gone. Without it
 * they, and whoever joins them, would hang for ever. One thread for the process, there only while there is something to do.
 */
final class DrainThread {
    private static final WorkerThreads DRAIN =
            new WorkerThreads(1, Duration.ofSeconds(1), body -> new LoopThread(null, body, "tokioj-drain"));

    private DrainThread() {}

    /** Any thread: runs the loop's mail soon. */
    static void drain(EventLoop loop) {
        DRAIN.execute(() -> {
            LoopThread self = (LoopThread) Thread.currentThread();
            self.loop = loop;
            try {
                loop.drain();
            } finally {
                self.loop = null;
            }
        });
    }
}

package dev.tokioj.runtime;

import java.util.ArrayList;
import java.util.List;

/** How a loop ends after its last turn: what it closes, and in which order. The loop's thread only. */
final class LoopEnd {
    private final EventLoop loop;
    private final List<Runnable> closers = new ArrayList<>();
    /** Those there are have had their turn, and what was sent before may still open something. */
    private boolean begun;

    LoopEnd(EventLoop loop) {
        this.loop = loop;
    }

    /** Runs at the end; at once if that has come. */
    void add(Runnable closer) {
        if (begun) {
            closer.run();
        } else {
            closers.add(closer);
        }
    }

    /** Does not. */
    void remove(Runnable closer) {
        closers.remove(closer);
    }

    void run(LoopLife life, LoopWait wait) {
        finish();
        begun = true;
        for (Runnable closer : List.copyOf(closers)) {
            loop.guarded("a closer", closer);
        }
        loop.guarded("closing registrations", loop.io::end);
        finish();
        if (loop.clock() instanceof PausedClock paused) {
            paused.detach(loop);
        }
        life.end();
        try {
            wait.close();
        } catch (Exception e) {
            loop.runtime().log().failed(loop, "closing the poller", e);
        }
    }

    /** What was sent before the end still finds sockets and timers; what goes on for ever is left to the drain thread. */
    private void finish() {
        loop.forgetTime();
        for (int i = 0; i < 16 && loop.deliverAndRun() > 0; i++) {
            loop.forgetTime();
        }
    }
}

package dev.tokioj.quic.recovery;

/**
 * The losses behind the latest reduction of the window: when every one of them turns out to have been late, it is undone. A
 * loss belongs to the episode if it was sent before the episode began and after the one before.
 */
final class LossEpisode {
    private long previousStart = CongestionController.NEVER;
    private long start = CongestionController.NEVER;
    private boolean undoable;
    private int open;
    // Losses of the detection that may be about to begin an episode.
    private int pending;

    void onLost(long sentTime) {
        if (sentTime > start) {
            pending++;
        } else if (sentTime > previousStart) {
            open++;
        }
    }

    void begin(long now, boolean byLoss) {
        previousStart = start;
        start = now;
        undoable = byLoss;
        open = pending;
        pending = 0;
    }

    /** Whether that was the last one. */
    boolean onSpurious(long sentTime) {
        if (!undoable || sentTime > start || sentTime <= previousStart) {
            return false;
        }
        open--;
        undoable = open > 0;
        return open == 0;
    }

    void close() {
        undoable = false;
        pending = 0;
    }
}

package dev.tokioj.quic.recovery;

import java.util.ArrayList;
import java.util.List;

/** Writes down what became of frames: the {@code a} of each. */
final class FateLog implements FrameFate {
    final List<Long> acked = new ArrayList<>();
    final List<Long> lost = new ArrayList<>();

    @Override
    public void acked(SentFrame frame, long a, long b, long c) {
        acked.add(a);
    }

    @Override
    public void lost(SentFrame frame, long a, long b, long c) {
        lost.add(a);
    }

    void clear() {
        acked.clear();
        lost.clear();
    }
}

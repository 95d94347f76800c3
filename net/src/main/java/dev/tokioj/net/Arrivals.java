package dev.tokioj.net;

import dev.tokioj.runtime.InboundHandoff;
import java.util.ArrayList;
import java.util.List;

/**
 * Wakes a reader once for all the packets of a train rather than for each: waking a thread costs as much as opening several packets.
 * Loop's thread only.
 */
final class Arrivals {
    private enum State {
        /** No train is being worked on: readers are woken at once. */
        SINGLE,
        TRAIN
    }

    private final List<InboundHandoff> toWake = new ArrayList<>();
    private State state = State.SINGLE;

    void begin() {
        state = State.TRAIN;
    }

    void offer(InboundHandoff reader, byte[] buf, int off, int len) {
        switch (state) {
            case SINGLE -> reader.offer(buf, off, len);
            case TRAIN -> {
                // Trains are of few streams: whoever came last is most likely to come again.
                boolean known = !toWake.isEmpty() && toWake.getLast().equals(reader);
                if (reader.append(buf, off, len) && !known) {
                    toWake.add(reader);
                }
            }
        }
    }

    void end() {
        state = State.SINGLE;
        for (int i = 0; i < toWake.size(); i++) {
            toWake.get(i).wake();
        }
        toWake.clear();
    }
}

package dev.tokioj.quic.connection;

import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;

/**
 * How many frames a peer may send that cost us work and move nothing: PING, empty STREAM, limits that do not grow, path
 * challenges, connection IDs. Frames that carry data pay some back; a flood ends in a close, as HTTP/2 answers its own.
 */
final class ProgressBudget {
    /** What a frame that carries data pays back. */
    private static final int PAID_BACK = 8;

    private final int limit;
    private int spent;

    ProgressBudget(int limit) {
        this.limit = limit;
    }

    /** A frame that moves something. */
    void onProgress() {
        spent = Math.max(0, spent - PAID_BACK);
    }

    /** A frame that does not. */
    void onNoProgress(long frameType) throws TransportException {
        if (++spent > limit) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, frameType, "too many frames that move nothing");
        }
    }
}

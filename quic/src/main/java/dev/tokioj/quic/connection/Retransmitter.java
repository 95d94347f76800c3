package dev.tokioj.quic.connection;

import dev.tokioj.quic.recovery.FrameFate;
import dev.tokioj.quic.recovery.SentFrame;

/**
 * What becomes of what a packet carried, once it is acknowledged or lost (RFC 9000 13.3): one line a kind of frame. For
 * acknowledgements it is pointed at the space they came in; losses may be of several spaces at once.
 */
final class Retransmitter implements FrameFate {
    private final Transport t;
    private PacketSpace space;

    Retransmitter(Transport t) {
        this.t = t;
        this.space = t.application;
    }

    /** An ACK frame of this space is processed. */
    Retransmitter of(PacketSpace packets) {
        space = packets;
        return this;
    }

    @Override
    public void acked(SentFrame frame, long a, long b, long c) {
        switch (frame) {
            case ACK -> space.acks.onAckAcked(a);
            case CRYPTO -> t.spaces[(int) c].crypto.acked(a, b);
            case NEW_CONNECTION_ID -> {} // held until it is retired
            case RETIRE_CONNECTION_ID -> t.remoteCids.retireAcked(a);
            case NEW_TOKEN -> t.control.newTokenAcked();
            case HANDSHAKE_DONE -> t.control.handshakeDoneAcked();
            case STREAM,
                    RESET_STREAM,
                    STOP_SENDING,
                    MAX_DATA,
                    MAX_STREAM_DATA,
                    MAX_STREAMS_BIDI,
                    MAX_STREAMS_UNI,
                    DATA_BLOCKED,
                    STREAM_DATA_BLOCKED,
                    STREAMS_BLOCKED_BIDI,
                    STREAMS_BLOCKED_UNI -> t.streams.acked(frame, a, b, c);
            case PATH_CHALLENGE, PATH_RESPONSE, PING, DATAGRAM, MTU_PROBE -> {}
        }
    }

    @Override
    public void lost(SentFrame frame, long a, long b, long c) {
        switch (frame) {
            case CRYPTO -> t.spaces[(int) c].crypto.lost(a, b);
            case NEW_CONNECTION_ID -> t.localCids.lost(a);
            case RETIRE_CONNECTION_ID -> t.remoteCids.retireLost(a);
            case NEW_TOKEN -> t.control.newTokenLost();
            case HANDSHAKE_DONE -> t.control.handshakeDoneLost();
            case STREAM,
                    RESET_STREAM,
                    STOP_SENDING,
                    MAX_DATA,
                    MAX_STREAM_DATA,
                    MAX_STREAMS_BIDI,
                    MAX_STREAMS_UNI,
                    DATA_BLOCKED,
                    STREAM_DATA_BLOCKED,
                    STREAMS_BLOCKED_BIDI,
                    STREAMS_BLOCKED_UNI -> t.streams.lost(frame, a, b, c);
            // The next ACK says more; a challenge is repeated with other data by its validator; a response is asked for
            // again; the rest asked for an acknowledgement and nothing else.
            case ACK, PATH_CHALLENGE, PATH_RESPONSE, PING, DATAGRAM, MTU_PROBE -> {}
        }
    }
}

package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;

/** Gives each frame of an opened packet to who it is for. */
final class FrameDispatcher {
    private final Transport t;

    FrameDispatcher(Transport t) {
        this.t = t;
    }

    /**
     * One frame.
     *
     * @param path the way it came
     * @param dcidOff where in {@code packet} its Destination Connection ID is
     */
    void dispatch(Frame frame, PacketSpace space, Path path, byte[] packet, int dcidOff, long now)
            throws TransportException {
        switch (frame) {
            case Frame.Stream f -> onStream(f.streamId(), f.offset(), f.buf(), f.off(), f.len(), f.fin());
            case Frame.Ack f -> onAck(f, space, now);
            case Frame.Crypto f -> onCrypto(f, space, now);
            case Frame.Padding _ -> {}
            case Frame.Ping _ -> t.budget.onNoProgress(FrameType.PING);
            case Frame.ResetStream f -> {
                t.budget.onNoProgress(FrameType.RESET_STREAM);
                t.streams.onFrame(f);
            }
            case Frame.StopSending f -> {
                t.budget.onNoProgress(FrameType.STOP_SENDING);
                t.streams.onFrame(f);
            }
            case Frame.MaxData f -> {
                t.budget.onNoProgress(FrameType.MAX_DATA);
                t.streams.onFrame(f);
            }
            case Frame.MaxStreamData f -> {
                t.budget.onNoProgress(FrameType.MAX_STREAM_DATA);
                t.streams.onFrame(f);
            }
            case Frame.MaxStreams f -> {
                t.budget.onNoProgress(FrameType.MAX_STREAMS_BIDI);
                t.streams.onFrame(f);
            }
            case Frame.DataBlocked _ -> t.budget.onNoProgress(FrameType.DATA_BLOCKED);
            case Frame.StreamDataBlocked f -> {
                t.budget.onNoProgress(FrameType.STREAM_DATA_BLOCKED);
                t.streams.onFrame(f);
            }
            case Frame.StreamsBlocked _ -> t.budget.onNoProgress(FrameType.STREAMS_BLOCKED_BIDI);
            case Frame.NewConnectionId f -> {
                t.budget.onNoProgress(FrameType.NEW_CONNECTION_ID);
                t.onNewConnectionId(f);
            }
            case Frame.RetireConnectionId f -> {
                t.budget.onNoProgress(FrameType.RETIRE_CONNECTION_ID);
                t.localCids.onRetire(f.sequenceNumber(), packet, dcidOff);
            }
            case Frame.PathChallenge f -> {
                t.budget.onNoProgress(FrameType.PATH_CHALLENGE);
                t.responses.add(f.data(), path);
            }
            case Frame.PathResponse f -> t.migration.onPathResponse(f.data(), now);
            case Frame.NewToken f -> onNewToken(f);
            case Frame.HandshakeDone _ -> onHandshakeDone(now);
            case Frame.ConnectionClose f -> t.connection.closeFor(CloseReasons.peer(f));
            case Frame.Datagram _ ->
                throw new TransportException(
                        TransportError.PROTOCOL_VIOLATION, FrameType.DATAGRAM, "DATAGRAM was not offered");
        }
    }

    /** STREAM, by far the most frequent: it comes without an object. */
    void onStream(long id, long offset, byte[] buf, int off, int len, boolean fin) throws TransportException {
        if (len == 0 && !fin) {
            t.budget.onNoProgress(FrameType.STREAM);
        } else {
            t.budget.onProgress();
        }
        t.streams.onStream(id, offset, buf, off, len, fin);
    }

    private void onAck(Frame.Ack f, PacketSpace space, long now) throws TransportException {
        long delay = space.isApplication() ? t.peerAckDelayNanos(f.ackDelay()) : 0;
        boolean progress = t.loss.onAckReceived(space.id, f, delay, now, t.retransmitter.of(space));
        if (space.isApplication()) {
            var phase = space.phase();
            if (phase != null) {
                phase.onAckReceived(f.largestAcked(), now, t.loss.pto());
            }
        }
        if (progress) {
            t.budget.onProgress();
            t.onAcknowledged(now);
        } else {
            t.budget.onNoProgress(FrameType.ACK);
        }
    }

    private void onCrypto(Frame.Crypto f, PacketSpace space, long now) throws TransportException {
        if (f.len() == 0 || t.handshake.isConfirmed()) {
            t.budget.onNoProgress(FrameType.CRYPTO);
        }
        t.handshake.receive(space, f, now);
    }

    private void onNewToken(Frame.NewToken f) throws TransportException {
        if (!t.client) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, FrameType.NEW_TOKEN, "from a client");
        }
        t.budget.onNoProgress(FrameType.NEW_TOKEN);
        t.keepToken(f);
    }

    private void onHandshakeDone(long now) throws TransportException {
        if (!t.client) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, FrameType.HANDSHAKE_DONE, "from a client");
        }
        t.handshake.confirmed(now);
    }
}

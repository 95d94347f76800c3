package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.path.PathValidator;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.recovery.SentPackets;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.VarInt;
import org.jspecify.annotations.Nullable;

/**
 * The 1-RTT frames of the connection itself that wait to be sent: HANDSHAKE_DONE, NEW_TOKEN, connection IDs, path challenges
 * and responses. Those of streams are {@code Streams}' own.
 */
final class ControlFrames {

    /** Where a frame is that is sent once and until it is acknowledged. */
    private enum Once {
        NOT_WANTED,
        DUE,
        SENT,
        DONE
    }

    private final Transport t;
    private Once handshakeDone = Once.NOT_WANTED;
    private Once newToken = Once.NOT_WANTED;
    private byte @Nullable [] token;

    ControlFrames(Transport t) {
        this.t = t;
    }

    /** The server's handshake is complete. */
    void sendHandshakeDone() {
        handshakeDone = Once.DUE;
    }

    void handshakeDoneAcked() {
        handshakeDone = Once.DONE;
    }

    void handshakeDoneLost() {
        if (handshakeDone == Once.SENT) {
            handshakeDone = Once.DUE;
        }
    }

    /** A token for the client's next connection. */
    void sendNewToken(byte[] value) {
        token = value;
        newToken = Once.DUE;
    }

    void newTokenAcked() {
        newToken = Once.DONE;
        token = null;
    }

    void newTokenLost() {
        if (newToken == Once.SENT) {
            newToken = Once.DUE;
        }
    }

    /** Whether {@link #write} has something to write. */
    boolean hasAny() {
        return handshakeDone == Once.DUE
                || newToken == Once.DUE
                || t.localCids.hasToSend()
                || t.remoteCids.hasRetireToSend()
                || hasPathFrames(t.paths.active());
    }

    /** Whether a challenge or response is to go on this path. */
    boolean hasPathFrames(Path path) {
        return t.responses.isNextOn(path) || path.validator().state() == PathValidator.State.CHALLENGE_DUE;
    }

    /**
     * Writes what fits and records it.
     *
     * @return how many frames were written
     */
    int write(ByteWriter w, SentPackets packet) {
        int frames = 0;
        if (handshakeDone == Once.DUE && w.remaining() >= 1) {
            FrameCodec.writeHandshakeDone(w);
            packet.add(SentFrame.HANDSHAKE_DONE, 0, 0, 0);
            handshakeDone = Once.SENT;
            frames++;
        }
        if (newToken == Once.DUE && token != null && w.remaining() >= 1 + 2 + token.length) {
            FrameCodec.writeNewToken(w, token, 0, token.length);
            packet.add(SentFrame.NEW_TOKEN, 0, 0, 0);
            newToken = Once.SENT;
            frames++;
        }
        return frames + writeConnectionIds(w, packet);
    }

    private int writeConnectionIds(ByteWriter w, SentPackets packet) {
        int frames = 0;
        while (t.localCids.hasToSend()) {
            long sequence = t.localCids.nextToSend();
            var id = t.localCids.id(sequence);
            if (w.remaining() < 1 + VarInt.length(sequence) + 1 + 1 + id.length() + 16) {
                return frames;
            }
            FrameCodec.writeNewConnectionId(w, sequence, 0, id, t.owner.resetToken(id));
            packet.add(SentFrame.NEW_CONNECTION_ID, sequence, 0, 0);
            t.localCids.sent(sequence);
            frames++;
        }
        while (t.remoteCids.hasRetireToSend()) {
            long sequence = t.remoteCids.peekRetire();
            if (w.remaining() < 1 + VarInt.length(sequence)) {
                return frames;
            }
            FrameCodec.writeRetireConnectionId(w, sequence);
            packet.add(SentFrame.RETIRE_CONNECTION_ID, sequence, 0, 0);
            t.remoteCids.retireSent();
            frames++;
        }
        return frames;
    }

    /**
     * Writes the challenge and responses that are to go on {@code path}.
     *
     * @return how many frames were written; with any the datagram is padded to 1200 bytes (RFC 9000 8.2)
     */
    int writePathFrames(ByteWriter w, SentPackets packet, Path path, long now) {
        int frames = 0;
        if (path.validator().state() == PathValidator.State.CHALLENGE_DUE && w.remaining() >= 9) {
            long data = path.validator().challenge(now);
            FrameCodec.writePathChallenge(w, data);
            packet.add(SentFrame.PATH_CHALLENGE, data, 0, 0);
            frames++;
        }
        while (t.responses.isNextOn(path) && w.remaining() >= 9) {
            long data = t.responses.take();
            FrameCodec.writePathResponse(w, data);
            packet.add(SentFrame.PATH_RESPONSE, data, 0, 0);
            frames++;
        }
        return frames;
    }
}

package dev.tokioj.http3;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.quic.wire.ByteWriter;
import java.util.random.RandomGenerator;

/**
 * The critical streams that we open (RFC 9114 section 6.2.1, RFC 9204 section 4.2): control with SETTINGS first, QPACK encoder and
 * decoder, which stay open and say nothing as we use no dynamic table. One thread owns it.
 */
final class OwnStreams {
    private static final long NOT_OPEN = -1;
    private static final int PREAMBLE = 128;
    /** One connection in so many sends a reserved frame after SETTINGS. */
    private static final int GREASE_FRAME_ONE_IN = 4;

    private static final int GREASE_FRAME_MAX = 16;

    private final Http3Connection http3;
    private final RandomGenerator random;
    private final Outgoing control = new Outgoing();
    private long controlId = NOT_OPEN;
    private long encoderId = NOT_OPEN;
    private long decoderId = NOT_OPEN;

    OwnStreams(Http3Connection http3, RandomGenerator random) {
        this.http3 = http3;
        this.random = random;
    }

    /** Opens those that are not open, as far as the peer's limit allows; it must allow three (RFC 9114 section 6.2). */
    void open() {
        Connection quic = http3.quic();
        if (controlId == NOT_OPEN) {
            controlId = quic.openStream(false, StreamSink.NONE);
            if (controlId != NOT_OPEN) {
                // Control is small and other streams wait for what it says.
                quic.setPriority(controlId, 0, false);
                byte[] preamble = preamble();
                control.send(http3, controlId, preamble, 0, preamble.length);
            }
        }
        if (encoderId == NOT_OPEN) {
            encoderId = open(quic, PeerUniStream.QPACK_ENCODER);
        }
        if (decoderId == NOT_OPEN) {
            decoderId = open(quic, PeerUniStream.QPACK_DECODER);
        }
    }

    /** Sends a frame on the control stream, which must be open. */
    void sendControl(Http3Frame frame) {
        if (controlId == NOT_OPEN) {
            throw new IllegalStateException("the control stream is not open");
        }
        var writer = new ByteWriter().reset(new byte[PREAMBLE], 0, PREAMBLE);
        Http3FrameCodec.write(writer, frame);
        control.send(http3, controlId, writer.array(), 0, writer.position());
    }

    /** Whether the control stream is open: frames can be sent. */
    boolean isControlOpen() {
        return controlId != NOT_OPEN;
    }

    /** Whether this is one of them. */
    boolean contains(long id) {
        return id != NOT_OPEN && (id == controlId || id == encoderId || id == decoderId);
    }

    /** There is room again on one of them. */
    void onWritable(long id) {
        if (id == controlId) {
            control.flush(http3, id);
        }
    }

    private long open(Connection quic, int type) {
        long id = quic.openStream(false, StreamSink.NONE);
        if (id != NOT_OPEN) {
            // One byte on a new stream: the room for it is the least that the peer must grant.
            new Outgoing().send(http3, id, new byte[] {(byte) type}, 0, 1);
        }
        return id;
    }

    /** The type of the control stream, SETTINGS with a reserved one (section 7.2.4.1), and now and then a reserved frame. */
    private byte[] preamble() {
        var payload = new ByteWriter().reset(new byte[PREAMBLE], 0, PREAMBLE);
        http3.config().settings().write(payload);
        if (http3.config().grease()) {
            payload.varInt(FrameType.reserved(random.nextInt(1 << 24))).varInt(random.nextInt(1 << 30));
        }
        var writer = new ByteWriter().reset(new byte[PREAMBLE], 0, PREAMBLE);
        writer.varInt(PeerUniStream.CONTROL);
        Http3FrameCodec.writeHeader(writer, FrameType.SETTINGS, payload.position());
        writer.bytes(payload.array(), 0, payload.position());
        if (http3.config().grease() && random.nextInt(GREASE_FRAME_ONE_IN) == 0) {
            byte[] noise = new byte[random.nextInt(GREASE_FRAME_MAX)];
            random.nextBytes(noise);
            Http3FrameCodec.writeHeader(writer, FrameType.reserved(random.nextInt(1 << 24)), noise.length);
            writer.bytes(noise);
        }
        return java.util.Arrays.copyOf(writer.array(), writer.position());
    }
}

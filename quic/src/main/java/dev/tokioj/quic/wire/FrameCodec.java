package dev.tokioj.quic.wire;

import java.nio.charset.StandardCharsets;

/**
 * Reads and writes frames (RFC 9000 sections 12.4 and 19, RFC 9221 section 4): for each frame its writer stands beside its
 * reader. Stateless; the reader or writer given belongs to the caller.
 *
 * <p>Reading refuses what is wrong for any receiver: types that are unknown (FRAME_ENCODING_ERROR), encoded longer than needed or
 * not allowed in this packet (PROTOCOL_VIOLATION), and values that no peer may send. What depends on the receiver is left to it:
 * that a payload holds a frame at all, that only clients take NEW_TOKEN and HANDSHAKE_DONE, stream and credit limits, and that
 * DATAGRAM was asked for with max_datagram_frame_size.
 */
public final class FrameCodec {
    /** The most streams of a kind: 2^60 (section 4.6). */
    public static final long MAX_STREAMS = 1L << 60;

    private static final int I = 1;
    private static final int Z = 2;
    private static final int H = 4;
    private static final int O = 8;

    /** Table 3 of section 12.4, by type; RETIRE_CONNECTION_ID is not for 0-RTT (section 12.5). */
    private static final byte[] PLACES = new byte[0x32];

    static {
        for (int type = FrameType.RESET_STREAM; type <= FrameType.HANDSHAKE_DONE; type++) {
            PLACES[type] = Z | O;
        }
        PLACES[FrameType.PADDING] = I | H | Z | O;
        PLACES[FrameType.PING] = I | H | Z | O;
        PLACES[FrameType.ACK] = I | H | O;
        PLACES[FrameType.ACK_ECN] = I | H | O;
        PLACES[FrameType.CRYPTO] = I | H | O;
        PLACES[FrameType.NEW_TOKEN] = O;
        PLACES[FrameType.RETIRE_CONNECTION_ID] = O;
        PLACES[FrameType.PATH_RESPONSE] = O;
        PLACES[FrameType.CONNECTION_CLOSE] = I | H | Z | O;
        PLACES[FrameType.HANDSHAKE_DONE] = O;
        PLACES[FrameType.DATAGRAM] = Z | O;
        PLACES[FrameType.DATAGRAM_LEN] = Z | O;
    }

    private FrameCodec() {}

    /**
     * Reads the next frame.
     *
     * @param r the plaintext of a packet, with at least one byte left
     * @param packet the kind of packet it came in
     * @throws TransportException the connection error that the frame is
     */
    public static Frame read(ByteReader r, PacketType packet) throws TransportException {
        int type = readType(r);
        r.frameType(type);
        if ((PLACES[type] & place(packet)) == 0) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, type, "not allowed in " + packet);
        }
        return switch (type) {
            case FrameType.PADDING -> new Frame.Padding(1 + r.skipZeros());
            case FrameType.PING -> Frame.Ping.INSTANCE;
            case FrameType.ACK -> AckRanges.read(r, false);
            case FrameType.ACK_ECN -> AckRanges.read(r, true);
            case FrameType.RESET_STREAM -> new Frame.ResetStream(r.varInt(), r.varInt(), r.varInt());
            case FrameType.STOP_SENDING -> new Frame.StopSending(r.varInt(), r.varInt());
            case FrameType.CRYPTO -> readCrypto(r);
            case FrameType.NEW_TOKEN -> readNewToken(r);
            case FrameType.MAX_DATA -> new Frame.MaxData(r.varInt());
            case FrameType.MAX_STREAM_DATA -> new Frame.MaxStreamData(r.varInt(), r.varInt());
            case FrameType.MAX_STREAMS_BIDI -> new Frame.MaxStreams(true, readStreamCount(r, type));
            case FrameType.MAX_STREAMS_UNI -> new Frame.MaxStreams(false, readStreamCount(r, type));
            case FrameType.DATA_BLOCKED -> new Frame.DataBlocked(r.varInt());
            case FrameType.STREAM_DATA_BLOCKED -> new Frame.StreamDataBlocked(r.varInt(), r.varInt());
            case FrameType.STREAMS_BLOCKED_BIDI -> new Frame.StreamsBlocked(true, readStreamCount(r, type));
            case FrameType.STREAMS_BLOCKED_UNI -> new Frame.StreamsBlocked(false, readStreamCount(r, type));
            case FrameType.NEW_CONNECTION_ID -> readNewConnectionId(r);
            case FrameType.RETIRE_CONNECTION_ID -> new Frame.RetireConnectionId(r.varInt());
            case FrameType.PATH_CHALLENGE -> new Frame.PathChallenge(r.u64());
            case FrameType.PATH_RESPONSE -> new Frame.PathResponse(r.u64());
            case FrameType.CONNECTION_CLOSE -> readConnectionClose(r, false);
            case FrameType.CONNECTION_CLOSE_APPLICATION -> readConnectionClose(r, true);
            case FrameType.HANDSHAKE_DONE -> Frame.HandshakeDone.INSTANCE;
            case FrameType.DATAGRAM -> readDatagram(r, false);
            case FrameType.DATAGRAM_LEN -> readDatagram(r, true);
            default -> readStream(r, type); // readType has left 0x08 to 0x0f
        };
    }

    /** A known type, in its one-byte encoding (section 12.4). */
    private static int readType(ByteReader r) throws TransportException {
        int at = r.position();
        long type = r.varInt();
        if (r.position() - at > VarInt.length(type)) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, type, "frame type encoded too long");
        }
        if (type >= PLACES.length || PLACES[(int) type] == 0) {
            throw new TransportException(TransportError.FRAME_ENCODING_ERROR, type, "unknown frame type");
        }
        return (int) type;
    }

    private static int place(PacketType packet) {
        return switch (packet) {
            case INITIAL -> I;
            case ZERO_RTT -> Z;
            case HANDSHAKE -> H;
            case ONE_RTT -> O;
            case RETRY, VERSION_NEGOTIATION -> throw new IllegalArgumentException(packet + " has no frames");
        };
    }

    /** {@code n} PADDING frames (section 19.1). */
    public static void writePadding(ByteWriter w, int n) {
        w.zeros(n);
    }

    /** PING (section 19.2). */
    public static void writePing(ByteWriter w) {
        w.u8(FrameType.PING);
    }

    /**
     * ACK with as many of the highest ranges as there is room for (section 19.3).
     *
     * @param ackDelay as on the wire, see {@link Frame.Ack#ackDelay}
     * @param ranges pairs of smallest and largest packet number, both inclusive, ascending, with gaps between them
     * @param from the index of the first pair's smallest
     * @param count how many pairs, at least one
     * @param ect0 the ECT(0) count, or -1 for an ACK without ECN counts
     * @return how many ranges were written; 0, and nothing written, if there is no room for one
     */
    public static int writeAck(
            ByteWriter w, long ackDelay, long[] ranges, int from, int count, long ect0, long ect1, long ce) {
        return AckRanges.write(w, ackDelay, ranges, from, count, ect0, ect1, ce);
    }

    /** RESET_STREAM (section 19.4). */
    public static void writeResetStream(ByteWriter w, long streamId, long errorCode, long finalSize) {
        w.u8(FrameType.RESET_STREAM).varInt(streamId).varInt(errorCode).varInt(finalSize);
    }

    /** STOP_SENDING (section 19.5). */
    public static void writeStopSending(ByteWriter w, long streamId, long errorCode) {
        w.u8(FrameType.STOP_SENDING).varInt(streamId).varInt(errorCode);
    }

    private static Frame readCrypto(ByteReader r) throws TransportException {
        long offset = r.varInt();
        int len = r.length();
        if (offset > VarInt.MAX - len) {
            throw malformed(FrameType.CRYPTO, "data beyond 2^62-1");
        }
        return new Frame.Crypto(offset, r.array(), r.skip(len), len);
    }

    /** What stands before the data of CRYPTO (section 19.6): the caller writes {@code len} bytes behind it. */
    public static void writeCryptoHeader(ByteWriter w, long offset, int len) {
        w.u8(FrameType.CRYPTO).varInt(offset).varInt(len);
    }

    /** The bytes of {@link #writeCryptoHeader}. */
    public static int cryptoHeaderSize(long offset, int len) {
        return 1 + VarInt.length(offset) + VarInt.length(len);
    }

    private static Frame readNewToken(ByteReader r) throws TransportException {
        int len = r.length();
        if (len == 0) {
            throw malformed(FrameType.NEW_TOKEN, "empty token");
        }
        return new Frame.NewToken(r.array(), r.skip(len), len);
    }

    /** NEW_TOKEN (section 19.7). */
    public static void writeNewToken(ByteWriter w, byte[] token, int off, int len) {
        w.u8(FrameType.NEW_TOKEN).varInt(len).bytes(token, off, len);
    }

    private static Frame readStream(ByteReader r, int type) throws TransportException {
        StreamFrame frame = new StreamFrame();
        frame.read(r, type);
        return frame.toFrame(r.array());
    }

    /**
     * What stands before the data of STREAM (section 19.8): the caller writes {@code len} bytes behind it.
     *
     * @param toEnd whether the data reaches to the end of the packet, so that the length is left out
     */
    public static void writeStreamHeader(
            ByteWriter w, long streamId, long offset, int len, boolean fin, boolean toEnd) {
        w.u8(FrameType.STREAM | (offset > 0 ? 0x04 : 0) | (toEnd ? 0 : 0x02) | (fin ? 0x01 : 0));
        w.varInt(streamId);
        if (offset > 0) {
            w.varInt(offset);
        }
        if (!toEnd) {
            w.varInt(len);
        }
    }

    /** The bytes of {@link #writeStreamHeader}. */
    public static int streamHeaderSize(long streamId, long offset, int len, boolean toEnd) {
        return 1
                + VarInt.length(streamId)
                + (offset > 0 ? VarInt.length(offset) : 0)
                + (toEnd ? 0 : VarInt.length(len));
    }

    /**
     * How many bytes of data fit behind a header with a length when {@code room} bytes are left: both CRYPTO and STREAM.
     *
     * @param fixed the bytes of the header without its length: {@link #streamHeaderSize} to the end, or type and offset
     * @return the most bytes of data, or -1 if there is no room for the header of an empty frame
     */
    public static int dataThatFits(int room, int fixed) {
        int rest = room - fixed;
        if (rest < 1) {
            return -1;
        }
        if (rest <= 64) {
            return rest - 1;
        }
        return rest <= (1 << 14) + 1 ? rest - 2 : Math.max((1 << 14) - 1, rest - 4);
    }

    /** MAX_DATA (section 19.9). */
    public static void writeMaxData(ByteWriter w, long maximum) {
        w.u8(FrameType.MAX_DATA).varInt(maximum);
    }

    /** MAX_STREAM_DATA (section 19.10). */
    public static void writeMaxStreamData(ByteWriter w, long streamId, long maximum) {
        w.u8(FrameType.MAX_STREAM_DATA).varInt(streamId).varInt(maximum);
    }

    private static long readStreamCount(ByteReader r, int type) throws TransportException {
        long count = r.varInt();
        if (count > MAX_STREAMS) {
            throw malformed(type, "more than 2^60 streams");
        }
        return count;
    }

    /** MAX_STREAMS (section 19.11). */
    public static void writeMaxStreams(ByteWriter w, boolean bidirectional, long maximum) {
        w.u8(bidirectional ? FrameType.MAX_STREAMS_BIDI : FrameType.MAX_STREAMS_UNI)
                .varInt(maximum);
    }

    /** DATA_BLOCKED (section 19.12). */
    public static void writeDataBlocked(ByteWriter w, long limit) {
        w.u8(FrameType.DATA_BLOCKED).varInt(limit);
    }

    /** STREAM_DATA_BLOCKED (section 19.13). */
    public static void writeStreamDataBlocked(ByteWriter w, long streamId, long limit) {
        w.u8(FrameType.STREAM_DATA_BLOCKED).varInt(streamId).varInt(limit);
    }

    /** STREAMS_BLOCKED (section 19.14). */
    public static void writeStreamsBlocked(ByteWriter w, boolean bidirectional, long limit) {
        w.u8(bidirectional ? FrameType.STREAMS_BLOCKED_BIDI : FrameType.STREAMS_BLOCKED_UNI)
                .varInt(limit);
    }

    private static Frame readNewConnectionId(ByteReader r) throws TransportException {
        long sequenceNumber = r.varInt();
        long retirePriorTo = r.varInt();
        int len = r.u8();
        if (len < 1 || len > ConnectionId.MAX_LENGTH) {
            throw malformed(FrameType.NEW_CONNECTION_ID, "connection ID of " + len + " bytes");
        }
        if (retirePriorTo > sequenceNumber) {
            throw malformed(FrameType.NEW_CONNECTION_ID, "retires its own connection ID");
        }
        ConnectionId id = ConnectionId.of(r.array(), r.skip(len), len);
        return new Frame.NewConnectionId(sequenceNumber, retirePriorTo, id, r.bytes(16));
    }

    /** NEW_CONNECTION_ID (section 19.15); {@code token} is 16 bytes. */
    public static void writeNewConnectionId(
            ByteWriter w, long sequenceNumber, long retirePriorTo, ConnectionId id, byte[] token) {
        w.u8(FrameType.NEW_CONNECTION_ID).varInt(sequenceNumber).varInt(retirePriorTo);
        w.u8(id.length());
        id.writeTo(w);
        w.bytes(token, 0, 16);
    }

    /** RETIRE_CONNECTION_ID (section 19.16). */
    public static void writeRetireConnectionId(ByteWriter w, long sequenceNumber) {
        w.u8(FrameType.RETIRE_CONNECTION_ID).varInt(sequenceNumber);
    }

    /** PATH_CHALLENGE (section 19.17). */
    public static void writePathChallenge(ByteWriter w, long data) {
        w.u8(FrameType.PATH_CHALLENGE).u64(data);
    }

    /** PATH_RESPONSE (section 19.18). */
    public static void writePathResponse(ByteWriter w, long data) {
        w.u8(FrameType.PATH_RESPONSE).u64(data);
    }

    private static Frame readConnectionClose(ByteReader r, boolean application) throws TransportException {
        long code = r.varInt();
        long frameType = application ? -1 : r.varInt();
        int len = r.length();
        String reason = len == 0 ? "" : new String(r.array(), r.skip(len), len, StandardCharsets.UTF_8);
        return new Frame.ConnectionClose(code, frameType, reason, application);
    }

    /** CONNECTION_CLOSE (section 19.19) with as much of the reason as there is room for. */
    public static void writeConnectionClose(ByteWriter w, Frame.ConnectionClose close) {
        w.u8(close.application() ? FrameType.CONNECTION_CLOSE_APPLICATION : FrameType.CONNECTION_CLOSE);
        w.varInt(close.errorCode());
        if (!close.application()) {
            w.varInt(close.frameType());
        }
        byte[] reason = close.reason().getBytes(StandardCharsets.UTF_8);
        int len = Math.min(reason.length, dataThatFits(w.remaining(), 0));
        while (len > 0 && len < reason.length && (reason[len] & 0xc0) == 0x80) {
            len--; // not in the middle of a character
        }
        w.varInt(len).bytes(reason, 0, len);
    }

    /** HANDSHAKE_DONE (section 19.20). */
    public static void writeHandshakeDone(ByteWriter w) {
        w.u8(FrameType.HANDSHAKE_DONE);
    }

    private static Frame readDatagram(ByteReader r, boolean withLength) throws TransportException {
        int len = withLength ? r.length() : r.remaining();
        return new Frame.Datagram(r.array(), r.skip(len), len);
    }

    /** DATAGRAM with a length (RFC 9221 section 4). */
    public static void writeDatagram(ByteWriter w, byte[] data, int off, int len) {
        w.u8(FrameType.DATAGRAM_LEN).varInt(len).bytes(data, off, len);
    }

    private static TransportException malformed(int type, String reason) {
        return new TransportException(TransportError.FRAME_ENCODING_ERROR, type, reason);
    }
}

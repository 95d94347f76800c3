package dev.tokioj.quic.wire;

/**
 * The frames of RFC 9000 section 19 and RFC 9221. A frame that carries bytes points into the array it was read from and is
 * good until that array changes: who wants to keep the bytes copies them. Immutable otherwise; used by the connection's owner.
 */
@SuppressWarnings("ArrayRecordComponent") // views into the packet: equality is never asked for
public sealed interface Frame {

    /** Section 19.1; {@code length} PADDING frames in a row. */
    record Padding(int length) implements Frame {}

    /** Section 19.2. */
    record Ping() implements Frame {
        static final Ping INSTANCE = new Ping();
    }

    /**
     * Section 19.3. The ranges stay in the packet and are walked with {@link AckRanges}; they were checked when the frame was
     * read, so walking them cannot fail.
     *
     * @param largestAcked the largest packet number acknowledged
     * @param ackDelay as on the wire: microseconds shifted right by the sender's ack_delay_exponent
     * @param firstRange the packets acknowledged right below {@code largestAcked}
     * @param rangeCount the further ranges, encoded from {@code buf[off]} on
     * @param ect0 the ECT(0) count, or -1 without ECN counts
     * @param ect1 the ECT(1) count, or -1
     * @param ce the ECN-CE count, or -1
     */
    record Ack(
            long largestAcked,
            long ackDelay,
            long firstRange,
            int rangeCount,
            byte[] buf,
            int off,
            long ect0,
            long ect1,
            long ce)
            implements Frame {

        /** Whether it carries ECN counts (type 0x03). */
        public boolean hasEcn() {
            return ect0 >= 0;
        }

        /**
         * A frame of its own, without ECN counts.
         *
         * @param ranges pairs of smallest and largest packet number, ascending, with gaps between them
         */
        public static Ack of(long ackDelay, long... ranges) {
            byte[] buf = new byte[32 + ranges.length * 8];
            ByteWriter w = new ByteWriter().reset(buf, 0, buf.length);
            FrameCodec.writeAck(w, ackDelay, ranges, 0, ranges.length / 2, -1, -1, -1);
            ByteReader r = new ByteReader().reset(buf, 1, w.position());
            try {
                return AckRanges.read(r, false);
            } catch (TransportException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }

    /** Section 19.4. */
    record ResetStream(long streamId, long errorCode, long finalSize) implements Frame {}

    /** Section 19.5. */
    record StopSending(long streamId, long errorCode) implements Frame {}

    /** Section 19.6; the data is {@code buf[off, off+len)}. */
    record Crypto(long offset, byte[] buf, int off, int len) implements Frame {}

    /** Section 19.7; the token is {@code buf[off, off+len)}. */
    record NewToken(byte[] buf, int off, int len) implements Frame {}

    /** Section 19.8; the data is {@code buf[off, off+len)} and begins at {@code offset} of the stream. */
    record Stream(long streamId, long offset, byte[] buf, int off, int len, boolean fin) implements Frame {}

    /** Section 19.9. */
    record MaxData(long maximum) implements Frame {}

    /** Section 19.10. */
    record MaxStreamData(long streamId, long maximum) implements Frame {}

    /** Section 19.11. */
    record MaxStreams(boolean bidirectional, long maximum) implements Frame {}

    /** Section 19.12. */
    record DataBlocked(long limit) implements Frame {}

    /** Section 19.13. */
    record StreamDataBlocked(long streamId, long limit) implements Frame {}

    /** Section 19.14. */
    record StreamsBlocked(boolean bidirectional, long limit) implements Frame {}

    /** Section 19.15; {@code statelessResetToken} is a copy of 16 bytes. */
    record NewConnectionId(
            long sequenceNumber, long retirePriorTo, ConnectionId connectionId, byte[] statelessResetToken)
            implements Frame {}

    /** Section 19.16. */
    record RetireConnectionId(long sequenceNumber) implements Frame {}

    /** Section 19.17; eight bytes as one number. */
    record PathChallenge(long data) implements Frame {}

    /** Section 19.18; eight bytes as one number. */
    record PathResponse(long data) implements Frame {}

    /**
     * Section 19.19.
     *
     * @param frameType the type of the frame at fault, 0 if unknown; -1 if {@code application}
     * @param reason what the peer wrote, bad UTF-8 replaced: may hold anything, so logs escape it
     * @param application whether the application closed (type 0x1d)
     */
    record ConnectionClose(long errorCode, long frameType, String reason, boolean application) implements Frame {}

    /** Section 19.20. */
    record HandshakeDone() implements Frame {
        static final HandshakeDone INSTANCE = new HandshakeDone();
    }

    /** RFC 9221 section 4; the data is {@code buf[off, off+len)}. */
    record Datagram(byte[] buf, int off, int len) implements Frame {}

    /** Whether a packet with this frame must be acknowledged: all but ACK, PADDING and CONNECTION_CLOSE (RFC 9002 section 2). */
    default boolean ackEliciting() {
        return !(this instanceof Ack || this instanceof Padding || this instanceof ConnectionClose);
    }

    /**
     * Whether a packet of only such frames probes a path without moving the connection there: PADDING, NEW_CONNECTION_ID,
     * PATH_CHALLENGE and PATH_RESPONSE, and no other (RFC 9000 section 9.1).
     */
    default boolean probing() {
        return this instanceof Padding
                || this instanceof NewConnectionId
                || this instanceof PathChallenge
                || this instanceof PathResponse;
    }
}

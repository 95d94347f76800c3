package dev.tokioj.quic.recovery;

/**
 * What a sent packet remembers of a frame: its kind and three numbers {@code (a, b, c)}, enough to know what to do when the
 * packet is acknowledged or lost (RFC 9000 section 13.3). Numbers that are not named are 0.
 */
public enum SentFrame {
    /** a: the Largest Acknowledged it carried. */
    ACK(0),
    /** a: offset, b: length. */
    CRYPTO(1),
    /** a: stream ID, b: offset, c: {@link #streamLength length and FIN}. */
    STREAM(2),
    /** a: stream ID. */
    RESET_STREAM(3),
    /** a: stream ID. */
    STOP_SENDING(4),
    /** a: the limit. */
    MAX_DATA(5),
    /** a: stream ID, b: the limit. */
    MAX_STREAM_DATA(6),
    /** a: the limit. */
    MAX_STREAMS_BIDI(7),
    /** a: the limit. */
    MAX_STREAMS_UNI(8),
    /** a: the limit that blocks. */
    DATA_BLOCKED(9),
    /** a: stream ID, b: the limit that blocks. */
    STREAM_DATA_BLOCKED(10),
    /** a: the limit that blocks. */
    STREAMS_BLOCKED_BIDI(11),
    /** a: the limit that blocks. */
    STREAMS_BLOCKED_UNI(12),
    /** a: sequence number. */
    NEW_CONNECTION_ID(13),
    /** a: sequence number. */
    RETIRE_CONNECTION_ID(14),
    /** a: the data. */
    PATH_CHALLENGE(15),
    /** a: the data. */
    PATH_RESPONSE(16),
    /** a: what its sender calls it. */
    NEW_TOKEN(17),
    HANDSHAKE_DONE(18),
    PING(19),
    /** a: what its sender calls it. */
    DATAGRAM(20),
    /** A PING with padding that probes the path's MTU; a: the size. Its loss is no sign of congestion (RFC 9000 section 14.4). */
    MTU_PROBE(21);

    private static final SentFrame[] BY_CODE = values();

    private final byte code;

    SentFrame(int code) {
        this.code = (byte) code;
    }

    /** The place in the list, for arrays. */
    byte code() {
        return code;
    }

    static SentFrame of(byte code) {
        return BY_CODE[code];
    }

    /** The {@code c} of a STREAM frame. */
    public static long streamLength(int length, boolean fin) {
        return (long) length << 1 | (fin ? 1 : 0);
    }

    /** The length in the {@code c} of a STREAM frame. */
    public static int lengthOf(long c) {
        return (int) (c >>> 1);
    }

    /** The FIN bit in the {@code c} of a STREAM frame. */
    public static boolean finOf(long c) {
        return (c & 1) != 0;
    }
}

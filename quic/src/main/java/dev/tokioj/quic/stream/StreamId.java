package dev.tokioj.quic.stream;

/** The bits of a stream ID (RFC 9000 section 2.1). Stateless. */
public final class StreamId {
    private static final int SERVER = 1;
    private static final int UNIDIRECTIONAL = 2;

    private StreamId() {}

    /** Whether the client opened it. */
    public static boolean isClientInitiated(long id) {
        return (id & SERVER) == 0;
    }

    public static boolean isBidirectional(long id) {
        return (id & UNIDIRECTIONAL) == 0;
    }

    /** The how-manieth of its kind it is, from 0. */
    public static long index(long id) {
        return id >>> 2;
    }

    /** The ID of a stream. */
    public static long of(boolean client, boolean bidirectional, long index) {
        return index << 2 | (bidirectional ? 0 : UNIDIRECTIONAL) | (client ? 0 : SERVER);
    }
}

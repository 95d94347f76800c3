package dev.tokioj.quic.wire;

/** How packet numbers are shortened and restored (RFC 9000 sections 12.3 and 17.1, appendices A.2 and A.3). Stateless. */
public final class PacketNumber {
    /** The largest packet number: 2^62-1. */
    public static final long MAX = VarInt.MAX;

    private PacketNumber() {}

    /**
     * The bytes that {@code pn} needs so that a peer that has seen {@code largestAcked} (-1: nothing acknowledged yet) can
     * restore it: more than twice the distance (appendix A.2). At most 4: a sender never has 2^31 packets in flight.
     */
    public static int lengthFor(long pn, long largestAcked) {
        long unacked = pn - largestAcked;
        int bits = 65 - Long.numberOfLeadingZeros(unacked);
        return Math.min(4, (bits + 7) / 8);
    }

    /**
     * The packet number nearest to {@code largest + 1} whose low {@code bits} bits are {@code truncated} (appendix A.3).
     *
     * @param largest the largest packet number opened in this space, -1 if none
     */
    public static long decode(long largest, long truncated, int bits) {
        long expected = largest + 1;
        long window = 1L << bits;
        long half = window / 2;
        long candidate = (expected & -window) | truncated;
        if (candidate <= expected - half && candidate < (1L << 62) - window) {
            return candidate + window;
        }
        if (candidate > expected + half && candidate >= window) {
            return candidate - window;
        }
        return candidate;
    }

    /** The {@code length} bytes, 1 to 4, of a truncated packet number at {@code off}, header protection removed. */
    public static long truncated(byte[] buf, int off, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = (value << 8) | (buf[off + i] & 0xff);
        }
        return value;
    }
}

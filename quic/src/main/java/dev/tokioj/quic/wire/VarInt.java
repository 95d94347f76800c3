package dev.tokioj.quic.wire;

/** Variable-length integers (RFC 9000 section 16): 62 bits in 1, 2, 4 or 8 bytes. Stateless; any thread. */
public final class VarInt {
    /** The largest value that can be encoded: 2^62-1. */
    public static final long MAX = (1L << 62) - 1;

    private VarInt() {}

    /**
     * The bytes of the shortest encoding of {@code value}.
     *
     * @throws IllegalArgumentException if the value is negative or above {@link #MAX}: a caller's bug
     */
    public static int length(long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("not a variable-length integer: " + value);
        }
        if (value < 1L << 6) {
            return 1;
        }
        if (value < 1L << 14) {
            return 2;
        }
        return value < 1L << 30 ? 4 : 8;
    }

    /** The bytes of the encoding that begins with {@code firstByte}: its two top bits say so. */
    public static int lengthByFirstByte(int firstByte) {
        return 1 << ((firstByte & 0xc0) >>> 6);
    }
}

package dev.tokioj.http3.qpack;

/**
 * Prefixed integers (RFC 9204 section 4.1.1, RFC 7541 section 5.1): the low bits of a first byte, then seven bits a byte.
 * Decoding takes one byte at a time, so that an integer may arrive in any fragmentation; an instance is reused and belongs
 * to one thread. Values reach 2^62-1, the most that section 4.1.1 asks for; larger ones and ones padded beyond
 * {@value #MAX_CONTINUATION} bytes are refused.
 */
final class PrefixedInt {
    /** The largest value: 2^62-1. */
    static final long MAX = (1L << 62) - 1;
    /** Bytes after the first: ceil(62 / 7). */
    private static final int MAX_CONTINUATION = 9;
    /** Bytes that any value needs at most. */
    static final int MAX_LENGTH = 1 + MAX_CONTINUATION;

    private final QpackError error;
    private long value;
    private int continuation;

    /** A decoder whose refusals are {@code error}. */
    PrefixedInt(QpackError error) {
        this.error = error;
    }

    /** Begins with the byte that holds the prefix; true if the integer is complete with it. */
    boolean begin(int firstByte, int prefixBits) {
        int mask = (1 << prefixBits) - 1;
        value = firstByte & mask;
        continuation = 0;
        return value != mask;
    }

    /** Goes on with the next byte; true if the integer is complete with it. */
    boolean next(int b) throws QpackException {
        if (continuation == MAX_CONTINUATION) {
            throw new QpackException(error, "integer too long");
        }
        // At most 7 bits shifted by 56: no overflow of a long, and the sum of two values below 2^63 is seen below.
        value += (long) (b & 0x7f) << (7 * continuation++);
        if (value < 0 || value > MAX) {
            throw new QpackException(error, "integer too large");
        }
        return (b & 0x80) == 0;
    }

    /** The integer, once {@link #begin} or {@link #next} said so. */
    long value() {
        return value;
    }

    /** The bytes of {@code value} behind a prefix of {@code prefixBits}. */
    static int length(int prefixBits, long value) {
        long mask = (1L << prefixBits) - 1;
        if (value < mask) {
            return 1;
        }
        int length = 2;
        for (long rest = (value - mask) >>> 7; rest != 0; rest >>>= 7) {
            length++;
        }
        return length;
    }

    /** Writes {@code value}, the bits above the prefix being {@code flags}; returns the offset after it. */
    static int write(byte[] dst, int off, int prefixBits, int flags, long value) {
        int mask = (1 << prefixBits) - 1;
        if (value < mask) {
            dst[off] = (byte) (flags | (int) value);
            return off + 1;
        }
        dst[off++] = (byte) (flags | mask);
        long rest = value - mask;
        while (rest >= 0x80) {
            dst[off++] = (byte) (0x80 | (rest & 0x7f));
            rest >>>= 7;
        }
        dst[off++] = (byte) rest;
        return off;
    }
}

package dev.tokioj.http3.qpack;

/**
 * The Huffman code of RFC 7541 appendix B, used by QPACK unchanged (RFC 9204 section 4.1.2). The code is canonical: the lengths
 * say it all, codes of one length being consecutive in the order of their symbols. Stateless; any thread.
 */
final class Huffman {
    /** The length in bits of the code of every byte value, and of EOS (256). */
    private static final byte[] LENGTHS = {
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30
    };

    private static final int SYMBOLS = 257;
    private static final int EOS = 256;
    private static final int MAX_BITS = 30;
    /** Codes up to this length, that is all of printable ASCII but nine characters, are found with one look. */
    private static final int FAST_BITS = 10;

    private static final int[] CODES = new int[SYMBOLS];
    /** By the next {@link #FAST_BITS} bits: symbol << 8 | length; 0: a longer code. */
    private static final int[] FAST = new int[1 << FAST_BITS];
    /** By length: the first code above those of this length, aligned left in {@link #MAX_BITS} bits. */
    private static final int[] LIMIT = new int[MAX_BITS + 1];
    /** By length: what to add to a code of this length to have its place in {@link #SORTED}. */
    private static final int[] OFFSET = new int[MAX_BITS + 1];
    /** The symbols by length, then by value. */
    private static final short[] SORTED = new short[SYMBOLS];

    static {
        int code = 0;
        int place = 0;
        for (int bits = 1; bits <= MAX_BITS; bits++) {
            code <<= 1;
            OFFSET[bits] = place - code;
            for (int symbol = 0; symbol < SYMBOLS; symbol++) {
                if (LENGTHS[symbol] == bits) {
                    CODES[symbol] = code;
                    SORTED[place++] = (short) symbol;
                    if (bits <= FAST_BITS) {
                        int from = code << (FAST_BITS - bits);
                        java.util.Arrays.fill(FAST, from, from + (1 << (FAST_BITS - bits)), symbol << 8 | bits);
                    }
                    code++;
                }
            }
            LIMIT[bits] = code << (MAX_BITS - bits);
        }
    }

    private Huffman() {}

    /**
     * The bytes that {@code text} takes encoded.
     *
     * @throws IllegalArgumentException if a character is no byte: cut to one, it could be a line feed
     */
    static int encodedLength(String text) {
        long bits = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0xff) {
                throw new IllegalArgumentException("character above 0xff at " + i);
            }
            bits += LENGTHS[c];
        }
        return (int) ((bits + 7) >>> 3);
    }

    /** Encodes {@code text}, padded with the start of EOS, into {@code dst}; returns the offset after it. */
    static int encode(String text, byte[] dst, int off) {
        long pending = 0;
        int bits = 0;
        for (int i = 0; i < text.length(); i++) {
            int symbol = text.charAt(i);
            pending = pending << LENGTHS[symbol] | CODES[symbol];
            bits += LENGTHS[symbol];
            while (bits >= 8) {
                bits -= 8;
                dst[off++] = (byte) (pending >>> bits);
            }
        }
        if (bits > 0) {
            dst[off++] = (byte) (pending << (8 - bits) | 0xff >>> bits);
        }
        return off;
    }

    /** The result of {@link #decode} for bytes that are no Huffman code. */
    static final int MALFORMED = -1;
    /** The result of {@link #decode} when the text does not fit. */
    static final int TOO_LONG = -2;

    /**
     * Decodes {@code src[off, off + len)} into {@code dst[at, limit)}.
     *
     * @return the bytes written; {@link #MALFORMED} if EOS is in it, if the padding is longer than 7 bits or not the start of
     *     EOS (RFC 7541 section 5.2); {@link #TOO_LONG} if they would not fit
     */
    static int decode(byte[] src, int off, int len, byte[] dst, int at, int limit) {
        int from = at;
        int end = off + len;
        long pending = 0; // its low `bits` bits are not decoded yet
        int bits = 0;
        while (true) {
            while (bits <= 56 - 8 && off < end) {
                pending = pending << 8 | (src[off++] & 0xff);
                bits += 8;
            }
            // The next 30 bits, filled up with ones behind the end: what is padding then looks like the start of EOS.
            int next = (int)
                            (bits >= MAX_BITS
                                    ? pending >>> (bits - MAX_BITS)
                                    : pending << (MAX_BITS - bits) | (1L << (MAX_BITS - bits)) - 1)
                    & (1 << MAX_BITS) - 1;
            int entry = FAST[next >>> (MAX_BITS - FAST_BITS)];
            if (entry == 0) {
                entry = longCode(next);
            }
            int length = entry & 0xff;
            if (length > bits) {
                int ones = (1 << bits) - 1;
                return bits < 8 && (pending & ones) == ones ? at - from : MALFORMED;
            }
            if (entry >>> 8 == EOS) {
                return MALFORMED;
            }
            if (at == limit) {
                return TOO_LONG;
            }
            dst[at++] = (byte) (entry >>> 8);
            bits -= length;
        }
    }

    private static int longCode(int next) {
        int length = FAST_BITS + 1;
        while (next >= LIMIT[length] && length < MAX_BITS) {
            length++;
        }
        return SORTED[(next >>> (MAX_BITS - length)) + OFFSET[length]] << 8 | length;
    }
}

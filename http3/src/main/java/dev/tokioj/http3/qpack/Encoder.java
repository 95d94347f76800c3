package dev.tokioj.http3.qpack;

import java.util.Arrays;

/**
 * Encodes field sections (RFC 9204 section 4.5) with the static table and literals: {@link #begin}, {@link #line} for each, then
 * the bytes are {@code array()[0, length())} until the next {@code begin}. It inserts nothing into the peer's dynamic table, so
 * nothing blocks, and what one line costs tells nothing about another (section 7.1). Reused for all the sections of a
 * connection; one thread owns it.
 */
public final class Encoder {
    private static final int INITIAL = 512;

    private byte[] buf = new byte[INITIAL];
    private int at;

    /** An encoder for one connection. */
    public Encoder() {}

    /** Begins a section: the prefix of one without dynamic references (section 4.5.1). */
    public void begin() {
        buf[0] = 0;
        buf[1] = 0;
        at = 2;
    }

    /**
     * Adds a line.
     *
     * @param name in lower case; its characters are sent as bytes (ISO 8859-1), as those of the value
     * @param neverIndexed whether it must stay a literal on every hop (section 7.1.3): for secrets
     */
    public void line(String name, String value, boolean neverIndexed) {
        ensure(2 * PrefixedInt.MAX_LENGTH + name.length() + value.length());
        int found = StaticTable.find(name, value);
        if (found >= 0 && !neverIndexed) {
            at = PrefixedInt.write(buf, at, 6, 0xc0, found);
            return;
        }
        if (found == Integer.MIN_VALUE) {
            at = string(name, 3, neverIndexed ? 0x30 : 0x20);
        } else {
            int index = found >= 0 ? found : -1 - found;
            at = PrefixedInt.write(buf, at, 4, neverIndexed ? 0x70 : 0x50, index);
        }
        at = string(value, 7, 0);
    }

    /** Where the section is: from 0. */
    public byte[] array() {
        return buf;
    }

    /** The bytes of the section so far. */
    public int length() {
        return at;
    }

    /** A string literal (section 4.1.2), in the shorter of the two ways. */
    private int string(String text, int prefixBits, int flags) {
        int huffman = Huffman.encodedLength(text);
        int length = text.length();
        if (huffman < length) {
            int off = PrefixedInt.write(buf, at, prefixBits, flags | 1 << prefixBits, huffman);
            return Huffman.encode(text, buf, off);
        }
        int off = PrefixedInt.write(buf, at, prefixBits, flags, length);
        for (int i = 0; i < length; i++) {
            buf[off + i] = (byte) text.charAt(i);
        }
        return off + length;
    }

    private void ensure(int more) {
        if (more > buf.length - at) {
            buf = Arrays.copyOf(buf, Math.max(at + more, 2 * buf.length));
        }
    }
}

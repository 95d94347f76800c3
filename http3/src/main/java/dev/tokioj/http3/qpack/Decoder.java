package dev.tokioj.http3.qpack;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes encoded field sections (RFC 9204 section 4.5) line by line: {@link #begin}, then {@link #next} until it is false; name
 * and value of a line are there until the next. The dynamic table that we advertise has no capacity, so a section that
 * requires an insertion, and any reference to that table, is refused at once (sections 2.2.3 and 4.5.1.1). Strings are
 * ISO 8859-1: a character a byte. Reused for all the sections of a connection; one thread owns it.
 */
public final class Decoder {
    /** What RFC 9114 section 4.2.2 adds to the length of name and value of each line. */
    public static final int LINE_OVERHEAD = 32;

    private static final int SCRATCH = 256;

    private final PrefixedInt integer = new PrefixedInt(QpackError.QPACK_DECOMPRESSION_FAILED);
    private byte[] buf = {};
    private int at;
    private int end;
    private long room;
    private long maxSize;
    private byte[] scratch = new byte[SCRATCH];

    private String name = "";
    private String value = "";
    private boolean neverIndexed;

    /** A decoder for one connection. */
    public Decoder() {}

    /**
     * Begins with the section in {@code buf[off, off + len)}, which must not change until it is decoded.
     *
     * @param maxSize the most it may decode to, by the rule of RFC 9114 section 4.2.2
     * @throws QpackException the prefix (section 4.5.1) is malformed or wants the dynamic table
     */
    public void begin(byte[] buf, int off, int len, long maxSize) throws QpackException {
        this.buf = buf;
        this.at = off;
        this.end = off + len;
        this.room = maxSize;
        this.maxSize = maxSize;
        long requiredInsertCount = integer(u8(), 8);
        if (requiredInsertCount != 0) {
            // With MaxEntries 0 no other value can be encoded (section 4.5.1.1).
            throw failed("required insert count without a dynamic table");
        }
        int sign = u8();
        integer(sign, 7);
        if (sign >= 0x80) {
            throw failed("negative base");
        }
    }

    /**
     * Decodes the next line.
     *
     * @return false at the end of the section
     * @throws QpackException FIELD_SECTION_TOO_LARGE beyond the limit, else QPACK_DECOMPRESSION_FAILED
     */
    public boolean next() throws QpackException {
        if (at == end) {
            return false;
        }
        spend(LINE_OVERHEAD);
        int first = u8();
        if ((first & 0x80) != 0) { // 4.5.2
            int index = staticIndex(first, 6, 0x40);
            name = StaticTable.name(index);
            value = StaticTable.value(index);
            neverIndexed = false;
            spend(name.length() + value.length());
        } else if ((first & 0x40) != 0) { // 4.5.4
            neverIndexed = (first & 0x20) != 0;
            name = StaticTable.name(staticIndex(first, 4, 0x10));
            spend(name.length());
            value = string(u8(), 7);
        } else if ((first & 0x20) != 0) { // 4.5.6
            neverIndexed = (first & 0x10) != 0;
            name = string(first, 3);
            value = string(u8(), 7);
        } else { // 4.5.3, 4.5.5
            throw failed("post-base reference without a dynamic table");
        }
        return true;
    }

    /** The name of the line. */
    public String name() {
        return name;
    }

    /** The value of the line. */
    public String value() {
        return value;
    }

    /** Whether the line must stay a literal wherever it is sent on (section 4.5.4, bit N). */
    public boolean neverIndexed() {
        return neverIndexed;
    }

    /** What the lines so far count against the limit (RFC 9114 section 4.2.2). */
    public long size() {
        return maxSize - room;
    }

    private int staticIndex(int first, int prefixBits, int staticBit) throws QpackException {
        long index = integer(first, prefixBits);
        if ((first & staticBit) == 0) {
            throw failed("reference to a dynamic table without entries");
        }
        if (index >= StaticTable.SIZE) {
            throw failed("static table index " + index);
        }
        return (int) index;
    }

    /** A string literal whose Huffman bit is above the {@code prefixBits} of its length (section 4.1.2). */
    private String string(int first, int prefixBits) throws QpackException {
        long length = integer(first, prefixBits);
        if (length > end - at) {
            throw failed("string of " + length + " bytes, " + (end - at) + " left");
        }
        int from = at;
        at += (int) length;
        if ((first & 1 << prefixBits) == 0) {
            spend(length);
            return text(buf, from, (int) length);
        }
        // A code is at least 5 bits long.
        int most = (int) Math.min(length * 8 / 5, room);
        if (scratch.length < most) {
            scratch = Arrays.copyOf(scratch, Math.max(most, 2 * scratch.length));
        }
        int decoded = Huffman.decode(buf, from, (int) length, scratch, 0, most);
        if (decoded == Huffman.TOO_LONG) {
            throw tooLarge();
        }
        if (decoded == Huffman.MALFORMED) {
            throw failed("Huffman code");
        }
        spend(decoded);
        return text(scratch, 0, decoded);
    }

    private static String text(byte[] bytes, int off, int len) {
        return len == 0 ? "" : new String(bytes, off, len, StandardCharsets.ISO_8859_1);
    }

    private long integer(int first, int prefixBits) throws QpackException {
        boolean complete = integer.begin(first, prefixBits);
        while (!complete) {
            complete = integer.next(u8());
        }
        return integer.value();
    }

    private int u8() throws QpackException {
        if (at == end) {
            throw failed("ends inside a line");
        }
        return buf[at++] & 0xff;
    }

    private void spend(long bytes) throws QpackException {
        room -= bytes;
        if (room < 0) {
            throw tooLarge();
        }
    }

    private QpackException tooLarge() {
        return new QpackException(QpackError.FIELD_SECTION_TOO_LARGE, "field section larger than " + maxSize);
    }

    private static QpackException failed(String what) {
        return new QpackException(QpackError.QPACK_DECOMPRESSION_FAILED, what);
    }
}

package dev.tokioj.quic.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads big-endian numbers and variable-length integers out of a part of a byte array. Reused: {@link #reset} points it at the
 * next part. Reading past the end throws {@link TransportException} with the error this reader was made for, and with the
 * frame type last given by {@link #frameType(long)}. One thread owns it.
 */
public final class ByteReader {
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] NOTHING = {};

    private final TransportError error;
    private byte[] buf = NOTHING;
    private int position;
    private int end;
    private long frameType;

    /** A reader whose underflow is FRAME_ENCODING_ERROR. */
    public ByteReader() {
        this(TransportError.FRAME_ENCODING_ERROR);
    }

    /** A reader whose underflow is {@code error}. */
    public ByteReader(TransportError error) {
        this.error = error;
    }

    /** Points at {@code buf[off, end)}. The array is not copied. */
    public ByteReader reset(byte[] buf, int off, int end) {
        if (off < 0 || end < off || end > buf.length) {
            throw new IllegalArgumentException("[" + off + ", " + end + ") of " + buf.length);
        }
        this.buf = buf;
        this.position = off;
        this.end = end;
        this.frameType = 0;
        return this;
    }

    /** Names the frame being read, for the exceptions. */
    void frameType(long type) {
        this.frameType = type;
    }

    /** The array being read. */
    public byte[] array() {
        return buf;
    }

    /** The index in the array of the next byte. */
    public int position() {
        return position;
    }

    /** The index in the array after the last byte. */
    public int end() {
        return end;
    }

    /** The bytes not read yet. */
    public int remaining() {
        return end - position;
    }

    /** An unsigned byte. */
    public int u8() throws TransportException {
        return buf[advance(1)] & 0xff;
    }

    /** An unsigned 16-bit number. */
    public int u16() throws TransportException {
        return (short) SHORTS.get(buf, advance(2)) & 0xffff;
    }

    /** An unsigned 32-bit number. */
    public long u32() throws TransportException {
        return (int) INTS.get(buf, advance(4)) & 0xffff_ffffL;
    }

    /** 64 bits. */
    public long u64() throws TransportException {
        return (long) LONGS.get(buf, advance(8));
    }

    /** A variable-length integer (RFC 9000 section 16), 0 to 2^62-1, in any of its encodings. */
    public long varInt() throws TransportException {
        int at = advance(1);
        int first = buf[at];
        if (first >= 0 && first < 0x40) {
            return first;
        }
        return switch ((first & 0xc0) >>> 6) {
            case 1 -> {
                advance(1);
                yield (short) SHORTS.get(buf, at) & 0x3fff;
            }
            case 2 -> {
                advance(3);
                yield (int) INTS.get(buf, at) & 0x3fff_ffffL;
            }
            default -> {
                advance(7);
                yield (long) LONGS.get(buf, at) & VarInt.MAX;
            }
        };
    }

    /** A variable-length integer that says how many of the remaining bytes belong together: refused if there are fewer. */
    public int length() throws TransportException {
        long length = varInt();
        if (length > end - position) {
            throw underflow();
        }
        return (int) length;
    }

    /** A copy of the next {@code n} bytes. */
    public byte[] bytes(int n) throws TransportException {
        int at = advance(n);
        return Arrays.copyOfRange(buf, at, at + n);
    }

    /** Copies the next {@code n} bytes to {@code dst} from {@code off}. */
    public void bytes(byte[] dst, int off, int n) throws TransportException {
        System.arraycopy(buf, advance(n), dst, off, n);
    }

    /** Steps over {@code n} bytes and returns the index of the first of them. */
    public int skip(int n) throws TransportException {
        return advance(n);
    }

    /** Steps over the zero bytes that come next and returns how many they were. */
    int skipZeros() {
        int from = position;
        int at = from;
        while (at < end && buf[at] == 0) {
            at++;
        }
        position = at;
        return at - from;
    }

    private int advance(int n) throws TransportException {
        int at = position;
        if (n < 0 || n > end - at) {
            throw underflow();
        }
        position = at + n;
        return at;
    }

    private TransportException underflow() {
        return new TransportException(error, frameType, "ends too early");
    }
}

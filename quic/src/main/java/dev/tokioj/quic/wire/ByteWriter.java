package dev.tokioj.quic.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes big-endian numbers and variable-length integers into a part of a byte array. Reused: {@link #reset} points it at the
 * next part. Who writes has asked for the room before, so writing past the limit is a bug: {@link IllegalStateException}.
 * One thread owns it.
 */
public final class ByteWriter {
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] NOTHING = {};

    private byte[] buf = NOTHING;
    private int position;
    private int limit;

    /** A writer without room until {@link #reset}. */
    public ByteWriter() {}

    /** Points at {@code buf[off, limit)}. */
    public ByteWriter reset(byte[] buf, int off, int limit) {
        if (off < 0 || limit < off || limit > buf.length) {
            throw new IllegalArgumentException("[" + off + ", " + limit + ") of " + buf.length);
        }
        this.buf = buf;
        this.position = off;
        this.limit = limit;
        return this;
    }

    /** The array being written. */
    public byte[] array() {
        return buf;
    }

    /** The index in the array of the next byte. */
    public int position() {
        return position;
    }

    /** Goes back to an earlier position: what was written after it is forgotten. */
    public void rewind(int position) {
        if (position < 0 || position > this.position) {
            throw new IllegalArgumentException(position + " after " + this.position);
        }
        this.position = position;
    }

    /** The index in the array after the last byte that may be written. */
    public int limit() {
        return limit;
    }

    /** The bytes that may still be written. */
    public int remaining() {
        return limit - position;
    }

    /** The low 8 bits of {@code v}. */
    public ByteWriter u8(int v) {
        buf[reserve(1)] = (byte) v;
        return this;
    }

    /** The low 16 bits of {@code v}. */
    public ByteWriter u16(int v) {
        SHORTS.set(buf, reserve(2), (short) v);
        return this;
    }

    /** The low 32 bits of {@code v}. */
    public ByteWriter u32(long v) {
        INTS.set(buf, reserve(4), (int) v);
        return this;
    }

    /** 64 bits. */
    public ByteWriter u64(long v) {
        LONGS.set(buf, reserve(8), v);
        return this;
    }

    /** A variable-length integer in its shortest encoding (RFC 9000 section 16). */
    public ByteWriter varInt(long v) {
        return varInt(v, VarInt.length(v));
    }

    /** A variable-length integer in {@code length} bytes: 1, 2, 4 or 8, enough for the value. */
    public ByteWriter varInt(long v, int length) {
        if (VarInt.length(v) > length) {
            throw new IllegalArgumentException(v + " in " + length + " bytes");
        }
        switch (length) {
            case 1 -> buf[reserve(1)] = (byte) v;
            case 2 -> SHORTS.set(buf, reserve(2), (short) (v | 0x4000));
            case 4 -> INTS.set(buf, reserve(4), (int) v | 0x8000_0000);
            case 8 -> LONGS.set(buf, reserve(8), v | 0xc000_0000_0000_0000L);
            default -> throw new IllegalArgumentException("length " + length);
        }
        return this;
    }

    /** The low {@code length} bytes of {@code v}, 1 to 4: a truncated packet number (RFC 9000 section 17.1). */
    public ByteWriter truncated(long v, int length) {
        int at = reserve(length);
        for (int i = length - 1; i >= 0; i--) {
            buf[at++] = (byte) (v >>> (8 * i));
        }
        return this;
    }

    /** Copies {@code len} bytes of {@code src} from {@code off}. */
    public ByteWriter bytes(byte[] src, int off, int len) {
        System.arraycopy(src, off, buf, reserve(len), len);
        return this;
    }

    /** Copies all of {@code src}. */
    public ByteWriter bytes(byte[] src) {
        return bytes(src, 0, src.length);
    }

    /** {@code n} zero bytes. */
    public ByteWriter zeros(int n) {
        int at = reserve(n);
        Arrays.fill(buf, at, at + n, (byte) 0);
        return this;
    }

    /** Steps over {@code n} bytes that the caller writes into {@link #array()} itself; returns the index of the first. */
    public int reserve(int n) {
        int at = position;
        if (n < 0 || n > limit - at) {
            throw new IllegalStateException("no room for " + n + " bytes in " + (limit - at));
        }
        position = at + n;
        return at;
    }
}

package dev.tokioj.tls;

import java.util.Arrays;

/** Writes TLS presentation language (RFC 8446 section 3) into a growing array. */
final class WireWriter {
    private byte[] buf = new byte[256];
    private int at;

    WireWriter u8(int value) {
        room(1);
        buf[at++] = (byte) value;
        return this;
    }

    WireWriter u16(int value) {
        return u8(value >> 8).u8(value);
    }

    WireWriter u24(int value) {
        return u8(value >> 16).u16(value);
    }

    WireWriter u32(long value) {
        return u16((int) (value >> 16)).u16((int) value);
    }

    WireWriter bytes(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, buf, at, value.length);
        at += value.length;
        return this;
    }

    WireWriter opaque8(byte[] value) {
        fits(value.length, 0xff);
        return u8(value.length).bytes(value);
    }

    WireWriter opaque16(byte[] value) {
        fits(value.length, 0xffff);
        return u16(value.length).bytes(value);
    }

    WireWriter opaque24(byte[] value) {
        fits(value.length, 0xffffff);
        return u24(value.length).bytes(value);
    }

    /** Leaves room for a length of this many bytes; give the result to {@link #close}. */
    int open(int lengthBytes) {
        int mark = at;
        room(lengthBytes);
        at += lengthBytes;
        return mark;
    }

    /** Writes the length of what was written since {@link #open}. */
    void close(int mark, int lengthBytes) {
        int length = at - mark - lengthBytes;
        fits(length, (1 << (8 * lengthBytes)) - 1);
        for (int i = 0; i < lengthBytes; i++) {
            buf[mark + i] = (byte) (length >> (8 * (lengthBytes - 1 - i)));
        }
    }

    byte[] toByteArray() {
        return Arrays.copyOf(buf, at);
    }

    private static void fits(int length, int max) {
        if (length > max) {
            throw new IllegalArgumentException(length + " bytes do not fit a field of at most " + max);
        }
    }

    private void room(int more) {
        if (more > buf.length - at) {
            buf = Arrays.copyOf(buf, Math.max(2 * buf.length, at + more));
        }
    }
}

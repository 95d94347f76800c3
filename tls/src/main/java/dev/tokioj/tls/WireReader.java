package dev.tokioj.tls;

import java.util.Arrays;

/** Reads TLS presentation language (RFC 8446 section 3). Anything past the end is a decode_error of the peer. */
final class WireReader {
    private final byte[] buf;
    private final int end;
    private int at;

    WireReader(byte[] buf) {
        this(buf, 0, buf.length);
    }

    WireReader(byte[] buf, int off, int len) {
        this.buf = buf;
        this.at = off;
        this.end = off + len;
    }

    int remaining() {
        return end - at;
    }

    boolean hasMore() {
        return at < end;
    }

    int u8() throws TlsAlertException {
        need(1);
        return buf[at++] & 0xff;
    }

    int u16() throws TlsAlertException {
        return (u8() << 8) | u8();
    }

    int u24() throws TlsAlertException {
        return (u16() << 8) | u8();
    }

    long u32() throws TlsAlertException {
        return ((long) u16() << 16) | u16();
    }

    byte[] bytes(int length) throws TlsAlertException {
        need(length);
        byte[] out = Arrays.copyOfRange(buf, at, at + length);
        at += length;
        return out;
    }

    /** The rest. */
    byte[] rest() throws TlsAlertException {
        return bytes(remaining());
    }

    /** {@code opaque<min..max>} with a length of one byte. */
    byte[] opaque8(int min, int max) throws TlsAlertException {
        return bytes(within(u8(), min, max));
    }

    /** {@code opaque<min..2^16-1>}. */
    byte[] opaque16(int min) throws TlsAlertException {
        return bytes(within(u16(), min, 0xffff));
    }

    /** {@code opaque<min..2^24-1>}. */
    byte[] opaque24(int min) throws TlsAlertException {
        return bytes(within(u24(), min, 0xffffff));
    }

    /** A vector with a length of one byte, to read element by element. */
    WireReader vector8(int min) throws TlsAlertException {
        return sub(within(u8(), min, 0xff));
    }

    /** A vector with a length of two bytes. */
    WireReader vector16(int min) throws TlsAlertException {
        return sub(within(u16(), min, 0xffff));
    }

    /** A vector with a length of three bytes. */
    WireReader vector24() throws TlsAlertException {
        return sub(u24());
    }

    /** Checks that nothing is left. */
    void finish() throws TlsAlertException {
        if (hasMore()) {
            throw new TlsAlertException(TlsAlert.DECODE_ERROR, "bytes after the end of a structure");
        }
    }

    private WireReader sub(int length) throws TlsAlertException {
        need(length);
        WireReader reader = new WireReader(buf, at, length);
        at += length;
        return reader;
    }

    private static int within(int length, int min, int max) throws TlsAlertException {
        if (length < min || length > max) {
            throw new TlsAlertException(TlsAlert.DECODE_ERROR, "a vector's length is out of its range");
        }
        return length;
    }

    private void need(int length) throws TlsAlertException {
        if (length > remaining()) {
            throw new TlsAlertException(TlsAlert.DECODE_ERROR, "a structure ends too early");
        }
    }
}

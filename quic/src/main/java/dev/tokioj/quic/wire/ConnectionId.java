package dev.tokioj.quic.wire;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A connection ID of QUIC versions 1 and 2: 0 to 20 bytes (RFC 9000 section 5.1). Immutable; any thread. {@link #hashCode()} is
 * not keyed: a table that the network can fill hashes with a key of its own.
 */
public final class ConnectionId {
    /** The most bytes in versions 1 and 2 (RFC 9000 section 17.2). */
    public static final int MAX_LENGTH = 20;

    /** The connection ID of no bytes. */
    public static final ConnectionId EMPTY = new ConnectionId(new byte[0]);

    private final byte[] bytes;

    private ConnectionId(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Copies {@code len} bytes, at most {@link #MAX_LENGTH}. */
    public static ConnectionId of(byte[] buf, int off, int len) {
        if (len < 0 || len > MAX_LENGTH) {
            throw new IllegalArgumentException("a connection ID of " + len + " bytes");
        }
        return len == 0 ? EMPTY : new ConnectionId(Arrays.copyOfRange(buf, off, off + len));
    }

    /** Copies the array, at most {@link #MAX_LENGTH} bytes. */
    public static ConnectionId of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    /** {@code len} unpredictable bytes. */
    public static ConnectionId random(SecureRandom random, int len) {
        byte[] bytes = new byte[len];
        random.nextBytes(bytes);
        return of(bytes);
    }

    /** The bytes it has. */
    public int length() {
        return bytes.length;
    }

    /** The byte at {@code index}, unsigned. */
    public int byteAt(int index) {
        return bytes[index] & 0xff;
    }

    /** Copies the bytes to {@code dst} from {@code off}. */
    public void copyTo(byte[] dst, int off) {
        System.arraycopy(bytes, 0, dst, off, bytes.length);
    }

    /** A copy of the bytes. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** Whether {@code buf[off, off+len)} holds these bytes; makes no garbage. */
    public boolean matches(byte[] buf, int off, int len) {
        return len == bytes.length && Arrays.equals(bytes, 0, len, buf, off, off + len);
    }

    void writeTo(ByteWriter w) {
        w.bytes(bytes, 0, bytes.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionId that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The bytes in hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}

package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.wire.ConnectionId;
import java.security.SecureRandom;

/**
 * Makes connection IDs (RFC 9000 5.1): random, but for the low bits of the first octet, which name the loop that owns the
 * connection so that a packet filter can steer by it. Both the short header's and a long header's first ID octet are at a
 * fixed place.
 */
final class CidGenerator {
    private final SecureRandom random;
    private final int length;
    private final int loop;
    private final int mask;

    CidGenerator(SecureRandom random, int length, int loop, int bits) {
        this.random = random;
        this.length = length;
        this.loop = loop;
        this.mask = (1 << bits) - 1;
    }

    /** How many bytes its IDs have. */
    int length() {
        return length;
    }

    /** A fresh ID. */
    ConnectionId next() {
        byte[] id = new byte[length];
        random.nextBytes(id);
        id[0] = (byte) ((id[0] & ~mask) | loop);
        return ConnectionId.of(id);
    }

    /** The loop that a datagram's first Destination Connection ID names; -1 if it is too short to have one. */
    static int loopOf(byte[] buf, int off, int len, int bits) {
        int at = len > 0 && (buf[off] & 0x80) != 0 ? 6 : 1;
        return len > at ? buf[off + at] & ((1 << bits) - 1) : -1;
    }
}

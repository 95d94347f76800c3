package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams to send: 1 to n segments of equal size, of which the last may be shorter, all on one path (UDP GSO). Owned and
 * reused by the host; {@code Endpoint.transmit} fills it.
 */
public final class Transmit {
    /** Most bytes in one batch: what a UDP send with segmentation takes. */
    public static final int CAPACITY = 65_507;

    /** The bytes, from 0 on. */
    public final byte[] buf = new byte[CAPACITY];

    /** How many of them. */
    public int length;

    /** Size of each segment but the last; at least 1 when there are bytes. */
    public int segmentSize;

    /** The ECN codepoint to mark them with: the low 2 bits of the TOS octet (RFC 3168). */
    public int ecn;

    /** Whose they are; null for a stateless answer. */
    public @Nullable Connection owner;

    private @Nullable NetPath path;

    /** An empty one. */
    public Transmit() {}

    /** Where they go. {@link IllegalStateException} while nothing was filled in. */
    public NetPath path() {
        if (path == null) {
            throw new IllegalStateException("empty");
        }
        return path;
    }

    /** How many datagrams. */
    public int segments() {
        return length == 0 ? 0 : (length + segmentSize - 1) / segmentSize;
    }

    /** Fills in all but the bytes. */
    public void set(int length, int segmentSize, NetPath path, int ecn, @Nullable Connection owner) {
        this.length = length;
        this.segmentSize = segmentSize;
        this.path = path;
        this.ecn = ecn;
        this.owner = owner;
    }
}

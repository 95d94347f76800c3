package dev.tokioj.runtime.net;

import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one {@link UdpSocket#receive} brought: up to {@link #capacity} entries, each a datagram or a train of datagrams of
 * one sender that the kernel joined ({@link #segmentSize} each, the last may be shorter). One array holds them all; it
 * belongs to the receiver until the next receive, which may decrypt in place.
 *
 * <p>Made once per loop and used again and again. The loop's thread only.
 */
public final class RecvBatch {
    /** The most a UDP datagram, or a train the kernel joined, can carry. */
    static final int MAX_ENTRY = 65_535;

    private final byte[] buffer;
    private final int[] offsets;
    private final int[] lengths;
    private final int[] segmentSizes;
    private final int[] ecns;
    private final @Nullable InetSocketAddress[] remotes;
    private final @Nullable InetSocketAddress[] locals;
    private int size;
    private int used;

    /** A batch of {@code capacity} entries, of 64 KB each. */
    public RecvBatch(int capacity) {
        if (capacity < 1 || capacity > 1024) {
            throw new IllegalArgumentException("capacity must be 1 to 1024: " + capacity);
        }
        buffer = new byte[capacity * MAX_ENTRY];
        offsets = new int[capacity];
        lengths = new int[capacity];
        segmentSizes = new int[capacity];
        ecns = new int[capacity];
        remotes = new InetSocketAddress[capacity];
        locals = new InetSocketAddress[capacity];
    }

    /** The most entries. A receive that brings fewer has emptied the socket for the moment. */
    public int capacity() {
        return offsets.length;
    }

    /** How many entries the last receive brought. */
    public int size() {
        return size;
    }

    /** The bytes of all entries. */
    public byte[] buffer() {
        return buffer;
    }

    /** Where entry {@code i} begins in {@link #buffer}. */
    public int offset(int i) {
        return offsets[Objects.checkIndex(i, size)];
    }

    /** The bytes of entry {@code i}; may be 0. */
    public int length(int i) {
        return lengths[Objects.checkIndex(i, size)];
    }

    /** The bytes of each datagram in entry {@code i}; equal to its length when it is a single one. */
    public int segmentSize(int i) {
        return segmentSizes[Objects.checkIndex(i, size)];
    }

    /** The two ECN bits of entry {@code i} (RFC 3168); 0 where the socket cannot tell. */
    public int ecn(int i) {
        return ecns[Objects.checkIndex(i, size)];
    }

    /** Who sent entry {@code i}: the same object again for a recently seen peer. */
    public InetSocketAddress remote(int i) {
        return Objects.requireNonNull(remotes[Objects.checkIndex(i, size)]);
    }

    /**
     * The local address and port entry {@code i} came to, the same object again; null where the socket is bound to a
     * wildcard and the system does not tell.
     */
    public @Nullable InetSocketAddress local(int i) {
        return locals[Objects.checkIndex(i, size)];
    }

    void clear() {
        size = 0;
        used = 0;
    }

    /** Where the next entry's bytes go; there is always room for {@link #MAX_ENTRY}. */
    int writeOffset() {
        return used;
    }

    boolean isFull() {
        return size == offsets.length;
    }

    void add(int length, int segmentSize, int ecn, InetSocketAddress remote, @Nullable InetSocketAddress local) {
        int i = size++;
        offsets[i] = used;
        lengths[i] = length;
        segmentSizes[i] = segmentSize;
        ecns[i] = ecn;
        remotes[i] = remote;
        locals[i] = local;
        used += length;
    }
}

package dev.tokioj.quic.stream;

import java.util.Arrays;

/**
 * Chunks of memory for stream data that must be kept: 16 KiB, and small ones for streams of a few bytes. Keeps up to a bound of
 * unused ones. Shared by the connections of an endpoint; one thread owns it. Contents are not erased: whoever takes a chunk
 * reads only what it wrote.
 */
public final class ChunkPool {
    /** The size of a chunk: that of a TLS record and of a good part of a batch. A power of two. */
    public static final int CHUNK = 1 << 14;
    /** The size of a small chunk: the head of a request or response fits. */
    public static final int SMALL = 1 << 10;

    private static final int SMALL_PER_CHUNK = 4;
    private static final byte[] NOTHING = {};
    private static final long[] NO_BITS = {};

    private final byte[][] chunks;
    private final byte[][] smalls;
    private int chunkCount;
    private int smallCount;
    private final long[][] presences;
    private int presenceCount;

    /** @param maxPooled unused chunks kept, at most; the reason to bound it is a burst that is over */
    public ChunkPool(int maxPooled) {
        this.chunks = new byte[maxPooled][];
        this.smalls = new byte[maxPooled * SMALL_PER_CHUNK][];
        this.presences = new long[maxPooled][];
    }

    /** A chunk of {@link #CHUNK} bytes. */
    public byte[] take() {
        if (chunkCount == 0) {
            return new byte[CHUNK];
        }
        byte[] chunk = chunks[--chunkCount];
        chunks[chunkCount] = NOTHING;
        return chunk;
    }

    /** A chunk of {@link #SMALL} bytes. */
    public byte[] takeSmall() {
        if (smallCount == 0) {
            return new byte[SMALL];
        }
        byte[] chunk = smalls[--smallCount];
        smalls[smallCount] = NOTHING;
        return chunk;
    }

    /** Gives back a chunk of either kind; others are ignored. */
    public void release(byte[] chunk) {
        if (chunk.length == CHUNK && chunkCount < chunks.length) {
            chunks[chunkCount++] = chunk;
        } else if (chunk.length == SMALL && smallCount < smalls.length) {
            smalls[smallCount++] = chunk;
        }
    }

    /** A bit for each byte of a chunk, all 0: says which bytes of it are there. */
    long[] takePresence() {
        if (presenceCount == 0) {
            return new long[CHUNK / 64];
        }
        long[] bits = presences[--presenceCount];
        presences[presenceCount] = NO_BITS;
        Arrays.fill(bits, 0);
        return bits;
    }

    void releasePresence(long[] bits) {
        if (presenceCount < presences.length) {
            presences[presenceCount++] = bits;
        }
    }

    /** Unused chunks of both kinds. */
    public int pooled() {
        return chunkCount + smallCount;
    }
}

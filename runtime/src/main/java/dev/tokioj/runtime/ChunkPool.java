package dev.tokioj.runtime;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few byte arrays of one size, shared by the handoffs of a loop. Any thread. Neither side ever waits: an empty pool
 * allocates, a full one leaves the array to the garbage collector.
 */
public final class ChunkPool {
    /** 16 KiB: a dozen packets; large enough that passing it on costs nothing per byte, small enough for many streams. */
    public static final int DEFAULT_CHUNK = 16 * 1024;

    private static final int PROBES = 8;

    private final int chunkSize;
    private final AtomicReferenceArray<byte[]> slots;
    private final int mask;

    /**
     * A pool, empty at first.
     *
     * @param chunkSize bytes of each array, a power of two
     * @param capacity arrays kept at most, a power of two
     */
    public ChunkPool(int chunkSize, int capacity) {
        if (Integer.bitCount(chunkSize) != 1 || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("powers of two: " + chunkSize + ", " + capacity);
        }
        this.chunkSize = chunkSize;
        slots = new AtomicReferenceArray<>(capacity);
        mask = capacity - 1;
    }

    /** Bytes of each array. */
    public int chunkSize() {
        return chunkSize;
    }

    /** An array with whatever bytes its last user left. */
    public byte[] take() {
        int start = start();
        for (int i = 0; i < PROBES; i++) {
            int slot = (start + i) & mask;
            if (slots.getPlain(slot) != null) {
                byte[] chunk = slots.getAndSet(slot, null);
                if (chunk != null) {
                    return chunk;
                }
            }
        }
        return new byte[chunkSize];
    }

    /** Gives an array back; the caller must not touch it again. Arrays of another size are ignored. */
    public void give(byte[] chunk) {
        if (chunk.length != chunkSize) {
            return;
        }
        int start = start();
        for (int i = 0; i < PROBES; i++) {
            int slot = (start + i) & mask;
            if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, chunk)) {
                return;
            }
        }
    }

    /** Threads begin at different slots, so that they seldom meet. */
    private static int start() {
        return (int) ((Thread.currentThread().threadId() * 0x9E3779B9L) >>> 7);
    }
}

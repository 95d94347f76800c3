package dev.tokioj.runtime;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A few byte arrays of one size, shared by the handoffs of a loop. Any thread. Neither side ever waits: an empty pool
 * allocates, a full one leaves the array to the garbage collector.
 */
public final class ChunkPool {
    /** 16 KiB: a dozen packets; large enough that passing it on costs nothing per byte, small enough for many streams. */
    public static final int DEFAULT_CHUNK = 16 * 1024;

    /** Bytes of the smallest array: below it the header and the bookkeeping would be most of it. */
    private static final int SMALLEST = 256;

    private static final int PROBES = 8;

    private final int chunkSize;
    private final AtomicReferenceArray<byte[]> slots;
    private final int mask;
    /**
     * About where the filled slots end, as in a stack. Only a hint, which threads overwrite each other's of: who finds nothing
     * near it moves it on, so a wrong one mends itself.
     */
    private final AtomicInteger top = new AtomicInteger();

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

    /**
     * An array for so many bytes at least, or a whole chunk if that is less: most streams carry little, and 16 KiB for a request of
     * 64 bytes would cost more than the request. Small arrays are not pooled, since the collector is better at those.
     */
    public byte[] take(int bytes) {
        return bytes > chunkSize >> 1 || chunkSize <= SMALLEST
                ? take()
                : new byte[Math.max(SMALLEST, Integer.highestOneBit(Math.max(1, 2 * bytes - 1)))];
    }

    /** An array of {@link #chunkSize} with whatever bytes its last user left. */
    public byte[] take() {
        byte[] chunk = poll();
        return chunk == null ? new byte[chunkSize] : chunk;
    }

    /** As {@link #take()}, but null instead of a new array. */
    public byte @Nullable [] poll() {
        int hint = top.getPlain();
        for (int i = 1; i <= PROBES; i++) {
            int slot = (hint - i) & mask;
            if (slots.getPlain(slot) != null) {
                byte[] chunk = slots.getAndSet(slot, null);
                if (chunk != null) {
                    top.setPlain(slot);
                    return chunk;
                }
            }
        }
        top.setPlain((hint - PROBES) & mask);
        return null;
    }

    /** Gives an array back; the caller must not touch it again. Arrays of another size are ignored. */
    public void give(byte[] chunk) {
        offer(chunk);
    }

    /** As {@link #give}; says whether the array was kept. */
    public boolean offer(byte[] chunk) {
        if (chunk.length != chunkSize) {
            return false;
        }
        int hint = top.getPlain();
        for (int i = 0; i < PROBES; i++) {
            int slot = (hint + i) & mask;
            if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, chunk)) {
                top.setPlain((slot + 1) & mask);
                return true;
            }
        }
        top.setPlain((hint + PROBES) & mask);
        return false;
    }
}

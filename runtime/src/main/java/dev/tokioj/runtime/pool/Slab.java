package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.ChunkPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The arrays of one size: some that only the owner touches, and some for everybody. */
final class Slab {
    private final int size;
    private final ChunkPool shared;
    private final LongAdder sharedReused = new LongAdder();
    private final LongAdder sharedReturned = new LongAdder();

    // The owner's; the counters are read by others.
    private final byte[] @Nullable [] own;
    private int ownCount;
    private final AtomicLong ownReused = new AtomicLong();
    private final AtomicLong ownReturned = new AtomicLong();

    Slab(int size, int kept, int most) {
        this.size = size;
        int capacity = Integer.highestOneBit(Math.max(1, kept / size));
        this.shared = new ChunkPool(size, capacity);
        this.own = new byte[Math.min(most, capacity)][];
    }

    int size() {
        return size;
    }

    /** Owner. */
    byte @Nullable [] takeOwn() {
        if (ownCount == 0) {
            return take();
        }
        byte[] array = own[--ownCount];
        own[ownCount] = null;
        ownReused.setRelease(ownReused.getPlain() + 1);
        return array;
    }

    /** Any thread. */
    byte @Nullable [] take() {
        byte[] array = shared.poll();
        if (array != null) {
            sharedReused.increment();
        }
        return array;
    }

    /** Owner. Whether it is kept. */
    boolean giveOwn(byte[] array) {
        for (int i = 0; i < ownCount; i++) {
            if (own[i] == array) {
                throw BufferPool.givenTwice(array);
            }
        }
        if (ownCount == own.length) {
            return give(array);
        }
        own[ownCount++] = array;
        ownReturned.setRelease(ownReturned.getPlain() + 1);
        return true;
    }

    /** Any thread. Whether it is kept. */
    boolean give(byte[] array) {
        boolean kept = shared.offer(array);
        if (kept) {
            sharedReturned.increment();
        }
        return kept;
    }

    long reused() {
        return sharedReused.sum() + ownReused.getAcquire();
    }

    long returned() {
        return sharedReturned.sum() + ownReturned.getAcquire();
    }
}

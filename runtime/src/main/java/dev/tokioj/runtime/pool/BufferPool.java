package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.LoopLogger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Byte arrays of several sizes, kept for reuse: powers of two, each size up to a bound. Any thread; nobody ever waits: what is
 * missing is allocated, what is too many is left to the garbage collector. The pool of a loop has a way for that loop's callbacks and
 * tasks that needs no atomic operation. The arrays of one size that all threads share are a {@link dev.tokioj.runtime.ChunkPool},
 * which is the thing to use where there is one size.
 *
 * <p>An array that is given back must not be touched again. With {@link BufferPoolConfig#leakSampling} 1, for tests, each {@code give}
 * is checked and each array that is never given back is reported with where it was taken.
 */
public final class BufferPool {
    /** The owner of a pool keeps no more unused arrays of one size to itself. */
    public static final int OWN = 16;

    private static final System.Logger LOG = LoopLogger.of(System.getLogger(BufferPool.class.getName()));

    private final BufferPoolConfig config;
    private final @Nullable EventLoop owner;
    private final List<Slab> slabs = new ArrayList<>();
    private final LongAdder allocated = new LongAdder();
    private final LongAdder oversize = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LeakWatch leaks;
    /** By identity hash code: the watched arrays that are out. */
    private final ConcurrentHashMap<Integer, List<LeakWatch.Watched>> watched = new ConcurrentHashMap<>();

    private BufferPool(BufferPoolConfig config, @Nullable EventLoop owner) {
        this.config = config;
        this.owner = owner;
        this.leaks = new LeakWatch(config.leakSampling());
        for (int size = config.smallest(); size <= config.largest() && size > 0; size <<= 1) {
            slabs.add(new Slab(size, config.keptPerClass(), owner == null ? 0 : OWN));
        }
    }

    /** A pool for all threads alike. */
    public static BufferPool shared(BufferPoolConfig config) {
        return new BufferPool(config, null);
    }

    /** A pool that serves this loop's callbacks and tasks faster than others. */
    public static BufferPool of(EventLoop loop, BufferPoolConfig config) {
        return new BufferPool(config, loop);
    }

    /**
     * An array for so many bytes at least: the next power of two, {@link BufferPoolConfig#smallest} or more; above {@link
     * BufferPoolConfig#largest} exactly as many, and not kept. It has whatever bytes its last user left, unless the pool wipes.
     */
    public byte[] take(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: must not be negative, is " + bytes);
        }
        byte[] array = bytes > config.largest() ? null : taken(slab(bytes));
        if (array == null) {
            array = bytes > config.largest()
                    ? new byte[bytes]
                    : new byte[slab(bytes).size()];
            allocated.increment();
            if (bytes > config.largest()) {
                oversize.increment();
            }
        }
        if (config.leakSampling() != 0 && leaks.isDue()) {
            watch(array);
        }
        return array;
    }

    private byte @Nullable [] taken(Slab slab) {
        return isOwner() ? slab.takeOwn() : slab.take();
    }

    /**
     * Gives an array back.
     *
     * @throws IllegalStateException if it was given back before, or is not of this pool: always where each is watched, else where that
     *     is seen without a search
     */
    public void give(byte[] array) {
        if (config.leakSampling() != 0) {
            endWatch(array);
        }
        if (config.wiped()) {
            Arrays.fill(array, (byte) 0);
        }
        boolean kept = false;
        int length = array.length;
        if (Integer.bitCount(length) == 1 && length >= config.smallest() && length <= config.largest()) {
            Slab slab = slab(length);
            kept = isOwner() ? slab.giveOwn(array) : slab.give(array);
        }
        if (!kept) {
            dropped.increment();
        }
    }

    private boolean isOwner() {
        return owner != null && owner.inLoop();
    }

    private Slab slab(int bytes) {
        int smallest = config.smallest();
        int at = bytes <= smallest ? 0 : 32 - Integer.numberOfLeadingZeros((bytes - 1) / smallest);
        return slabs.get(at);
    }

    static IllegalStateException givenTwice(byte[] array) {
        return new IllegalStateException("an array of " + array.length
                + " bytes was given back that is not out: given back twice, or taken elsewhere");
    }

    // ---- leaks

    private void watch(byte[] array) {
        Integer hash = System.identityHashCode(array);
        LeakWatch.Watched fresh = leaks.watch(array, "an array of " + array.length + " bytes", lost::increment);
        watched.compute(hash, (_, old) -> {
            List<LeakWatch.Watched> all = old == null ? new ArrayList<>(1) : new ArrayList<>(old);
            // Of arrays that were lost and had the same hash code.
            all.removeIf(w -> w.refersTo(null));
            all.add(fresh);
            return all;
        });
    }

    private void endWatch(byte[] array) {
        List<LeakWatch.Watched> found = new ArrayList<>(1);
        watched.computeIfPresent(System.identityHashCode(array), (_, all) -> {
            List<LeakWatch.Watched> rest = new ArrayList<>(all);
            rest.removeIf(w -> w.refersTo(array) && found.add(w));
            return rest.isEmpty() ? null : rest;
        });
        if (found.isEmpty() && config.leakSampling() == 1) {
            throw givenTwice(array);
        }
        found.forEach(LeakWatch.Watched::end);
    }

    /** Watched arrays that are out: none, at the end of a test. */
    public List<Leak> outstanding() {
        return leaks.outstanding();
    }

    /** Watched arrays that the garbage collector found without their having been given back, since the last call; each is logged. */
    public List<Leak> takeLost() {
        List<Leak> found = leaks.takeLost();
        for (Leak leak : found) {
            LOG.log(System.Logger.Level.WARNING, "a buffer pool lost {0}", leak);
        }
        return found;
    }

    /** The figures. */
    public BufferPoolStats stats() {
        long reused = 0;
        long returned = 0;
        for (Slab slab : slabs) {
            reused += slab.reused();
            returned += slab.returned();
        }
        long fresh = allocated.sum();
        return new BufferPoolStats(reused + fresh, reused, fresh, oversize.sum(), returned, dropped.sum(), lost.sum());
    }

    @Override
    public String toString() {
        return "buffer pool " + stats();
    }
}

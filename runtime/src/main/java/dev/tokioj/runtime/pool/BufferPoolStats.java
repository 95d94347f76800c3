package dev.tokioj.runtime.pool;

/**
 * What a {@link BufferPool} has done. Each figure is right when the pool rests.
 *
 * @param taken arrays given out
 * @param reused those of them that had been used before
 * @param allocated those that were new; of these {@link #oversize} were larger than any that are kept
 * @param oversize arrays larger than any that are kept
 * @param returned arrays given back that were kept
 * @param dropped arrays given back that were left to the garbage collector: there were enough, or they were oversize
 * @param lost arrays that were found lost ({@link BufferPoolConfig#leakSampling})
 */
public record BufferPoolStats(
        long taken, long reused, long allocated, long oversize, long returned, long dropped, long lost) {
    /** Arrays given out and not given back. */
    public long inUse() {
        return taken - returned - dropped;
    }

    /** Unused arrays that are kept. */
    public long kept() {
        return returned - reused;
    }
}

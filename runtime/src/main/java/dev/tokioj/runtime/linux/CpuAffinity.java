package dev.tokioj.runtime.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * On which processors the calling thread may run, sched_setaffinity(2): a set of bits, 64 a word, {@link #WORDS} words. Ask
 * {@link Linux} first. In a virtual thread it is the carrier's. Any thread.
 */
public final class CpuAffinity {
    /** The kernel's customary set has 1,024 processors. */
    public static final int WORDS = 16;

    private static final long BYTES = (long) WORDS * Long.BYTES;

    private CpuAffinity() {}

    /**
     * The set of the calling thread.
     *
     * @throws IOException the kernel refuses, for one because it knows more processors than fit
     */
    public static long[] get() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(BYTES, Long.BYTES);
            int r = Libc.schedGetaffinity(Libc.newErrno(arena), BYTES, set.address());
            if (r < 0) {
                throw new IOException("sched_getaffinity: " + Errno.name(-r));
            }
            return set.toArray(JAVA_LONG);
        }
    }

    /**
     * Moves the calling thread to these processors.
     *
     * @throws IOException there is none of them, or this process may use none of them
     */
    public static void set(long[] processors) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocateFrom(JAVA_LONG, processors);
            int r = Libc.schedSetaffinity(Libc.newErrno(arena), set.byteSize(), set.address());
            if (r < 0) {
                throw new IOException("sched_setaffinity: " + Errno.name(-r));
            }
        }
    }
}

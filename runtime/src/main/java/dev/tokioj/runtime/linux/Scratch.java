package dev.tokioj.runtime.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory between an array of the heap and one call of libc: taken before the call, given back after the copy, with no wait in
 * between. A few are kept for the process; who finds none makes one. Any thread; one at a time has a scratch.
 */
public final class Scratch {
    /** Bytes of one: more is several calls. */
    public static final int SIZE = 64 * 1024;

    private static final int SLOTS = 16;
    private static final AtomicReferenceArray<@Nullable Scratch> FREE = new AtomicReferenceArray<>(SLOTS);

    /** Where the bytes are. */
    public final MemorySegment buffer;
    /** Where a call leaves its errno. */
    public final MemorySegment errno;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        buffer = arena.allocate(SIZE, 64);
        errno = Libc.newErrno(arena);
    }

    /**
     * One for the caller alone.
     *
     * @param hint the same for the same thread, so that it finds the memory that its cache knows
     */
    public static Scratch take(int hint) {
        for (int i = 0; i < SLOTS; i++) {
            Scratch found = FREE.getAndSet(hint + i & SLOTS - 1, null);
            if (found != null) {
                return found;
            }
        }
        return new Scratch();
    }

    /** Back, for others. */
    public static void give(int hint, Scratch scratch) {
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.compareAndSet(hint + i & SLOTS - 1, null, scratch)) {
                return;
            }
        }
        // More threads at once than are worth keeping memory for: the collector frees it.
    }
}

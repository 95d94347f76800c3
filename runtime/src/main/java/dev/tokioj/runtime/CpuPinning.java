package dev.tokioj.runtime;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tokioj.runtime.linux.Errno;
import dev.tokioj.runtime.linux.Libc;
import dev.tokioj.runtime.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the threads of loops on processors of their own ({@link RuntimeConfig#cpus}), by sched_setaffinity(2).
 *
 * <p>A thread inherits the affinity of the thread that makes it. What a pinned loop makes, directly or by a task, would so be
 * pinned beside it; therefore the threads of this runtime's pools, and the carriers of the JDK's scheduler when they begin
 * one of its tasks, take back the affinity that the process had when the runtime was started. Platform threads that a task on
 * a loop makes by itself keep the loop's.
 */
final class CpuPinning {
    /** The largest number that a setting may name: that of the kernel's customary set of 1,024. */
    static final int MAX_CPU = 1023;

    private static final System.Logger LOG = System.getLogger(CpuPinning.class.getName());
    private static final int SET_BYTES = (MAX_CPU + 1) / 8;

    private final List<Integer> cpus;
    /** What the starting thread had: {@link #SET_BYTES} octets, read only. */
    private final MemorySegment before;

    private CpuPinning(List<Integer> cpus, MemorySegment before) {
        this.cpus = cpus;
        this.before = before;
    }

    /**
     * What the setting asks for; empty if it asks for nothing, or where this cannot be had, which is logged.
     *
     * @throws IOException if the kernel does not say which processors this thread may use
     */
    static Optional<CpuPinning> of(List<Integer> cpus) throws IOException {
        if (cpus.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> unavailable = Linux.unavailable();
        if (unavailable.isPresent()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "RuntimeConfig.cpus is ignored, loops are not pinned: {0}",
                    unavailable.get());
            return Optional.empty();
        }
        MemorySegment before = Arena.ofAuto().allocate(SET_BYTES, Long.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            int r = Libc.schedGetaffinity(Libc.newErrno(arena), SET_BYTES, before.address());
            if (r < 0) {
                throw new IOException("RuntimeConfig.cpus: sched_getaffinity answers " + Errno.name(-r));
            }
        }
        return Optional.of(new CpuPinning(cpus, before.asReadOnly()));
    }

    /**
     * Pins the calling platform thread, which is that of the loop with this index.
     *
     * @throws IOException if the machine has no such processor, or this process must not use it
     */
    void pin(int loop) throws IOException {
        int cpu = cpus.get(loop % cpus.size());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(SET_BYTES, Long.BYTES);
            set.setAtIndex(JAVA_LONG, cpu / Long.SIZE, 1L << (cpu % Long.SIZE));
            int r = Libc.schedSetaffinity(Libc.newErrno(arena), SET_BYTES, set.address());
            if (r < 0) {
                throw new IOException("RuntimeConfig.cpus: the loop " + loop + " cannot be pinned to processor " + cpu
                        + ": sched_setaffinity answers " + Errno.name(-r));
            }
        }
    }

    /** Gives the calling thread (of a virtual one: its carrier) what the starting thread had. */
    void free() {
        try (Arena arena = Arena.ofConfined()) {
            int r = Libc.schedSetaffinity(Libc.newErrno(arena), SET_BYTES, before.address());
            if (r < 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} may stay pinned beside an event loop: sched_setaffinity answers {1}",
                        Thread.currentThread(),
                        Errno.name(-r));
            }
        }
    }
}

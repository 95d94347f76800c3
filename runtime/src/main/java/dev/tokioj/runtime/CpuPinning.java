package dev.tokioj.runtime;

import dev.tokioj.runtime.linux.CpuAffinity;
import dev.tokioj.runtime.linux.Linux;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the threads of loops on processors of their own ({@link RuntimeConfig#cpus}).
 *
 * <p>A thread inherits the affinity of the thread that makes it. What a pinned loop makes, directly or by a task, would so be
 * pinned beside it; therefore the threads of this runtime's pools, and the carriers of the JDK's scheduler when they begin
 * one of its tasks, take back the affinity that the thread had that started the runtime. Platform threads that a task on a loop
 * makes by itself keep the loop's.
 */
final class CpuPinning {
    /** The largest number that a setting may name. */
    static final int MAX_CPU = CpuAffinity.WORDS * Long.SIZE - 1;

    private static final System.Logger LOG = System.getLogger(CpuPinning.class.getName());

    private final List<Integer> cpus;
    /** What the starting thread had. */
    private final long[] before;

    private CpuPinning(List<Integer> cpus, long[] before) {
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
        return Optional.of(new CpuPinning(cpus, CpuAffinity.get()));
    }

    /**
     * Pins the calling platform thread, which is that of the loop with this index.
     *
     * @throws IOException if the machine has no such processor, or this process must not use it
     */
    void pin(int loop) throws IOException {
        int cpu = cpus.get(loop % cpus.size());
        long[] only = new long[CpuAffinity.WORDS];
        only[cpu / Long.SIZE] = 1L << (cpu % Long.SIZE);
        try {
            CpuAffinity.set(only);
        } catch (IOException e) {
            throw new IOException("RuntimeConfig.cpus: the loop " + loop + " cannot be pinned to processor " + cpu, e);
        }
    }

    /** Gives the calling thread (of a virtual one: its carrier) what the starting thread had. */
    void free() {
        try {
            CpuAffinity.set(before);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, Thread.currentThread() + " may stay pinned beside an event loop", e);
        }
    }
}

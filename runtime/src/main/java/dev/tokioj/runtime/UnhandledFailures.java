package dev.tokioj.runtime;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Failures of tasks that nobody asks after: those whose task was not joined, or looked at in another way, a second after it
 * failed, are logged with the task's name and counted. At the end of the runtime nobody is given that second.
 */
final class UnhandledFailures {
    private static final System.Logger LOG = System.getLogger(Task.class.getName());
    static final long GRACE_NANOS = 1_000_000_000;
    /** Beyond, failures are counted at once and not logged: a flood must not fill the heap. */
    private static final int BOUND = 1024;

    private record Pending(Task<?> task, Throwable failure, long since) {}

    private final Queue<Pending> pending = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong count = new AtomicLong();
    private volatile @Nullable Thread writer;

    /** Who calls {@link #write}. */
    void writer(Thread thread) {
        writer = thread;
    }

    /** Any thread: this task has just failed. */
    void add(Task<?> task, Throwable failure) {
        if (task.isObserved()) {
            return;
        }
        if (size.incrementAndGet() > BOUND) {
            size.decrementAndGet();
            count.incrementAndGet();
            return;
        }
        pending.add(new Pending(task, failure, Clock.system().nanoTime()));
        LockSupport.unpark(writer);
    }

    /** How many there were. */
    long count() {
        return count.get();
    }

    /**
     * Off the loops, one thread: logs those that have waited long enough.
     *
     * @return in how many nanoseconds the next may be due; {@link Long#MAX_VALUE}: there is none
     */
    long write(long now) {
        for (Pending first = pending.peek(); first != null; first = pending.peek()) {
            long left = first.since + GRACE_NANOS - now;
            if (left > 0) {
                return left;
            }
            writeFirst();
        }
        return Long.MAX_VALUE;
    }

    /** The same thread, last: logs all. */
    void writeAll() {
        while (!pending.isEmpty()) {
            writeFirst();
        }
    }

    private void writeFirst() {
        Pending first = pending.remove();
        size.decrementAndGet();
        if (!first.task.isObserved()) {
            count.incrementAndGet();
            LOG.log(
                    System.Logger.Level.WARNING,
                    first.task + " failed, and nobody has joined it or asked for its failure",
                    first.failure);
        }
    }
}

package dev.tokioj.runtime;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What loops have to say, carried to another thread by a bounded queue: a logger may take locks and wait for a disk, which a
 * loop never does. Beyond the bound lines are counted instead of kept.
 */
final class LoopLog {
    private static final System.Logger LOG = System.getLogger(EventLoop.class.getName());
    private static final int BOUND = 1024;

    private record Line(
            System.Logger.Level level,
            String text,
            @Nullable Throwable cause) {}

    private final Queue<Line> lines = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    /** The writer's: how many it has owned up to. */
    private long saidDropped;

    private volatile boolean debug = LOG.isLoggable(System.Logger.Level.DEBUG);
    private volatile @Nullable Thread writer;

    /** Who calls {@link #write}. */
    void writer(Thread thread) {
        writer = thread;
    }

    /** Any thread: something of a user's threw where nobody catches it. */
    void failed(EventLoop loop, String what, Throwable cause) {
        add(new Line(System.Logger.Level.ERROR, what + " on " + loop + " failed", cause));
    }

    /** Any thread: a task failed; those who join are told too. */
    void failed(Task<?> task, Throwable cause) {
        if (debug) {
            add(new Line(System.Logger.Level.DEBUG, task + " failed", cause));
        }
    }

    private void add(Line line) {
        if (waiting.incrementAndGet() > BOUND) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        lines.add(line);
        LockSupport.unpark(writer);
    }

    /** How many lines the bound has cost so far. */
    long dropped() {
        return dropped.get();
    }

    /** Off the loops: writes what there is. */
    void write() {
        debug = LOG.isLoggable(System.Logger.Level.DEBUG);
        for (Line line = lines.poll(); line != null; line = lines.poll()) {
            waiting.decrementAndGet();
            LOG.log(line.level, line.text, line.cause);
        }
        long lost = dropped.get();
        if (lost != saidDropped) {
            LOG.log(System.Logger.Level.WARNING, "{0} lines of the event loops were dropped so far", lost);
            saidDropped = lost;
        }
    }
}

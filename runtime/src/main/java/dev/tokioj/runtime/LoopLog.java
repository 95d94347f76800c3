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
            System.Logger logger,
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
    /** The writer has ended: who still has a line writes it. */
    private volatile boolean closed;

    /** Who calls {@link #write}. */
    void writer(Thread thread) {
        writer = thread;
    }

    /** The loop: something of a user's threw where nobody catches it. */
    void failed(EventLoop loop, String what, Throwable cause) {
        loop.counters().unhandled();
        add(LOG, System.Logger.Level.ERROR, what + " on " + loop + " failed", cause);
    }

    /** Who polls: an I/O handler threw. */
    static void handlerFailed(Throwable cause) {
        failedHere("an I/O handler, whose channel stays registered,", cause);
    }

    /** Any thread: something of a user's threw where nobody catches it, on a loop or beside it. */
    static void failedHere(String what, Throwable cause) {
        EventLoop loop = EventLoop.current();
        if (loop == null) {
            LOG.log(System.Logger.Level.ERROR, what + " failed", cause);
        } else {
            loop.runtime().log().failed(loop, what, cause);
        }
    }

    /** Any thread: a task failed; those who join are told too. */
    void failed(Task<?> task, Throwable cause) {
        if (debug) {
            add(LOG, System.Logger.Level.DEBUG, task + " failed", cause);
        }
    }

    /** Any thread: the line will be given to the logger. */
    void add(System.Logger logger, System.Logger.Level level, String text, @Nullable Throwable cause) {
        if (waiting.incrementAndGet() > BOUND) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        lines.add(new Line(logger, level, text, cause));
        if (closed) {
            writeLines();
        } else {
            LockSupport.unpark(writer);
        }
    }

    /** How many lines the bound has cost so far. */
    long dropped() {
        return dropped.get();
    }

    /** Off the loops: writes what there is. */
    void write() {
        debug = LOG.isLoggable(System.Logger.Level.DEBUG);
        writeLines();
        long lost = dropped.get();
        if (lost != saidDropped) {
            LOG.log(System.Logger.Level.WARNING, "{0} lines of the event loops were dropped so far", lost);
            saidDropped = lost;
        }
    }

    /** The writer, for the last time: what comes later (tasks left behind, the drain thread) is written where it is said. */
    void close() {
        closed = true;
        write();
    }

    private void writeLines() {
        for (Line line = lines.poll(); line != null; line = lines.poll()) {
            waiting.decrementAndGet();
            line.logger.log(line.level, line.text, line.cause);
        }
    }
}

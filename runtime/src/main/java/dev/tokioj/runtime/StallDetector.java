package dev.tokioj.runtime;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches the loops of a runtime from a thread of its own: a turn that holds its loop longer than the threshold is reported
 * with the stack of what runs, and with the remedy. The same thread writes the loops' log lines, and those about failures that
 * nobody asks after.
 */
final class StallDetector {
    private static final System.Logger LOG = System.getLogger(StallDetector.class.getName());

    private final List<EventLoop> loops;
    private final LoopLog log;
    private final UnhandledFailures unhandled;
    private final long threshold;
    private final Consumer<String> report;
    /** The turn of each loop that was reported last, by its beginning: once is enough. */
    private final long[] reported;

    private final AtomicLongArray stalls;
    private final Thread thread;
    private volatile boolean stopping;

    StallDetector(RuntimeConfig config, List<EventLoop> loops, LoopLog log, UnhandledFailures unhandled) {
        this(config, loops, log, unhandled, text -> LOG.log(System.Logger.Level.WARNING, text));
    }

    /** With the destination of its reports. */
    StallDetector(
            RuntimeConfig config,
            List<EventLoop> loops,
            LoopLog log,
            UnhandledFailures unhandled,
            Consumer<String> report) {
        this.loops = loops;
        this.log = log;
        this.unhandled = unhandled;
        this.threshold = Task.nanos(config.stallThreshold());
        this.report = report;
        this.reported = new long[loops.size()];
        this.stalls = new AtomicLongArray(loops.size());
        this.thread =
                Thread.ofPlatform().daemon().name(config.name() + "-watch").unstarted(this::run);
        log.writer(thread);
        unhandled.writer(thread);
    }

    void start() {
        thread.start();
    }

    /** Ends the thread after it has written what there is. */
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    Thread thread() {
        return thread;
    }

    /** How many stalled turns were seen. */
    long stalls() {
        long sum = 0;
        for (int i = 0; i < reported.length; i++) {
            sum += stalls.get(i);
        }
        return sum;
    }

    /** How many stalled turns of this loop were seen. */
    long stalls(int loop) {
        return stalls.get(loop);
    }

    private void run() {
        while (!stopping) {
            guarded(log::write);
            long next = writeUnhandled();
            if (threshold != 0) {
                LockSupport.parkNanos(this, Math.min(next, Math.max(threshold / 2, 1_000_000)));
                guarded(this::look);
            } else if (next != Long.MAX_VALUE) {
                LockSupport.parkNanos(this, next);
            } else {
                LockSupport.park(this);
            }
        }
        guarded(unhandled::writeAll);
        guarded(log::close);
    }

    private long writeUnhandled() {
        try {
            return unhandled.write(Clock.system().nanoTime());
        } catch (Throwable e) {
            say(e);
            return UnhandledFailures.GRACE_NANOS;
        }
    }

    /** A logger is code of a user's: one that throws must not end the watch. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            say(e);
        }
    }

    /** Where there is no logger to tell: as the end of the thread would have been. */
    private void say(Throwable e) {
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }

    private void look() {
        long time = Clock.system().nanoTime();
        for (int i = 0; i < reported.length; i++) {
            EventLoop loop = loops.get(i);
            long since = loop.busySince.get();
            if (since == 0 || since == reported[i] || time - since < threshold) {
                continue;
            }
            Run run = loop.running();
            Task<?> task = run == null ? null : run.task();
            String heldBy = task == null ? "a callback" : task.toString();
            String text = describe(loop, task, heldBy, time - since);
            if (loop.busySince.get() != since) {
                // It went on while we looked: the stack is not the culprit's.
                continue;
            }
            reported[i] = since;
            stalls.incrementAndGet(i);
            report.accept(text);
            RuntimeEvents.stalled(loop, heldBy, time - since, text);
        }
    }

    private static String describe(EventLoop loop, @Nullable Task<?> task, String heldBy, long nanos) {
        StringBuilder text = new StringBuilder(256)
                .append("The event loop ")
                .append(loop)
                .append(" has been held for ")
                .append(nanos / 1_000_000)
                .append(" ms by ")
                .append(heldBy);
        if (task == null) {
            stack(text, loop.thread());
        } else {
            Thread thread = task.thread();
            if (thread != null) {
                stack(text, thread);
            }
            text.append("\n  carried by");
            stack(text, loop.thread());
        }
        return text.append(
                        "\nMeanwhile it reads no packet and fires no timer. Work that computes or blocks belongs off the"
                                + " loop: spawn it with Placement.SHARED, or with spawnBlocking.")
                .toString();
    }

    private static void stack(StringBuilder text, Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            text.append("\n    at ").append(frame);
        }
    }
}

package dev.tokioj.runtime;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The end of a runtime, step by step: {@link AsyncRuntime#close} says what it promises. */
final class Shutdown {
    private static final System.Logger LOG = System.getLogger(AsyncRuntime.class.getName());
    private static final long LAST_WORD_NANOS = 1_000_000_000;

    private final RuntimeConfig config;
    private final Admission admission;
    private final LoopGroup loops;
    private final TasksBesideLoops besideLoops;
    private final WorkPool blocking;
    private final WorkPool compute;
    private final StallDetector stallDetector;
    private final LoopLog log;
    private final CountDownLatch closed = new CountDownLatch(1);

    Shutdown(
            RuntimeConfig config,
            Admission admission,
            LoopGroup loops,
            TasksBesideLoops besideLoops,
            WorkPool blocking,
            WorkPool compute,
            StallDetector stallDetector,
            LoopLog log) {
        this.config = config;
        this.admission = admission;
        this.loops = loops;
        this.besideLoops = besideLoops;
        this.blocking = blocking;
        this.compute = compute;
        this.stallDetector = stallDetector;
        this.log = log;
    }

    /** By the first caller; others wait for it. Whether the caller was interrupted. */
    boolean run() {
        if (!admission.transition(Admission.State.OPEN, Admission.State.DRAINING)) {
            return awaitClosed();
        }
        try {
            return shutDown();
        } finally {
            closed.countDown();
        }
    }

    private boolean awaitClosed() {
        boolean interrupted = false;
        while (true) {
            try {
                closed.await();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private boolean shutDown() {
        boolean interrupted = admission.awaitNone(Task.nanos(config.drainTimeout()), true);
        admission.transition(Admission.State.DRAINING, Admission.State.CANCELLING);
        for (EventLoop loop : loops) {
            loop.execute(() -> loop.tasks().cancelAll());
        }
        besideLoops.cancelAll();
        interrupted |= admission.awaitNone(Task.nanos(config.cancelTimeout()), false);
        int left = admission.live();
        if (left > 0) {
            say(
                    System.Logger.Level.WARNING,
                    left + " of the tasks of " + config.name() + " ignored their cancellation and are left behind");
        }
        blocking.shutdown();
        compute.shutdown();
        loops.forEach(EventLoop::stop);
        long deadline = Clock.system().nanoTime() + Task.nanos(config.cancelTimeout());
        for (EventLoop loop : loops) {
            interrupted |= join(loop.thread(), deadline);
        }
        interrupted |= join(blocking, "blocking", deadline);
        interrupted |= join(compute, "compute", deadline);
        admission.transition(Admission.State.CANCELLING, Admission.State.CLOSED);
        stallDetector.stop();
        // It has a last word to write, also if others have used up the time.
        interrupted |= join(stallDetector.thread(), Clock.system().nanoTime() + LAST_WORD_NANOS);
        return interrupted;
    }

    /** By the watch's thread, which writes before it is joined: a logger that throws or waits must not end or hold us. */
    private void say(System.Logger.Level level, String text) {
        log.add(LOG, level, text, null);
    }

    private boolean join(Thread thread, long deadline) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            long left = deadline - Clock.system().nanoTime();
            if (left <= 0) {
                say(
                        System.Logger.Level.ERROR,
                        "The thread " + thread.getName() + " does not end; it is held here: "
                                + List.of(thread.getStackTrace()));
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(left, 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    private boolean join(WorkPool pool, String kind, long deadline) {
        boolean interrupted = false;
        while (true) {
            try {
                long left = Math.max(0, deadline - Clock.system().nanoTime());
                if (!pool.awaitEnd(left)) {
                    say(
                            System.Logger.Level.WARNING,
                            "Threads of " + config.name() + "-" + kind
                                    + " go on after the runtime's end: what they run ignores its cancellation");
                }
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}

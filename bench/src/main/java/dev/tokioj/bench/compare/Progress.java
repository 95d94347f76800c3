package dev.tokioj.bench.compare;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a piece of work has done so far, and whether it is to go on. Any thread. */
final class Progress {
    /** A run's stages, in order. */
    private enum Stage {
        WARMING,
        MEASURING,
        STOPPED
    }

    private final AtomicLong done = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch failed = new CountDownLatch(1);
    private final Latencies latencies = new Latencies();
    private volatile Stage stage = Stage.WARMING;

    /** So many bytes more have passed. */
    void passed(long bytes) {
        done.addAndGet(bytes);
    }

    /** So many bytes have passed in all. */
    void passedInAll(long bytes) {
        done.set(bytes);
    }

    /** An operation is over that began at this time of {@link System#nanoTime}; answers the time now. */
    long completed(long begin) {
        long now = System.nanoTime();
        done.getAndIncrement();
        if (stage == Stage.MEASURING) {
            latencies.add(now - begin);
        }
        return now;
    }

    long done() {
        return done.get();
    }

    Latencies latencies() {
        return latencies;
    }

    boolean goesOn() {
        return stage != Stage.STOPPED;
    }

    /** From now on latencies are kept. */
    void measure() {
        stage = Stage.MEASURING;
    }

    void stop() {
        stage = Stage.STOPPED;
    }

    /** The work cannot go on. What fails after the stop is the work's own to judge. */
    void fail(Throwable cause) {
        if (goesOn() && failure.compareAndSet(null, cause)) {
            failed.countDown();
        }
    }

    /** Waits that long, or until the work fails. */
    void await(double seconds) throws Exception {
        if (failed.await((long) (seconds * 1e9), TimeUnit.NANOSECONDS)) {
            Throwable cause = failure.get();
            throw new Exception(String.valueOf(cause), cause);
        }
    }
}

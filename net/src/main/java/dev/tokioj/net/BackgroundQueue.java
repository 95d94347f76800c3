package dev.tokioj.net;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Work that a loop hands to a thread of its own because it touches files: logs. Bounded; what does not fit is dropped and
 * counted, because a loop never waits. The thread looks every {@value #PERIOD_MS} ms rather than being woken: a wake-up would
 * cost the loop more than the hand-over.
 */
final class BackgroundQueue {
    private static final System.Logger LOG = System.getLogger(BackgroundQueue.class.getName());
    private static final long PERIOD_MS = 10;

    private enum State {
        RUNNING,
        CLOSING
    }

    private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final int capacity;
    private final Runnable afterDrain;
    private final Thread thread;
    private volatile State state = State.RUNNING;

    /** {@code afterDrain} runs on the thread whenever the queue was worked off: the place to flush files. */
    BackgroundQueue(String name, int capacity, Runnable afterDrain) {
        this.capacity = capacity;
        this.afterDrain = afterDrain;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Any thread; never waits. False: dropped. */
    boolean offer(Runnable work) {
        if (state == State.CLOSING || size.incrementAndGet() > capacity) {
            size.decrementAndGet();
            dropped.incrementAndGet();
            return false;
        }
        queue.add(work);
        return true;
    }

    /** As {@link #offer}, beyond the capacity too: for what is rare and must happen. */
    void add(Runnable work) {
        if (state == State.RUNNING) {
            size.incrementAndGet();
            queue.add(work);
        }
    }

    long dropped() {
        return dropped.get();
    }

    /** Takes no more, works off what there is, and waits for that up to {@code bound}. */
    void close(Duration bound) {
        state = State.CLOSING;
        LockSupport.unpark(thread);
        try {
            if (!thread.join(bound)) {
                LOG.log(System.Logger.Level.WARNING, "{0} did not finish in {1}", thread.getName(), bound);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean last = false;
        while (true) {
            boolean worked = drain();
            if (worked) {
                runSafely(afterDrain);
            }
            if (last && !worked) {
                return;
            }
            // One more look after the state was seen: what was offered before it changed is worked off.
            last = state == State.CLOSING;
            if (!last) {
                LockSupport.parkNanos(this, PERIOD_MS * 1_000_000);
            }
        }
    }

    private boolean drain() {
        boolean worked = false;
        @Nullable Runnable work;
        while ((work = queue.poll()) != null) {
            size.decrementAndGet();
            worked = true;
            runSafely(work);
        }
        return worked;
    }

    /** Whatever fails, also the logger, which is a user's: the thread goes on, or who offers work would never know. */
    private void runSafely(Runnable work) {
        try {
            work.run();
        } catch (Throwable e) {
            say(e);
        }
    }

    private void say(Throwable failure) {
        try {
            LOG.log(System.Logger.Level.WARNING, "background work failed", failure);
        } catch (Throwable e) {
            failure.addSuppressed(e);
            // As the end of the thread would have been told.
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        }
    }
}

package dev.tokioj.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads, made when needed up to a number and ended after a while without work, that run what they are given in order.
 * Giving waits for nobody and takes no lock. Any thread.
 *
 * <p>Not a {@link java.util.concurrent.ThreadPoolExecutor}, whose locks have queues of waiters: a task on a loop that stands in one,
 * and that loop's own thread behind it in a callback, wait for each other for ever ({@link
 * dev.tokioj.runtime.waiters.ShortLock}; a stress test met it within a second).
 */
final class WorkerThreads implements WorkPool.Threads {
    /** Tells a thread that waits for work to look whether there will be more. */
    private enum Look implements Runnable {
        LOOK;

        @Override
        public void run() {}
    }

    private final LinkedTransferQueue<Runnable> queue = new LinkedTransferQueue<>();
    private final int most;
    private final long keepAliveNanos;
    private final Function<Runnable, Thread> factory;
    /** What was given and has not ended: raised before it is queued, and looked at by a thread that has counted itself out. */
    private final AtomicInteger pending = new AtomicInteger();
    /** How many threads there are, those among them that are about to begin. */
    private final AtomicInteger workers = new AtomicInteger();
    /** Those that have not ended, and some that have. */
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    private volatile boolean shutdown;

    /** At most so many threads, which {@code factory} makes and does not start. */
    WorkerThreads(int most, Duration keepAlive, Function<Runnable, Thread> factory) {
        this.most = most;
        this.keepAliveNanos = keepAlive.toNanos();
        this.factory = factory;
    }

    /**
     * Runs it soon. What it throws is the thread's uncaught exception.
     *
     * @throws RejectedExecutionException after {@link #shutdown}
     */
    @Override
    public void execute(Runnable body) {
        if (shutdown) {
            throw new RejectedExecutionException("shut down");
        }
        pending.incrementAndGet();
        queue.add(body);
        if (!claimPlace()) {
            return; // a thread is free, or there are as many as there may be
        }
        try {
            start();
        } catch (RuntimeException | Error e) {
            workers.decrementAndGet();
            if (queue.remove(body)) {
                pending.decrementAndGet();
                throw e;
            }
            // Another thread has it already.
        }
    }

    /** Whether there is more to do than threads to do it, and the caller may be, or make, one more. */
    private boolean claimPlace() {
        while (true) {
            int now = workers.get();
            if (now >= most || pending.get() <= now) {
                return false;
            }
            if (workers.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    private void start() {
        Thread thread = factory.apply(this::work);
        threads.removeIf(each -> each.getState() == Thread.State.TERMINATED);
        threads.add(thread);
        try {
            thread.start();
        } catch (Throwable e) {
            threads.remove(thread);
            throw e;
        }
    }

    private void work() {
        boolean ended = false;
        try {
            do {
                for (Runnable body = take(); body != null; body = take()) {
                    if (body != Look.LOOK) {
                        run(body);
                    }
                }
                if (workers.decrementAndGet() > 0 && shutdown) {
                    queue.add(Look.LOOK); // passed on: each of us is told
                }
                // Who gave something meanwhile may have counted on us.
            } while (claimPlace());
            ended = true;
        } finally {
            if (!ended) {
                replace();
            }
        }
    }

    private void run(Runnable body) {
        try {
            body.run();
        } finally {
            pending.decrementAndGet();
            // An interrupt that came too late for it is not for the next.
            Thread.interrupted();
        }
    }

    private @Nullable Runnable take() {
        while (true) {
            try {
                return shutdown ? queue.poll() : queue.poll(keepAliveNanos, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                // For a task that has ended; whoever wants us to end says so by shutdown.
            }
        }
    }

    /** This thread ends by what a body has thrown: what waits gets another. */
    private void replace() {
        workers.decrementAndGet();
        if (claimPlace()) {
            try {
                start();
            } catch (Throwable e) {
                workers.decrementAndGet();
                throw e;
            }
        }
    }

    @Override
    public void shutdown() {
        shutdown = true;
        queue.add(Look.LOOK);
    }

    @Override
    public boolean awaitEnd(long nanos) throws InterruptedException {
        long deadline = Clock.system().nanoTime() + nanos;
        while (workers.get() > 0 || !threads.isEmpty()) {
            for (Thread thread : List.copyOf(threads)) {
                if (thread.getState() == Thread.State.NEW) {
                    Thread.onSpinWait(); // about to be started
                } else if (thread.join(
                        Duration.ofNanos(Math.max(0, deadline - Clock.system().nanoTime())))) {
                    threads.remove(thread);
                }
            }
            if (deadline - Clock.system().nanoTime() <= 0) {
                return workers.get() == 0 && threads.isEmpty();
            }
        }
        return true;
    }
}

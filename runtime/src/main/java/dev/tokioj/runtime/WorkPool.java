package dev.tokioj.runtime;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Platform threads beside the loops, with a bound on the tasks that wait for one: for blocking work a plain pool, for computing
 * a work-stealing one, in which a task may fork ({@link java.util.concurrent.ForkJoinTask}, parallel streams). Threads are made
 * when needed and end after ten idle seconds. Any thread.
 */
final class WorkPool {
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    /** Threads that run what they are given. Any thread; giving takes no lock that has a queue of waiters. */
    interface Threads {
        /** Runs it soon. */
        void execute(Runnable body);

        /** Takes no more; what waits is still run. */
        void shutdown();

        /** After {@link #shutdown}: whether all threads have ended in this time. */
        boolean awaitEnd(long nanos) throws InterruptedException;
    }

    private final Threads pool;
    private final String setting;
    private final int threads;
    private final int queue;
    /** Submitted and not ended. */
    private final AtomicInteger live = new AtomicInteger();

    private WorkPool(Threads pool, String setting, int threads, int queue) {
        this.pool = pool;
        this.setting = setting;
        this.threads = threads;
        this.queue = queue;
    }

    /** For {@code spawnBlocking}; {@code onStart} is run by each of its threads first. */
    static WorkPool blocking(RuntimeConfig config, Runnable onStart) {
        AtomicInteger number = new AtomicInteger();
        Threads pool = new WorkerThreads(
                config.blockingThreads(),
                KEEP_ALIVE,
                body -> Thread.ofPlatform()
                        .daemon()
                        .name(config.name() + "-blocking-" + number.getAndIncrement())
                        .unstarted(() -> {
                            try {
                                onStart.run();
                            } finally {
                                body.run();
                            }
                        }));
        return new WorkPool(pool, "blockingQueue", config.blockingThreads(), config.blockingQueue());
    }

    /** For {@code spawnCompute}; {@code onStart} is run by each of its threads first. */
    static WorkPool compute(RuntimeConfig config, Runnable onStart) {
        return new WorkPool(
                new ComputeThreads(config, onStart), "computeQueue", config.computeThreads(), config.computeQueue());
    }

    private static final class ComputeThreads implements Threads {
        private final ForkJoinPool pool;
        /** Those that have not ended, and some that have. */
        private final Set<Thread> workers = ConcurrentHashMap.newKeySet();

        ComputeThreads(RuntimeConfig config, Runnable onStart) {
            AtomicInteger number = new AtomicInteger();
            pool = new ForkJoinPool(
                    config.computeThreads(),
                    owner -> enlist(
                            workers,
                            new ComputeThread(owner, config.name() + "-compute-" + number.getAndIncrement(), onStart)),
                    null,
                    true, // what was spawned first begins first
                    0,
                    Integer.MAX_VALUE >> 16,
                    1,
                    null,
                    KEEP_ALIVE.toNanos(),
                    TimeUnit.NANOSECONDS);
        }

        @Override
        public void execute(Runnable body) {
            pool.execute(body);
        }

        @Override
        public void shutdown() {
            pool.shutdown();
        }

        @Override
        public boolean awaitEnd(long nanos) throws InterruptedException {
            long deadline = Clock.system().nanoTime() + nanos;
            boolean ended = pool.awaitTermination(nanos, TimeUnit.NANOSECONDS);
            // A pool calls itself terminated when its last thread is about to end.
            for (Thread worker : workers) {
                if (worker.getState() != Thread.State.NEW) {
                    long left = deadline - Clock.system().nanoTime();
                    ended &= worker.join(Duration.ofNanos(Math.max(left, 0)));
                }
            }
            return ended;
        }
    }

    private static <T extends Thread> T enlist(Set<Thread> workers, T thread) {
        workers.removeIf(each -> each.getState() == Thread.State.TERMINATED);
        workers.add(thread);
        return thread;
    }

    private static final class ComputeThread extends ForkJoinWorkerThread {
        private final Runnable onStart;

        ComputeThread(ForkJoinPool pool, String name, Runnable onStart) {
            super(pool);
            this.onStart = onStart;
            setName(name);
            setDaemon(true);
        }

        @Override
        protected void onStart() {
            onStart.run();
        }
    }

    /**
     * Runs the task soon.
     *
     * @throws TaskLimitException if so many wait already
     */
    void execute(Task<?> task) {
        int most = (int) Math.min(Integer.MAX_VALUE, (long) threads + queue);
        int now = live.incrementAndGet();
        if (now > most || now < 0) {
            live.decrementAndGet();
            throw new TaskLimitException(
                    setting, queue, "all " + threads + " threads are busy and " + queue + " tasks wait for them");
        }
        try {
            pool.execute(() -> {
                try {
                    task.runPooled();
                } finally {
                    live.decrementAndGet();
                }
            });
        } catch (RuntimeException | Error e) {
            live.decrementAndGet();
            throw e;
        }
    }

    /** How many tasks wait for a thread; may lag. */
    int waiting() {
        return Math.max(0, live.get() - threads);
    }

    /** Takes no more; what waits is still run. */
    void shutdown() {
        pool.shutdown();
    }

    /** After {@link #shutdown}: whether all its threads have ended in this time. */
    boolean awaitEnd(long nanos) throws InterruptedException {
        return pool.awaitEnd(nanos);
    }
}

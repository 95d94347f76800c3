package dev.tokioj.runtime;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a runtime that run beside its loops: on the JDK's scheduler or in a pool, the ones that wait for a thread there
 * among them. Those on a loop are in its own list ({@link LoopTasks}). Any thread.
 */
final class TasksBesideLoops {
    private static final ThreadLocal<Task<?>> CURRENT = new ThreadLocal<>();

    private final LoopGroup loops;
    private final Admission admission;
    private final List<WorkPool> pools;
    private final Set<Task<?>> tasks = ConcurrentHashMap.newKeySet();

    TasksBesideLoops(LoopGroup loops, Admission admission, List<WorkPool> pools) {
        this.loops = loops;
        this.admission = admission;
        this.pools = pools;
    }

    /** The one whose thread this is; null in a loop, and outside. */
    static @Nullable Task<?> current() {
        return CURRENT.get();
    }

    /** In the task's thread. */
    void enter(Task<?> task) {
        CURRENT.set(task);
        tasks.add(task);
        PausedClock.goesOn();
    }

    /** In the task's thread. */
    void leave(Task<?> task) {
        tasks.remove(task);
        CURRENT.remove();
    }

    /** One that is about to wait for a thread of a pool. */
    void add(Task<?> task) {
        tasks.add(task);
    }

    /** One that no pool took. */
    void remove(Task<?> task) {
        tasks.remove(task);
    }

    void cancelAll() {
        tasks.forEach(Task::cancel);
    }

    /** Adds those that have begun. */
    void listTo(List<Task<?>> to) {
        to.addAll(tasks);
    }

    /** For a clock that advances by itself: whether there are tasks whose waits no loop sees. */
    boolean areThere() {
        return !tasks.isEmpty() || admission.live() != tasksOnLoops();
    }

    /**
     * For the same, while all loops sleep: how long each of them must be seen waiting, for something or for a thread; 0: there
     * is none; {@link Long#MAX_VALUE}: one runs.
     */
    long quietNanos() {
        if (!areThere()) {
            return 0;
        }
        int beside = 0;
        int waitForThreads = 0;
        long quiet = PausedClock.SECOND_LOOK_NANOS;
        for (Task<?> task : tasks) {
            beside++;
            Thread thread = task.thread();
            if (thread == null) {
                waitForThreads++;
                continue;
            }
            switch (thread.getState()) {
                case NEW, RUNNABLE, TERMINATED -> {
                    return Long.MAX_VALUE;
                }
                case BLOCKED -> quiet = PausedClock.MONITOR_LOOK_NANOS;
                case WAITING, TIMED_WAITING -> {}
            }
        }
        int queued = pools.stream().mapToInt(WorkPool::waiting).sum();
        boolean allSeen = waitForThreads == queued && beside + tasksOnLoops() == admission.live();
        return allSeen ? quiet : Long.MAX_VALUE;
    }

    /** Those that have begun. The loops sleep: their counts stand still. */
    private int tasksOnLoops() {
        int begun = 0;
        for (EventLoop loop : loops) {
            begun += loop.tasks().size();
        }
        return begun;
    }
}

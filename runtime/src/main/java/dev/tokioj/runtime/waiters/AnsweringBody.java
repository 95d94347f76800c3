package dev.tokioj.runtime.waiters;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;

/**
 * The body of a task for whose word somebody waits who has not got the task: one that was cancelled before it began says so. For tasks
 * with a thread of their own, and not those of a pool, whose closing drops what has not begun.
 */
public interface AnsweringBody extends Callable<Boolean> {
    /** The task's thread. */
    void run();

    /** The task's thread, in the place of {@link #run}: it never will, the runtime is closing. */
    void neverBegins(CancellationException why);

    @Override
    default Boolean call() {
        run();
        return true;
    }
}

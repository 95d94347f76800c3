package dev.tokioj.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tasks that have begun on one loop and not ended: a list through the tasks' own links. Loop only. */
final class LoopTasks {
    private @Nullable Task<?> first;
    private int size;

    /** How many there are. */
    int size() {
        return size;
    }

    void add(Task<?> task) {
        size++;
        Task<?> second = first;
        task.nextOnLoop = second;
        if (second != null) {
            second.previousOnLoop = task;
        }
        first = task;
    }

    void remove(Task<?> task) {
        size--;
        Task<?> before = task.previousOnLoop;
        Task<?> after = task.nextOnLoop;
        if (before == null) {
            first = after;
        } else {
            before.nextOnLoop = after;
        }
        if (after != null) {
            after.previousOnLoop = before;
        }
        task.previousOnLoop = null;
        task.nextOnLoop = null;
    }

    void listTo(List<Task<?>> to) {
        for (Task<?> task = first; task != null; task = task.nextOnLoop) {
            to.add(task);
        }
    }

    /** A cancelled task leaves the list when it runs next, not during this call. */
    void cancelAll() {
        for (Task<?> task = first; task != null; task = task.nextOnLoop) {
            task.cancel();
        }
    }
}

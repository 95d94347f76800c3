package dev.tokioj.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The runnable tasks and the callbacks with a priority of one loop, first in first out by priority, with the bound that {@link
 * Priority} states. Loop thread only.
 */
final class ReadyQueue {
    /** One class: a list through the entries' own links. */
    private static final class Lane {
        @Nullable Run head;

        @Nullable Run tail;

        int size;

        void add(Run run) {
            size++;
            run.next = null;
            if (tail == null) {
                head = run;
            } else {
                tail.next = run;
            }
            tail = run;
        }

        @Nullable Run poll() {
            Run run = head;
            if (run != null) {
                size--;
                head = (Run) run.next;
                if (head == null) {
                    tail = null;
                }
                run.next = null;
            }
            return run;
        }
    }

    private final Lane urgent = new Lane();
    private final Lane normal = new Lane();
    private final Lane background = new Lane();
    /** Urgent runs since the last lower one, and normal runs since the last background one; up to {@link #burst}, which is enough. */
    private int urgentInARow;

    private int normalInARow;
    private int size;
    /** How many runs a class may take in a row while a lower one waits. */
    private final int burst;

    ReadyQueue(int burst) {
        this.burst = burst;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** How many of this priority wait. */
    int size(Priority priority) {
        return lane(priority).size;
    }

    /** Adds the tasks among them that have not begun. */
    void listCreatedTo(List<Task<?>> to) {
        for (Priority priority : Priority.values()) {
            for (Mailbox.Entry run = lane(priority).head; run != null; run = run.next) {
                Task<?> task = ((Run) run).task();
                if (task != null && task.state() == TaskState.CREATED) {
                    to.add(task);
                }
            }
        }
    }

    private Lane lane(Priority priority) {
        return switch (priority) {
            case URGENT -> urgent;
            case NORMAL -> normal;
            case BACKGROUND -> background;
        };
    }

    void add(Run run) {
        size++;
        switch (run.priority()) {
            case URGENT -> urgent.add(run);
            case NORMAL -> normal.add(run);
            case BACKGROUND -> background.add(run);
        }
    }

    @Nullable Run poll() {
        if (size == 0) {
            return null;
        }
        size--;
        boolean lowerWaits = normal.head != null || background.head != null;
        if (urgent.head != null && !(lowerWaits && urgentInARow >= burst)) {
            urgentInARow = Math.min(burst, urgentInARow + 1);
            return urgent.poll();
        }
        urgentInARow = 0;
        if (normal.head != null && !(background.head != null && normalInARow >= burst)) {
            normalInARow = Math.min(burst, normalInARow + 1);
            return normal.poll();
        }
        normalInARow = 0;
        return background.poll();
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadyQueueTest {
    private final ReadyQueue queue = new ReadyQueue(Priority.BURST);

    @SuppressWarnings("NullAway") // the queue looks at the priority alone
    private static Run run(Priority priority) {
        return new TaskExecutor(null, priority, null);
    }

    /** Polls a run and puts it back at once, as a task that only yields. */
    private Priority step() {
        Run run = queue.poll();
        assertNotNull(run);
        queue.add(run);
        return run.priority();
    }

    @Test
    void keepsTheOrderWithinAClass() {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Run run = run(Priority.NORMAL);
            runs.add(run);
            queue.add(run);
        }
        List<@Nullable Run> polled = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            polled.add(queue.poll());
        }
        assertEquals(runs, polled);
        assertTrue(queue.isEmpty());
        assertNull(queue.poll());
    }

    @Test
    void urgentGoesFirst() {
        queue.add(run(Priority.BACKGROUND));
        queue.add(run(Priority.NORMAL));
        queue.add(run(Priority.URGENT));
        for (Priority expected : Priority.values()) {
            Run run = queue.poll();
            assertNotNull(run);
            assertEquals(expected, run.priority());
        }
    }

    @Test
    void normalIsPassedByABurstOfUrgentAtMost() {
        queue.add(run(Priority.NORMAL));
        queue.add(run(Priority.URGENT));
        assertEquals(Priority.BURST, longestWait(Priority.NORMAL));
    }

    @Test
    void backgroundIsPassedByTheStatedBoundAtMost() {
        queue.add(run(Priority.BACKGROUND));
        queue.add(run(Priority.NORMAL));
        queue.add(run(Priority.URGENT));
        int bound = (Priority.BURST + 1) * (Priority.BURST + 1) - 1;
        assertEquals(255, bound, "as documented at Priority");
        assertEquals(bound, longestWait(Priority.BACKGROUND), "the bound is reached, and not passed");
        assertTrue(longestWait(Priority.NORMAL) <= 2 * (Priority.BURST + 1) - 1);
    }

    /** The most runs of others between two of this class, over many rounds. */
    private int longestWait(Priority priority) {
        int longest = 0;
        int waited = 0;
        for (int i = 0; i < 20_000; i++) {
            if (step() == priority) {
                longest = Math.max(longest, waited);
                waited = 0;
            } else {
                waited++;
            }
        }
        return longest;
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The bounds that {@link Priority} states, seen on running loops: for callbacks, for tasks, and for both together. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class PriorityTest {
    private final Combination combination;
    private AsyncRuntime runtime;
    private EventLoop loop;

    @SuppressWarnings("NullAway.Init")
    PriorityTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(
                combination.config().loops(1).drainTimeout(Duration.ZERO).build());
        loop = runtime.loops().get(0);
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    /** The most runs of others between two of this class. */
    private static int longestWait(List<Priority> runs, Priority priority) {
        int longest = 0;
        int waited = 0;
        for (Priority run : runs) {
            if (run == priority) {
                longest = Math.max(longest, waited);
                waited = 0;
            } else {
                waited++;
            }
        }
        return longest;
    }

    private static void check(List<Priority> runs) {
        int n = Priority.BURST + 1;
        assertEquals(n * n - 1, longestWait(runs, Priority.BACKGROUND), "the bound is reached, and not passed");
        assertTrue(longestWait(runs, Priority.NORMAL) <= 2 * n - 1);
        assertTrue(longestWait(runs, Priority.NORMAL) >= n - 1);
        assertTrue(longestWait(runs, Priority.URGENT) <= 2, "urgent work hardly notices");
    }

    /** A callback that always asks for another run of itself. */
    private void again(Priority priority, List<Priority> runs, int most, CompletableFuture<List<Priority>> all) {
        runs.add(priority);
        if (runs.size() == most) {
            all.complete(List.copyOf(runs));
        } else if (runs.size() < most) {
            loop.execute(priority, () -> again(priority, runs, most, all));
        }
    }

    @Test
    void callbacksOfAllClassesKeepTheBounds() throws Exception {
        List<Priority> runs = new ArrayList<>();
        CompletableFuture<List<Priority>> all = new CompletableFuture<>();
        loop.execute(() -> {
            for (Priority priority : Priority.values()) {
                loop.execute(priority, () -> again(priority, runs, 5_000, all));
            }
        });
        check(all.get(30, TimeUnit.SECONDS));
    }

    @Test
    void tasksOfAllClassesKeepTheBounds() throws Exception {
        assumeTrue(combination.onLoop(), "the JDK's scheduler knows no priorities");
        List<Priority> runs = new ArrayList<>();
        CompletableFuture<List<Priority>> all = new CompletableFuture<>();
        loop.execute(() -> {
            for (Priority priority : Priority.values()) {
                loop.spawn(priority, null, () -> {
                    while (runs.size() < 5_000) {
                        runs.add(priority);
                        TokioJ.yieldNow();
                    }
                    all.complete(runs);
                    return 0;
                });
            }
        });
        check(all.get(30, TimeUnit.SECONDS));
    }

    @Test
    void tasksAndCallbacksShareTheirClasses() throws Exception {
        assumeTrue(combination.onLoop(), "the JDK's scheduler knows no priorities");
        List<String> order = new ArrayList<>();
        CompletableFuture<List<String>> done = new CompletableFuture<>();
        loop.execute(() -> {
            loop.execute(Priority.BACKGROUND, () -> {
                order.add("background callback");
                done.complete(order);
            });
            loop.spawn(Priority.NORMAL, null, () -> order.add("normal task"));
            loop.execute(Priority.NORMAL, () -> order.add("normal callback"));
            loop.spawn(Priority.URGENT, null, () -> order.add("urgent task"));
            loop.execute(Priority.URGENT, () -> order.add("urgent callback"));
            loop.execute(() -> order.add("mail"));
            order.add("this");
        });
        List<String> seen = done.get(30, TimeUnit.SECONDS);
        // Mail comes before the runs of its turn, or in the delivery after them; the runs keep their order in any case.
        assertTrue(seen.contains("mail") || seen.size() == 6);
        List<String> runs = new ArrayList<>(seen);
        runs.remove("mail");
        assertEquals(
                List.of(
                        "this",
                        "urgent task",
                        "urgent callback",
                        "normal task",
                        "normal callback",
                        "background callback"),
                runs);
    }

    @Test
    void aFloodOfMailAndAFloodOfRunsLeaveEachOtherRoom() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        long[] counts = new long[2];
        Runnable[] mail = new Runnable[1];
        mail[0] = () -> {
            counts[0]++;
            if (!stop.get()) {
                loop.execute(mail[0]);
                loop.execute(() -> counts[0]++);
            }
        };
        Runnable[] urgent = new Runnable[1];
        urgent[0] = () -> {
            counts[1]++;
            if (!stop.get()) {
                loop.execute(Priority.URGENT, urgent[0]);
            }
        };
        CompletableFuture<long[]> seen = new CompletableFuture<>();
        loop.execute(() -> {
            for (int i = 0; i < 1_000; i++) {
                loop.execute(mail[0]);
                loop.execute(Priority.URGENT, urgent[0]);
            }
        });
        long turns = loop.turns();
        while (loop.turns() < turns + 200) {
            Thread.onSpinWait();
        }
        loop.execute(() -> {
            stop.set(true);
            seen.complete(counts.clone());
        });
        long[] both = seen.get(30, TimeUnit.SECONDS);
        assertTrue(both[0] >= 200L * runtime.config().maxCallbacksPerTick() / 2, both[0] + " callbacks");
        assertTrue(both[1] >= 190L * runtime.config().maxTasksPerTick(), both[1] + " runs");
    }

    /** Urgent work while normal tasks of 20 us saturate the loop: it waits for the run under way and for little else. */
    @Test
    void urgentWorkOvertakesASaturatedLoop() throws Exception {
        assumeTrue(combination.onLoop(), "the JDK's scheduler knows no priorities");
        AtomicBoolean stop = new AtomicBoolean();
        long[] normalRuns = new long[1];
        for (int i = 0; i < 100; i++) {
            loop.spawn(Priority.NORMAL, null, () -> {
                while (!stop.get()) {
                    long until = System.nanoTime() + 20_000;
                    while (System.nanoTime() < until) {
                        Thread.onSpinWait();
                    }
                    normalRuns[0]++;
                    TokioJ.yieldNow();
                }
                return 0;
            });
        }
        int overtaken = 0;
        try {
            for (int i = 0; i < 50; i++) {
                CompletableFuture<Long> passedBy = new CompletableFuture<>();
                loop.execute(() -> {
                    long before = normalRuns[0];
                    loop.spawn(Priority.URGENT, null, () -> passedBy.complete(normalRuns[0] - before));
                });
                long passed = passedBy.get(30, TimeUnit.SECONDS);
                assertTrue(passed <= 1, passed + " normal runs went first");
                overtaken += (int) passed;
            }
        } finally {
            stop.set(
                    true); // or the tasks would spin on for ever, in the thread that runs what ended loops leave behind
        }
        // They follow each other so fast that the share of the lower priorities comes into it: one run in sixteen.
        assertTrue(overtaken <= 4, overtaken + " of 50 urgent tasks had to wait for a normal run");
    }
}

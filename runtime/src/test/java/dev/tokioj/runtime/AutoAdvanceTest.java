package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Clock#pausedAutoAdvance}: time passes only when there is nothing else to do, and then at once. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class AutoAdvanceTest {
    private final Combination combination;
    private final PausedClock clock = Clock.pausedAutoAdvance();

    AutoAdvanceTest(Combination combination) {
        this.combination = combination;
    }

    private RuntimeConfig config(int loops) {
        return combination.config().loops(loops).clock(clock).build();
    }

    @Test
    void aYearOfSleepsPassesAtOnceAndExactly() throws Exception {
        long start = System.nanoTime();
        TokioJ.run(config(1), () -> {
            for (int i = 1; i <= 365; i++) {
                TokioJ.sleep(Duration.ofDays(1));
                long late = clock.nanoTime() - Duration.ofDays(i).toNanos();
                assertTrue(late >= 0 && late <= i * TimerWheel.TICK, "day " + i + " is late by " + late);
            }
        });
        assertTrue(System.nanoTime() - start < 20_000_000_000L);
    }

    @RepeatedTest(4)
    void deadlinesPassInTheirOrder() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Integer> delays = new ArrayList<>();
        for (int i = 1; i <= 60; i++) {
            delays.add(i);
        }
        Collections.shuffle(delays, random);
        Queue<Integer> woken = new ConcurrentLinkedQueue<>();
        TokioJ.run(config(2), () -> {
            try (TaskGroup group = TaskGroup.failFast()) {
                for (int delay : delays) {
                    group.spawn(() -> {
                        TokioJ.sleep(Duration.ofMinutes(delay));
                        woken.add(delay);
                    });
                }
                group.join();
            }
        });
        List<Integer> sorted = new ArrayList<>(delays);
        Collections.sort(sorted);
        assertEquals(sorted, List.copyOf(woken), "seed " + seed);
    }

    @Test
    void onOneLoopEveryRunIsTheSame() throws Exception {
        assumeTrue(combination.onLoop());
        List<String> first = story(17);
        for (int i = 0; i < 5; i++) {
            assertEquals(first, story(17));
        }
        assertFalse(first.equals(story(18)));
    }

    private List<String> story(long seed) throws Exception {
        PausedClock own = Clock.pausedAutoAdvance();
        List<String> events = new ArrayList<>();
        TokioJ.run(combination.config().loops(1).clock(own).build(), () -> {
            Random random = new Random(seed);
            try (TaskGroup group = TaskGroup.failFast()) {
                for (int i = 0; i < 20; i++) {
                    int number = i;
                    group.spawn(() -> {
                        for (int k = 0; k < 20; k++) {
                            TokioJ.sleep(Duration.ofMillis(random.nextInt(5)));
                            events.add(number + "@" + own.nanoTime());
                        }
                    });
                }
                group.join();
            }
        });
        return events;
    }

    @Test
    void timeStandsStillWhileSomethingRuns() throws Exception {
        TokioJ.run(config(2), () -> {
            Task<Long> sleeper = TokioJ.spawn(() -> {
                TokioJ.sleep(Duration.ofHours(1));
                return clock.nanoTime();
            });
            long before = clock.nanoTime();
            // Busy on its loop, and then in threads beside the loops.
            spin();
            assertEquals(before, clock.nanoTime());
            TokioJ.spawnBlocking(AutoAdvanceTest::spin).join();
            TokioJ.spawnCompute(AutoAdvanceTest::spin).join();
            TokioJ.spawn(SpawnOptions.DEFAULT.placement(Placement.SHARED), AutoAdvanceTest::spin)
                    .join();
            assertEquals(before, clock.nanoTime());
            assertTrue(sleeper.join() >= Duration.ofHours(1).toNanos());
        });
    }

    private static void spin() {
        long until = System.nanoTime() + 20_000_000;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whoSleepsBesideTheLoopsIsWokenToo() throws Exception {
        TokioJ.run(config(2), () -> {
            ThrowingRunnable sleep = () -> TokioJ.sleep(Duration.ofHours(1));
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(TokioJ.spawnBlocking(sleep));
                tasks.add(TokioJ.spawnCompute(sleep));
                tasks.add(TokioJ.spawn(SpawnOptions.DEFAULT.placement(Placement.SHARED), sleep));
                tasks.add(TokioJ.spawn(sleep));
            }
            for (Task<?> task : tasks) {
                task.join();
            }
        });
        assertTrue(clock.nanoTime() >= Duration.ofHours(1).toNanos());
    }

    @Test
    void aPoolWhoseThreadsAllSleepDoesNotHoldTheTime() throws Exception {
        RuntimeConfig narrow =
                combination.config().loops(1).clock(clock).blockingThreads(2).build();
        TokioJ.run(narrow, () -> {
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                tasks.add(TokioJ.spawnBlocking(() -> TokioJ.sleep(Duration.ofHours(1))));
            }
            for (Task<?> task : tasks) {
                task.join();
            }
        });
        assertTrue(clock.nanoTime() >= Duration.ofHours(4).toNanos());
    }

    @Test
    void withoutADeadlineNothingMoves() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(config(1))) {
            CountDownLatch release = new CountDownLatch(1);
            Task<Integer> waits = runtime.spawn(() -> {
                release.await();
                return 1;
            });
            // Real time passes, and the loop sleeps.
            long sleeps = runtime.loops().get(0).sleeps();
            while (runtime.loops().get(0).sleeps() < sleeps + 3) {
                Thread.onSpinWait();
            }
            assertEquals(0, clock.nanoTime());
            release.countDown();
            assertEquals(1, waits.join());
            // A join with a deadline from outside is a deadline too.
            Task<Integer> never = runtime.spawn(() -> {
                new CountDownLatch(1).await();
                return 1;
            });
            assertThrows(TimeoutException.class, () -> never.join(Duration.ofHours(3)));
            assertEquals(3, TimeUnit.NANOSECONDS.toHours(clock.nanoTime()));
            never.cancel();
        }
    }

    @Test
    void aClockMovedByHandStaysMovedByHand() throws Exception {
        PausedClock byHand = Clock.paused();
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().clock(byHand).build())) {
            Task<Integer> sleeper = runtime.spawn(() -> {
                TokioJ.sleep(Duration.ofHours(1));
                return 1;
            });
            EventLoop loop = runtime.loops().get(0);
            long sleeps = loop.sleeps();
            while (loop.sleeps() < sleeps + 5) {
                Thread.onSpinWait();
            }
            assertEquals(0, byHand.nanoTime());
            assertFalse(sleeper.isDone());
            byHand.advance(Duration.ofHours(1));
            assertEquals(1, sleeper.join());
        }
    }
}

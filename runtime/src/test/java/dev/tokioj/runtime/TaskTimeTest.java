package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Deadlines, sleeps and intervals of tasks. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class TaskTimeTest extends TaskFixture {
    TaskTimeTest(Combination combination) {
        super(combination);
    }

    @Test
    void joinWithATimeoutLeavesTheTaskAlone() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Task<Integer> task = runtime.spawn(() -> {
            release.await();
            return 7;
        });
        TimeoutException e = assertThrows(TimeoutException.class, () -> task.join(Duration.ofMillis(5)));
        assertTrue(String.valueOf(e.getMessage()).contains("PT0.005S"), e.getMessage());
        // The same from inside.
        CountDownLatch waiting = new CountDownLatch(1);
        Task<Integer> joiner = runtime.spawn(() -> {
            assertThrows(TimeoutException.class, () -> task.join(Duration.ofMillis(5)));
            waiting.countDown();
            return task.join(LONG) + 1;
        });
        waiting.await();
        LockSupport.unpark(Thread.currentThread());
        assertThrows(TimeoutException.class, () -> joiner.join(Duration.ofMillis(20)));
        release.countDown();
        assertEquals(8, joiner.join());
        assertEquals(7, task.join(Duration.ZERO.plusNanos(1)));
    }

    @Test
    void sleepIsNeverShorter() throws Exception {
        Duration asked = Duration.ofMillis(3);
        long slept = runtime.spawn(() -> {
                    long before = System.nanoTime();
                    TokioJ.sleep(asked);
                    return System.nanoTime() - before;
                })
                .join();
        assertTrue(slept >= asked.toNanos(), slept + " ns");
        TokioJ.sleep(Duration.ofMillis(1)); // outside a runtime too
    }

    @Test
    void aTaskThatNeverBeginsLeavesNoTimerBehind() throws Exception {
        try (AsyncRuntime one = AsyncRuntime.start(
                combination.config().loops(1).blockingThreads(1).build())) {
            CountDownLatch goOn = new CountDownLatch(1);
            Task<@Nullable Void> first = one.spawnBlocking(() -> goOn.await());
            Task<Integer> second = one.spawnBlocking(SpawnOptions.DEFAULT.deadline(Duration.ofHours(1)), () -> 1);
            EventLoop loop = one.loops().get(0);
            while (loop.stats().timersArmed() != 1) {
                Thread.onSpinWait();
            }
            assertTrue(second.cancel());
            goOn.countDown();
            first.join(LONG);
            while (loop.stats().timersArmed() != 0) {
                Thread.onSpinWait();
            }
            assertEquals(TaskState.CANCELLED, second.state());
        }
    }

    @Test
    void deadlinesAndTimersFollowAPausedClock() throws Exception {
        PausedClock clock = Clock.paused();
        try (AsyncRuntime paused =
                AsyncRuntime.start(combination.config().clock(clock).build())) {
            CountDownLatch entered = new CountDownLatch(3);
            Task<Long> sleeper = paused.spawn(() -> {
                entered.countDown();
                TokioJ.sleep(Duration.ofHours(1));
                return clock.nanoTime();
            });
            Task<@Nullable Void> late = paused.spawn(
                    SpawnOptions.DEFAULT.named("late").deadline(Duration.ofMinutes(90)), () -> Parked.forever(entered));
            Task<Long> beats = paused.spawn(() -> {
                Interval tick = TokioJ.interval(Duration.ofMinutes(10));
                entered.countDown();
                return tick.await() * 100 + tick.await();
            });
            entered.await();
            Duration step = Duration.ofSeconds(30);
            assertFalse(sleeper.isDone());
            // Who is slow to await meets a time that has gone on, and needs it to go on.
            while (!sleeper.isDone() || !beats.isDone()) {
                clock.advance(step);
                LockSupport.parkNanos(10_000);
            }
            assertTrue(sleeper.join() >= Duration.ofHours(1).toNanos());
            assertTrue(beats.join() >= 101);
            while (!late.isDone()) {
                clock.advance(step);
                LockSupport.parkNanos(10_000);
            }
            assertTrue(clock.nanoTime() >= Duration.ofMinutes(90).toNanos());
            CancellationException e = assertThrows(CancellationException.class, late::join);
            assertTrue(String.valueOf(e.getMessage()).contains("deadline of PT1H30M passed"), e.getMessage());
        }
    }

    @Test
    void aDeadlineThatIsMetChangesNothing() throws Exception {
        Task<Integer> task = runtime.spawn(SpawnOptions.DEFAULT.deadline(LONG), () -> 4);
        assertEquals(4, task.join());
        assertEquals(TaskState.SUCCEEDED, task.state());
        assertThrows(IllegalArgumentException.class, () -> SpawnOptions.DEFAULT.deadline(Duration.ofNanos(-1)));
    }

    @Test
    void anIntervalSkipsTheBeatsThatNobodyAwaited() throws Exception {
        PausedClock clock = Clock.paused();
        Interval tick = new Interval(clock, Duration.ofSeconds(1), MissedTicks.SKIP);
        clock.advance(Duration.ofMillis(3500));
        assertEquals(3, tick.await());
        clock.advance(Duration.ofMillis(500));
        assertEquals(1, tick.await());
        assertThrows(IllegalArgumentException.class, () -> new Interval(clock, Duration.ZERO, MissedTicks.SKIP));
    }
}

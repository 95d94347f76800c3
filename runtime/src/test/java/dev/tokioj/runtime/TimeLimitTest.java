package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class TimeLimitTest extends TaskFixture {
    private static final Duration BRIEF = Duration.ofMillis(3);

    TimeLimitTest(Combination combination) {
        super(combination);
    }

    /** In a task, and in one of the blocking pool. */
    private void inTasks(ThrowingRunnable body) throws Exception {
        runtime.spawn(body).join();
        runtime.spawnBlocking(body).join();
    }

    private static void endless() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    /** Swallows interrupts until both enclosing limits have passed. */
    private static void outliveBoth() throws InterruptedException {
        long start = System.nanoTime();
        int interrupts = 0;
        // Two interrupts that come between two looks are seen as one: then both limits have passed as well.
        while (interrupts == 0 || (interrupts == 1 && System.nanoTime() - start < 2_000_000_000)) {
            interrupts += Thread.interrupted() ? 1 : 0;
            LockSupport.parkNanos(100_000);
        }
        throw new InterruptedException("meant to");
    }

    @Test
    void workInTimeIsLeftAlone() throws Exception {
        inTasks(() -> {
            assertEquals(7, TokioJ.timeout(LONG, () -> 7));
            IOException cause = new IOException("meant to");
            assertSame(
                    cause,
                    assertThrows(
                            IOException.class,
                            () -> TokioJ.timeout(LONG, (ThrowingRunnable) () -> {
                                throw cause;
                            })));
            TokioJ.timeout(LONG, () -> TokioJ.sleep(BRIEF));
            assertFalse(Thread.currentThread().isInterrupted());
        });
    }

    @Test
    void lateWorkIsInterruptedAndTheInterruptStaysInside() throws Exception {
        inTasks(() -> {
            long start = System.nanoTime();
            TimeoutException e =
                    assertThrows(TimeoutException.class, () -> TokioJ.timeout(BRIEF, TimeLimitTest::endless));
            assertTrue(System.nanoTime() - start >= BRIEF.toNanos());
            assertInstanceOf(InterruptedException.class, e.getCause());
            assertTrue(String.valueOf(e.getMessage()).contains("PT0.003S"), e.getMessage());
            assertFalse(Thread.currentThread().isInterrupted());
            TokioJ.sleep(Duration.ofNanos(1));
        });
    }

    @Test
    void aValueInSpiteOfTheInterruptIsKept() throws Exception {
        inTasks(() -> {
            int value = TokioJ.timeout(BRIEF, () -> {
                while (!Thread.interrupted()) {
                    LockSupport.park();
                }
                return 4;
            });
            assertEquals(4, value);
            // The same if it never looks.
            assertEquals(5, TokioJ.timeout(BRIEF, () -> {
                while (!Thread.currentThread().isInterrupted()) {
                    TokioJ.yieldNow();
                }
                return 5;
            }));
            assertFalse(Thread.currentThread().isInterrupted());
        });
    }

    @Test
    void withoutTimeNothingRuns() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        inTasks(() -> {
            for (Duration none : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
                assertThrows(TimeoutException.class, () -> TokioJ.timeout(none, ran::incrementAndGet));
            }
        });
        assertEquals(0, ran.get());
        assertThrows(IllegalStateException.class, () -> TokioJ.timeout(LONG, () -> 1), "outside a runtime");
    }

    @Test
    void limitsNest() throws Exception {
        inTasks(() -> {
            // The inner passes: the outer goes on.
            assertEquals(1, TokioJ.timeout(LONG, () -> {
                assertThrows(TimeoutException.class, () -> TokioJ.timeout(BRIEF, TimeLimitTest::endless));
                TokioJ.sleep(Duration.ofNanos(1));
                return 1;
            }));
            // The outer passes: the inner does not take it for its own.
            AtomicInteger seen = new AtomicInteger();
            TimeoutException e = assertThrows(
                    TimeoutException.class,
                    () -> TokioJ.timeout(
                            BRIEF,
                            () -> TokioJ.timeout(LONG, () -> {
                                try {
                                    endless();
                                } catch (InterruptedException inner) {
                                    seen.incrementAndGet();
                                    throw inner;
                                }
                            })));
            assertEquals(1, seen.get());
            assertInstanceOf(InterruptedException.class, e.getCause());
            // Both have passed: whoever catches the inner one's is soon ended by the outer one.
            assertThrows(
                    TimeoutException.class,
                    () -> TokioJ.timeout(BRIEF, () -> {
                        assertThrows(
                                TimeoutException.class,
                                () -> TokioJ.timeout(BRIEF.multipliedBy(5), TimeLimitTest::outliveBoth));
                        endless();
                    }));
            assertFalse(Thread.currentThread().isInterrupted());
        });
    }

    @Test
    void aCancellationIsNotTakenForTheLimit() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Task<@Nullable Void> task = runtime.spawn(() -> TokioJ.timeout(LONG, () -> {
            entered.countDown();
            endless();
        }));
        entered.await();
        task.cancel();
        CancellationException e = assertThrows(CancellationException.class, task::join);
        assertInstanceOf(InterruptedException.class, e.getCause());
        assertEquals(TaskState.CANCELLED, task.state());
    }

    /** Work that ends just when its limit does: either outcome, but never a stray interrupt. */
    @Test
    void aRaceAtTheLimitLeavesNoInterruptBehind() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        inTasks(() -> {
            for (int i = 0; i < 300; i++) {
                Duration limit = Duration.ofNanos(50_000 + random.nextInt(100_000));
                Duration work = Duration.ofNanos(50_000 + random.nextInt(100_000));
                try {
                    TokioJ.timeout(limit, () -> TokioJ.sleep(work));
                } catch (TimeoutException e) {
                    assertInstanceOf(InterruptedException.class, e.getCause());
                }
                assertFalse(Thread.currentThread().isInterrupted(), "round " + i + ", seed " + seed);
            }
        });
    }

    @Test
    void followsThePausedClock() throws Exception {
        PausedClock clock = Clock.pausedAutoAdvance();
        try (AsyncRuntime paused =
                AsyncRuntime.start(combination.config().loops(1).clock(clock).build())) {
            paused.spawn(() -> {
                        assertThrows(
                                TimeoutException.class,
                                () -> TokioJ.timeout(Duration.ofDays(1), TimeLimitTest::endless));
                        TokioJ.timeout(Duration.ofDays(2), () -> TokioJ.sleep(Duration.ofDays(1)));
                    })
                    .join();
            assertTrue(clock.nanoTime() >= Duration.ofDays(2).toNanos());
        }
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link TaskGroup#race}, {@link TokioJ#race} and {@link TaskGroup#inherit}. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class RaceTest {
    private static final ScopedValue<String> USER = ScopedValue.newInstance();
    private static final ScopedValue<Integer> DEPTH = ScopedValue.newInstance();

    private final Combination combination;
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    RaceTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(combination.config().build());
    }

    @AfterEach
    void close() {
        runtime.close();
        assertEquals(0, runtime.liveTasks());
        assertEquals(0, runtime.unhandledFailures(), "a group takes care of its failures");
    }

    private static <T> Callable<T> endless(AtomicInteger interrupted, CountDownLatch entered) {
        return () -> {
            entered.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
                throw e;
            }
            throw new IllegalStateException("nobody opens that latch");
        };
    }

    private static <T> Callable<T> failing(Exception e) {
        return () -> {
            throw e;
        };
    }

    @Test
    void theFirstSuccessWinsAndTheOthersAreCancelled() throws Exception {
        AtomicInteger interrupted = new AtomicInteger();
        CountDownLatch entered = new CountDownLatch(2);
        try (TaskGroup group = TaskGroup.race(runtime)) {
            group.spawn(endless(interrupted, entered));
            group.spawn(failing(new IOException("a failure does not end a race")));
            group.spawn(endless(interrupted, entered));
            entered.await();
            while (group.failureCount() == 0) {
                Thread.onSpinWait();
            }
            assertNull(group.winner());
            Task<Integer> fast = group.spawn(() -> 8);
            group.join();
            assertSame(fast, group.winner());
            assertEquals(8, fast.result());
            assertEquals(2, interrupted.get());
            assertEquals(1, group.failures().size());
            // It is decided: who comes late is cancelled at once.
            Task<Integer> late = group.spawn(endless(interrupted, entered));
            assertThrows(CancellationException.class, late::join);
            group.join();
        }
    }

    @Test
    void ifAllFailTheFirstIsThrownWithTheOthersInIt() throws Exception {
        IOException one = new IOException("one");
        IOException two = new IOException("two");
        try (TaskGroup group = TaskGroup.race(runtime)) {
            Task<Object> first = group.spawn(failing(one));
            assertThrows(IOException.class, first::join);
            while (group.failureCount() == 0) {
                Thread.onSpinWait();
            }
            group.spawn(failing(two));
            group.spawn(failing(one));
            assertSame(one, assertThrows(IOException.class, group::join));
            assertEquals(List.of(two), Arrays.asList(one.getSuppressed()));
            // Asking again does not add them again.
            assertThrows(IOException.class, group::join);
            assertEquals(1, one.getSuppressed().length);
        }
    }

    @Test
    void aRaceNobodyWinsSaysSo() throws Exception {
        try (TaskGroup group = TaskGroup.race(runtime)) {
            assertThrows(CancellationException.class, group::join);
            AtomicInteger interrupted = new AtomicInteger();
            CountDownLatch entered = new CountDownLatch(1);
            group.spawn(endless(interrupted, entered));
            entered.await();
            assertThrows(TimeoutException.class, () -> group.join(Duration.ofMillis(3)));
            group.cancel();
            assertThrows(CancellationException.class, group::join);
            assertEquals(1, interrupted.get());
        }
    }

    @Test
    void leavingTheBlockEndsTheRace() throws Exception {
        AtomicInteger interrupted = new AtomicInteger();
        CountDownLatch entered = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.race(runtime)) {
            group.spawn(endless(interrupted, entered));
            entered.await();
        }
        assertEquals(1, interrupted.get());
    }

    @Test
    void theFacadesRaceGivesTheValue() throws Exception {
        AtomicInteger interrupted = new AtomicInteger();
        CountDownLatch entered = new CountDownLatch(1);
        String value = runtime.spawn(() -> {
                    List<Callable<String>> bodies =
                            List.of(endless(interrupted, entered), failing(new IOException("x")), () -> {
                                entered.await();
                                return "fast";
                            });
                    return TokioJ.race(bodies);
                })
                .join();
        assertEquals("fast", value);
        assertEquals(1, interrupted.get());
        assertThrows(
                IllegalArgumentException.class,
                () -> runtime.spawn(() -> TokioJ.race(List.<Callable<Integer>>of()))
                        .join());
        IOException meant = new IOException("meant to");
        Task<Integer> lost = runtime.spawn(() -> TokioJ.race(List.of(RaceTest.<Integer>failing(meant))));
        assertSame(meant, assertThrows(IOException.class, lost::join));
    }

    @Test
    void namedValuesAreInherited() throws Exception {
        Callable<String> look = () -> USER.orElse("nobody") + DEPTH.orElse(0);
        for (Placement placement : Placement.values()) {
            SpawnOptions options = SpawnOptions.DEFAULT.placement(placement);
            ScopedValue.where(USER, "ann").where(DEPTH, 3).call(() -> {
                try (TaskGroup group = TaskGroup.collect(runtime)) {
                    assertEquals("nobody0", group.spawn(options, look).join(), "the JDK inherits nothing");
                    group.inherit(USER);
                    assertEquals("ann0", group.spawn(options, look).join());
                    assertEquals(
                            "ann3", group.inherit(DEPTH).spawn(options, look).join());
                    // As they were bound when they were named.
                    Task<String> deeper = ScopedValue.where(DEPTH, 4).call(() -> group.spawn(options, look));
                    assertEquals("ann3", deeper.join());
                    // A child's children, if it says so.
                    String grandchild = group.spawn(options, () -> {
                                try (TaskGroup inner = TaskGroup.failFast()) {
                                    Task<String> task = inner.inherit(USER).spawn(look);
                                    inner.join();
                                    return task.result();
                                }
                            })
                            .join();
                    assertEquals("ann0", grandchild);
                    return 0;
                }
            });
            try (TaskGroup group = TaskGroup.collect(runtime)) {
                assertFalse(USER.isBound());
                assertEquals(
                        "nobody0",
                        group.inherit(USER, DEPTH).spawn(options, look).join());
            }
        }
        TaskGroup group = TaskGroup.collect(runtime);
        Task<IllegalStateException> refused =
                runtime.spawn(() -> assertThrows(IllegalStateException.class, () -> group.inherit(USER)));
        assertTrue(String.valueOf(refused.join().getMessage()).contains("only the thread"));
        group.close();
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Interrupts and cancellation of tasks, before they begin, while they wait and after their end. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class TaskCancelTest extends TaskFixture {
    TaskCancelTest(Combination combination) {
        super(combination);
    }

    @Test
    void joinEndsWhenTheJoinerIsInterrupted() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Task<@Nullable Void> endless = runtime.spawn(() -> Parked.forever(entered));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, endless::join);
        assertFalse(Thread.currentThread().isInterrupted());
        Task<@Nullable Void> joiner = runtime.spawn(() -> {
            endless.join();
        });
        assertTrue(joiner.cancel());
        assertThrows(CancellationException.class, joiner::join);
        assertFalse(endless.isDone());
    }

    @Test
    void cancelInterruptsAWait() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        AtomicBoolean cleanedUp = new AtomicBoolean();
        Task<@Nullable Void> task = runtime.spawn(() -> {
            try {
                Parked.forever(entered);
            } finally {
                cleanedUp.set(true);
            }
        });
        entered.await();
        assertTrue(task.cancel());
        CancellationException e = assertThrows(CancellationException.class, task::join);
        assertEquals(
                InterruptedException.class, Objects.requireNonNull(e.getCause()).getClass());
        assertTrue(cleanedUp.get());
        assertEquals(TaskState.CANCELLED, task.state());
        assertFalse(task.cancel());
    }

    @Test
    void cancelInterruptsASleep() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Task<@Nullable Void> task = runtime.spawn(() -> {
            entered.countDown();
            TokioJ.sleep(Duration.ofDays(1));
        });
        entered.await();
        assertTrue(task.cancel());
        assertThrows(CancellationException.class, task::join);
    }

    @Test
    void cancelAfterTheEndDoesNotTake() throws Exception {
        Task<Integer> task = runtime.spawn(() -> 1);
        task.join();
        assertFalse(task.cancel());
        assertEquals(1, task.join());
    }

    @Test
    void cancelBeforeTheBeginningSparesTheBody() throws Exception {
        AtomicBoolean ran = new AtomicBoolean();
        EventLoop loop = runtime.loops().get(0);
        CompletableFuture<Task<@Nullable Void>> made = new CompletableFuture<>();
        // In a callback nothing on this loop runs in between; elsewhere there is no such moment to be sure of.
        loop.execute(() -> {
            Task<@Nullable Void> task = loop.spawn(SpawnOptions.DEFAULT, AsyncRuntime.valueless(() -> ran.set(true)));
            task.cancel();
            made.complete(task);
        });
        Task<@Nullable Void> task = made.get();
        if (combination.onLoop()) {
            assertThrows(CancellationException.class, task::join);
            assertFalse(ran.get());
            assertNull(task.failure());
        }
    }

    @Test
    void blockingWorkRunsOnPlatformThreadsAndCanBeCancelled() throws Exception {
        assertFalse(
                runtime.spawnBlocking(() -> Thread.currentThread().isVirtual()).join());
        CountDownLatch entered = new CountDownLatch(1);
        Task<@Nullable Void> endless = runtime.spawnBlocking(() -> Parked.forever(entered));
        entered.await();
        assertTrue(endless.cancel());
        assertThrows(CancellationException.class, endless::join);
    }

    @Test
    void anInterruptOfABlockingTaskNeverHitsTheNextInItsThread() throws Exception {
        try (AsyncRuntime one =
                AsyncRuntime.start(combination.config().blockingThreads(1).build())) {
            for (int i = 0; i < 300; i++) {
                Task<@Nullable Void> victim = one.spawnBlocking(() -> {});
                Task<Boolean> next = one.spawnBlocking(() -> {
                    Thread.onSpinWait();
                    return Thread.currentThread().isInterrupted();
                });
                victim.cancel();
                assertFalse(next.join(LONG), "round " + i);
            }
        }
    }
}

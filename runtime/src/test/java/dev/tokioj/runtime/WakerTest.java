package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Wakers, of callbacks and of tasks. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class WakerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Combination combination;
    private AsyncRuntime runtime;

    WakerTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws Exception {
        runtime = AsyncRuntime.start(combination.config().build());
    }

    @AfterEach
    void end() {
        runtime.close();
    }

    @Test
    void wakeUpsBeforeTheLookCountAsOne() throws Exception {
        TaskWaker waker = runtime.createWaker();
        assertFalse(waker.poll());
        waker.wake();
        waker.wake();
        waker.await();
        assertFalse(waker.poll());
        assertThrows(TimeoutException.class, () -> waker.await(Duration.ofMillis(5)));
    }

    @Test
    void noWakeUpIsLost() throws Exception {
        TaskWaker ping = runtime.createWaker();
        TaskWaker pong = runtime.createWaker();
        int rounds = 8_000;
        Task<?> other = runtime.spawn(() -> {
            for (int i = 0; i < rounds; i++) {
                ping.await();
                pong.wake();
            }
        });
        Task<?> one = runtime.loops().get(1).spawn(SpawnOptions.DEFAULT, () -> {
            for (int i = 0; i < rounds; i++) {
                ping.wake();
                pong.await(LONG);
            }
            return null;
        });
        one.join(LONG);
        other.join(LONG);
    }

    @Test
    void aCallbackOfALoopWakesATask() throws Exception {
        TaskWaker waker = runtime.createWaker();
        Task<?> task = runtime.spawn(() -> waker.await());
        runtime.loops().get(1).execute(waker::wake);
        task.join(LONG);
    }

    @Test
    void aTaskWakesACallbackOfItsLoop() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        Waker waker = runtime.createWaker(() -> {
            calls.incrementAndGet();
            onLoop.complete(Thread.currentThread() instanceof LoopThread);
        });
        runtime.spawn(() -> TokioJ.createWaker(waker::wake).wake()).join(LONG);
        assertTrue(onLoop.get(20, TimeUnit.SECONDS));
        assertEquals(1, calls.get());
    }

    @Test
    void anInterruptEndsTheWaitAndKeepsWhatCame() throws Exception {
        TaskWaker waker = new TaskWaker();
        Task<Boolean> task = runtime.spawn(() -> {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, waker::await);
            waker.wake();
            Thread.currentThread().interrupt();
            waker.await();
            return Thread.interrupted();
        });
        assertTrue(task.join(LONG));
    }

    @Test
    void callbacksAndSecondWaitersAreTold() throws Exception {
        TaskWaker waker = new TaskWaker();
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        runtime.loops().get(0).execute(() -> {
            try {
                waker.await();
            } catch (InterruptedException | RuntimeException e) {
                told.complete(e);
            }
        });
        assertInstanceOf(IllegalStateException.class, told.get(20, TimeUnit.SECONDS));
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<?> first = runtime.spawn(() -> {
            who.complete(Thread.currentThread());
            waker.await();
        });
        Parked.await(who);
        assertThrows(IllegalStateException.class, waker::await);
        waker.wake();
        first.join(LONG);
    }

    @Test
    void deadlinesAreOnThePausedClock() throws Exception {
        PausedClock clock = Clock.paused();
        try (AsyncRuntime paused =
                AsyncRuntime.start(combination.config().clock(clock).build())) {
            TaskWaker waker = paused.createWaker();
            CompletableFuture<Thread> who = new CompletableFuture<>();
            Task<?> task = paused.spawn(() -> {
                who.complete(Thread.currentThread());
                waker.await(Duration.ofHours(1));
            });
            Parked.await(who);
            clock.advance(Duration.ofMinutes(61));
            assertThrows(TimeoutException.class, () -> task.join());
        }
    }
}

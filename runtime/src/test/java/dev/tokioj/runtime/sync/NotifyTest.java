package dev.tokioj.runtime.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.PausedClock;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class NotifyTest {
    /** A loop's timers are this much late at most, once their loop looks. */
    private static final Duration TICK = Duration.ofNanos(10_000);

    private static final long SEED = Long.getLong("tokioj.seed", System.nanoTime());

    private final Combination combination;
    private final PausedClock clock = Clock.paused();
    private final Notify notify = new Notify();
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    NotifyTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(
                combination.config().clock(clock).drainTimeout(Duration.ZERO).build());
    }

    @AfterEach
    void close() {
        runtime.close();
        assertEquals(0, runtime.liveTasks());
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void oneThatComesEarlyIsKeptOnce() throws Exception {
        assertFalse(notify.tryAwait());
        notify.notifyOne();
        notify.notifyOne();
        notify.await();
        assertFalse(notify.tryAwait());
        assertEquals(0, notify.notifyWaiters());
        assertFalse(notify.tryAwait());
    }

    @Test
    void whoWaitsLongestIsToldFirst() throws Exception {
        List<Task<?>> tasks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int before = i;
            tasks.add(runtime.spawn(() -> notify.await()));
            until(() -> notify.waiting() == before + 1);
        }
        for (int i = 0; i < 5; i++) {
            notify.notifyOne();
            tasks.get(i).join();
            assertFalse(tasks.get(i + 1).isDone());
        }
        assertEquals(5, notify.notifyWaiters());
        for (Task<?> task : tasks) {
            task.join();
        }
        assertFalse(notify.tryAwait());
    }

    @Test
    void interruptsAndDeadlinesTakeNothing() throws Exception {
        Task<?> cancelled = runtime.spawn(() -> notify.await());
        until(() -> notify.waiting() == 1);
        Task<?> late = runtime.spawn(() -> notify.await(Duration.ofSeconds(1)));
        until(() -> notify.waiting() == 2);
        cancelled.cancel();
        assertThrows(CancellationException.class, cancelled::join);
        clock.advance(Duration.ofSeconds(1).plus(TICK));
        assertThrows(TimeoutException.class, late::join);
        assertEquals(0, notify.waiting());
        notify.notifyOne();
        assertTrue(notify.tryAwait());
    }

    @Test
    void callbacksNotifyAndTryButDoNotWait() throws Exception {
        CompletableFuture<Boolean> tried = new CompletableFuture<>();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        runtime.loops().get(0).execute(() -> {
            notify.notifyOne();
            tried.complete(notify.tryAwait());
            try {
                notify.await();
            } catch (InterruptedException | RuntimeException e) {
                thrown.complete(e);
            }
        });
        assertTrue(tried.get(20, TimeUnit.SECONDS));
        assertTrue(thrown.get(20, TimeUnit.SECONDS) instanceof IllegalStateException);
    }

    /** Consumers that are interrupted and time out by chance; a lost notification leaves work undone and hangs the test. */
    @Test
    void noNotificationIsLost() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        ConcurrentLinkedQueue<Integer> queue = new ConcurrentLinkedQueue<>();
        AtomicInteger done = new AtomicInteger();
        List<Task<?>> consumers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SplittableRandom own = random.split();
            CompletableFuture<Thread> started = new CompletableFuture<>();
            consumers.add(runtime.spawn(() -> {
                started.complete(Thread.currentThread());
                consume(queue, done, own);
            }));
            threads.add(started.get(20, TimeUnit.SECONDS));
        }
        int all = 20_000;
        for (int i = 0; i < all; i++) {
            queue.add(i);
            notify.notifyOne();
            if (random.nextInt(8) == 0) {
                clock.advance(Duration.ofNanos(random.nextInt(20_000)));
            }
            if (random.nextInt(64) == 0) {
                threads.get(random.nextInt(3)).interrupt();
            }
            if (random.nextInt(32) == 0) {
                // Until all of it is done, without another notification.
                int sent = i + 1;
                until(() -> done.get() == sent);
            }
        }
        until(() -> done.get() == all);
        for (Task<?> consumer : consumers) {
            while (!consumer.isDone()) {
                queue.add(-1);
                notify.notifyOne();
            }
        }
    }

    private void consume(ConcurrentLinkedQueue<Integer> queue, AtomicInteger done, SplittableRandom random) {
        while (true) {
            Integer work = queue.poll();
            if (work != null) {
                if (work < 0) {
                    return;
                }
                done.incrementAndGet();
                // One kept notification may stand for several elements: who was told looks until nothing is left.
                continue;
            }
            try {
                if (random.nextBoolean()) {
                    notify.await();
                } else {
                    notify.await(Duration.ofNanos(random.nextInt(20_000)));
                }
            } catch (InterruptedException | TimeoutException e) {
                // By chance: it looks again, and waits again.
            }
        }
    }
}

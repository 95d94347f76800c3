package dev.tokioj.runtime.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Oneshot}, {@link Broadcast} and {@link Watch}. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class OtherChannelsTest {
    /** A loop's timers are this much late at most, once their loop looks. */
    private static final Duration TICK = Duration.ofNanos(10_000);

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long SEED = Long.getLong("tokioj.seed", System.nanoTime());

    private final Combination combination;
    private final PausedClock clock = Clock.paused();
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    OtherChannelsTest(Combination combination) {
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

    private static void untilParked(Task<?> task, Channel<Thread> started) throws InterruptedException {
        Thread thread = started.receive();
        ChannelTest.until(() -> task.isDone()
                || thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
    }

    @Test
    void aOneshotIsSentOnceAndReceivedOnce() throws Exception {
        Oneshot<Integer> oneshot = new Oneshot<>();
        assertNull(oneshot.tryReceive());
        Channel<Thread> started = Channel.bounded(1);
        Task<Integer> receiver = runtime.spawn(() -> {
            started.send(Thread.currentThread());
            return oneshot.receive();
        });
        untilParked(receiver, started);
        oneshot.send(5);
        assertEquals(5, receiver.join());
        assertThrows(IllegalStateException.class, () -> oneshot.send(6));
        assertFalse(oneshot.trySend(6));
        assertThrows(ChannelClosedException.class, oneshot::receive);
        assertThrows(ChannelClosedException.class, oneshot::tryReceive);
        assertFalse(oneshot.isClosed());
    }

    @Test
    void aOneshotCanBeClosedFromBothSides() throws Exception {
        Oneshot<Integer> unsent = new Oneshot<>();
        Channel<Thread> started = Channel.bounded(1);
        Task<Integer> receiver = runtime.spawn(() -> {
            started.send(Thread.currentThread());
            return unsent.receive();
        });
        untilParked(receiver, started);
        unsent.close();
        assertThrows(ChannelClosedException.class, receiver::join);
        assertThrows(ChannelClosedException.class, () -> unsent.send(1));
        assertTrue(unsent.isClosed());
        Oneshot<Integer> sent = new Oneshot<>();
        sent.send(1);
        sent.close();
        assertEquals(1, sent.receive());
        Oneshot<Integer> late = new Oneshot<>();
        Task<Integer> timed = runtime.spawn(() -> {
            started.send(Thread.currentThread());
            return late.receive(SECOND);
        });
        untilParked(timed, started);
        clock.advance(SECOND.plus(TICK));
        assertThrows(TimeoutException.class, timed::join);
        late.send(2);
        assertEquals(2, late.receive());
    }

    @Test
    void aBroadcastReachesAllAndTellsLaggards() throws Exception {
        Broadcast<Integer> broadcast = Broadcast.bounded(3);
        assertEquals(0, broadcast.send(0));
        Broadcast.Subscription<Integer> quick = broadcast.subscribe();
        Broadcast.Subscription<Integer> slow = broadcast.subscribe();
        assertEquals(2, broadcast.subscriptions());
        for (int i = 1; i <= 5; i++) {
            assertEquals(2, broadcast.send(i));
            assertEquals(i, quick.receive());
        }
        assertEquals(2, assertThrows(LaggedException.class, slow::receive).missed());
        assertEquals(3, slow.receive());
        assertEquals(4, slow.tryReceive());
        broadcast.close();
        assertThrows(ChannelClosedException.class, () -> broadcast.send(6));
        assertEquals(5, slow.receive());
        assertNull(slow.receiveOrNull());
        assertThrows(ChannelClosedException.class, slow::receive);
        assertThrows(ChannelClosedException.class, quick::tryReceive);
        quick.close();
        quick.close();
        assertEquals(1, broadcast.subscriptions());
        slow.close();
        assertEquals(0, broadcast.subscriptions());
    }

    @Test
    void whoWaitsForABroadcastIsWoken() throws Exception {
        Broadcast<Integer> broadcast = Broadcast.bounded(3);
        List<Task<Integer>> tasks = new ArrayList<>();
        Channel<Thread> started = Channel.bounded(1);
        for (int i = 0; i < 10; i++) {
            Broadcast.Subscription<Integer> own = broadcast.subscribe();
            Task<Integer> task = runtime.spawn(() -> {
                started.send(Thread.currentThread());
                return own.receive(SECOND);
            });
            untilParked(task, started);
            tasks.add(task);
        }
        assertTrue(tasks.get(3).cancel());
        assertThrows(CancellationException.class, tasks.get(3)::join);
        assertEquals(10, broadcast.send(8));
        for (int i = 0; i < 10; i++) {
            if (i != 3) {
                assertEquals(8, tasks.get(i).join());
            }
        }
        Broadcast.Subscription<Integer> closing = broadcast.subscribe();
        Task<Integer> left = runtime.spawn(() -> {
            started.send(Thread.currentThread());
            return closing.receive();
        });
        untilParked(left, started);
        closing.close();
        assertThrows(ChannelClosedException.class, left::join);
    }

    /** What a subscription got and what it was told to have missed is everything, in order. */
    @Test
    void aBroadcastAccountsForEveryElement() throws Exception {
        long seed = SEED;
        SplittableRandom random = new SplittableRandom(seed);
        Broadcast<Integer> broadcast = Broadcast.bounded(1 + random.nextInt(16));
        int all = 50_000;
        List<Task<Long>> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Broadcast.Subscription<Integer> own = broadcast.subscribe();
            SplittableRandom mine = random.split();
            tasks.add(runtime.spawn(() -> {
                long next = 0;
                while (true) {
                    try {
                        Integer element = mine.nextBoolean()
                                ? own.receiveOrNull()
                                : Select.<Integer>on(Select.receive(own, x -> x));
                        if (element == null) {
                            return next;
                        }
                        assertEquals(next, (long) element, "seed " + seed);
                        next++;
                    } catch (LaggedException e) {
                        next += e.missed();
                    } catch (ChannelClosedException e) {
                        return next;
                    }
                }
            }));
        }
        for (int i = 0; i < all; i++) {
            broadcast.send(i);
        }
        broadcast.close();
        for (Task<Long> task : tasks) {
            assertEquals(all, task.join(), "seed " + seed);
        }
    }

    @Test
    void aWatchGivesTheLatest() throws Exception {
        Watch<String> watch = Watch.of("a");
        Watch.Observer<String> observer = watch.observe();
        assertEquals("a", observer.get());
        assertFalse(observer.hasChanged());
        watch.set("b");
        assertEquals("cd", watch.update(before -> before.equals("b") ? "cd" : "wrong"));
        assertTrue(observer.hasChanged());
        assertEquals("cd", observer.changed());
        assertFalse(observer.hasChanged());
        Channel<Thread> started = Channel.bounded(1);
        Task<String> waits = runtime.spawn(() -> {
            started.send(Thread.currentThread());
            return observer.changed();
        });
        untilParked(waits, started);
        watch.set("e");
        assertEquals("e", waits.join());
        Task<String> late = runtime.spawn(() -> {
            started.send(Thread.currentThread());
            return observer.changed(SECOND);
        });
        untilParked(late, started);
        clock.advance(SECOND.plus(TICK));
        assertThrows(TimeoutException.class, late::join);
        watch.set("last");
        watch.close();
        watch.close();
        assertTrue(watch.isClosed());
        assertThrows(ChannelClosedException.class, () -> watch.set("more"));
        assertEquals("last", observer.changed());
        assertThrows(ChannelClosedException.class, observer::changed);
        assertNull(observer.changedOrNull());
        assertEquals("last", watch.get());
    }

    /** An observer may skip values, never goes back, and ends with the last. */
    @Test
    void observersSeeTheLastOfRacingChanges() throws Exception {
        Watch<Integer> watch = Watch.of(0);
        List<Task<Integer>> observing = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Watch.Observer<Integer> observer = watch.observe();
            observing.add(runtime.spawn(() -> {
                int last = 0;
                for (Integer now = observer.changedOrNull(); now != null; now = observer.changedOrNull()) {
                    assertTrue(now > last);
                    last = now;
                }
                return last;
            }));
        }
        List<Task<?>> changing = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            changing.add(runtime.spawn(() -> {
                for (int n = 0; n < 10_000; n++) {
                    watch.update(x -> x + 1);
                }
            }));
        }
        for (Task<?> task : changing) {
            task.join();
        }
        watch.close();
        for (Task<Integer> task : observing) {
            assertEquals(20_000, task.join());
        }
    }
}

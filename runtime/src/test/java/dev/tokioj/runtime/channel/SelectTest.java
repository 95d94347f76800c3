package dev.tokioj.runtime.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.PausedClock;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskState;
import dev.tokioj.runtime.ThrowingRunnable;
import dev.tokioj.runtime.sync.Notify;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class SelectTest {
    /** A loop's timers are this much late at most, once their loop looks. */
    private static final Duration TICK = Duration.ofNanos(10_000);

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long SEED = Long.getLong("tokioj.seed", 20260727L);

    private final Combination combination;
    private final PausedClock clock = Clock.paused();
    private final Channel<Integer> a = Channel.bounded(4);
    private final Channel<Integer> b = Channel.bounded(1);
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    SelectTest(Combination combination) {
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
        assertEquals(0, a.waitingReceivers() + a.waitingSenders() + b.waitingReceivers() + b.waitingSenders());
    }

    /** A select over a receive from a, a send to b and a second, in a task that waits in it. */
    private Task<String> waiting() throws InterruptedException {
        b.send(0);
        Task<String> task = runtime.spawn(() -> Select.on(
                Select.receive(a, element -> "received " + element),
                Select.send(b, 7, () -> "sent"),
                Select.after(SECOND, () -> "silence")));
        ChannelTest.until(() -> b.waitingSenders() == 1 && a.waitingReceivers() == 1);
        return task;
    }

    @Test
    void whatIsThereIsTakenAtOnce() throws Exception {
        a.send(1);
        assertEquals(1, Select.<Integer>on(Select.receive(a, x -> x), Select.after(SECOND, () -> -1)));
        assertEquals("sent", Select.<String>on(Select.receive(a, x -> "received"), Select.send(b, 5, () -> "sent")));
        assertEquals(5, b.receive());
        assertEquals(
                "now", Select.<String>on(Select.receive(a, x -> "received"), Select.after(Duration.ZERO, () -> "now")));
    }

    @Test
    void anElementEndsTheWaitAndTheOthersTakeNothing() throws Exception {
        Task<String> task = waiting();
        a.send(3);
        assertEquals("received 3", task.join());
        assertEquals(0, b.waitingSenders());
        assertEquals(0, b.receive());
        assertNull(b.tryReceive());
    }

    @Test
    void roomEndsTheWaitAndTheOthersTakeNothing() throws Exception {
        Task<String> task = waiting();
        assertEquals(0, b.receive());
        assertEquals("sent", task.join());
        assertEquals(7, b.receive());
        a.send(1);
        assertEquals(1, a.size());
    }

    @Test
    void timeEndsTheWaitAndNothingIsTaken() throws Exception {
        Task<String> task = waiting();
        clock.advance(SECOND.plus(TICK));
        assertEquals("silence", task.join());
        assertEquals(0, b.receive());
        assertNull(b.tryReceive());
    }

    @Test
    void anInterruptEndsTheWaitAndNothingIsTaken() throws Exception {
        Task<String> task = waiting();
        task.cancel();
        assertThrows(CancellationException.class, task::join);
        assertEquals(0, b.receive());
        assertNull(b.tryReceive());
        a.send(1);
        assertEquals(1, a.size());
    }

    @Test
    void theEndOfATask() throws Exception {
        Channel<Integer> go = Channel.bounded(1);
        Task<Integer> work = runtime.spawn(() -> go.receive());
        Task<Integer> waits = runtime.spawn(() ->
                Select.on(Select.receive(a, x -> x), Select.done(work, ended -> ended.result() + 1)));
        ChannelTest.until(() -> a.waitingReceivers() == 1 && go.waitingReceivers() == 1);
        go.send(41);
        assertEquals(42, waits.join());
        assertEquals(42, Select.<Integer>on(Select.done(work, ended -> ended.result() + 1), Select.receive(a, x -> x)));
        Task<?> fails = runtime.spawn(() -> {
            throw new IOException("by design");
        });
        assertEquals(TaskState.FAILED, Select.<TaskState>on(Select.done(fails, Task::state)));
    }

    @Test
    void nothingPilesUpWhereALoopWaits() throws Exception {
        Task<?> endless = runtime.spawn(() -> Channel.bounded(1).receive());
        Watch<Integer> watch = Watch.of(0);
        Broadcast<Integer> broadcast = Broadcast.bounded(4);
        Notify notify = new Notify();
        Oneshot<Integer> oneshot = new Oneshot<>();
        b.send(0);
        try (Broadcast.Subscription<Integer> subscription = broadcast.subscribe()) {
            Task<Integer> loop = runtime.spawn(() -> {
                Select<Integer> select = Select.of(
                        Select.receive(a, x -> x),
                        Select.send(b, 9, () -> -1),
                        Select.done(endless, ended -> -1),
                        Select.changed(watch.observe(), x -> -1),
                        Select.receive(subscription, x -> -1),
                        Select.receive(oneshot, x -> -1),
                        notify.notified(() -> -1),
                        Select.after(SECOND, () -> -1));
                int sum = 0;
                for (int i = 0; i < 20_000; i++) {
                    sum += select.await();
                }
                return sum;
            });
            for (int i = 0; i < 20_000; i++) {
                a.send(1);
                assertTrue(a.waitingReceivers() <= 1);
                assertTrue(b.waitingSenders() <= 1);
                assertTrue(endless.selecting().size() <= 1);
            }
            assertEquals(20_000, loop.join());
            assertEquals(0, endless.selecting().size() + notify.waiting());
        }
    }

    @Test
    void everySourceEndsTheWait() throws Exception {
        Watch<Integer> watch = Watch.of(0);
        Broadcast<Integer> broadcast = Broadcast.bounded(4);
        Notify notify = new Notify();
        Oneshot<Integer> oneshot = new Oneshot<>();
        List<Runnable> senders = List.of(
                () -> watch.set(1),
                () -> broadcast.send(2),
                notify::notifyOne,
                () -> oneshot.send(4),
                () -> a.trySend(5));
        Broadcast.Subscription<Integer> subscription = broadcast.subscribe();
        Watch.Observer<Integer> observer = watch.observe();
        Select<Integer> select = Select.of(
                Select.changed(observer, x -> x),
                Select.receive(subscription, x -> x),
                notify.notified(() -> 3),
                Select.receive(oneshot, x -> x),
                Select.receive(a, x -> x));
        for (int i = 0; i < senders.size(); i++) {
            Task<Integer> task = runtime.spawn(() -> select.await());
            ChannelTest.until(() -> a.waitingReceivers() == 1);
            senders.get(i).run();
            assertEquals(i + 1, task.join());
            if (i == 3) {
                break; // The oneshot is used up, and says so.
            }
        }
        assertThrows(ChannelClosedException.class, select::await);
    }

    @Test
    void theEndOfAChannel() throws Exception {
        a.send(1);
        a.close();
        b.close();
        Select<String> select = Select.of(Select.receive(a, x -> "element " + x, () -> "end"));
        assertEquals("element 1", select.await());
        assertEquals("end", select.await());
        assertThrows(ChannelClosedException.class, () -> Select.on(Select.receive(a, x -> "element")));
        assertThrows(ChannelClosedException.class, () -> Select.on(Select.send(b, 1, () -> "sent")));
    }

    @Test
    void aTimeoutForTheWhole() throws Exception {
        Select<Integer> select = Select.of(Select.receive(a, x -> x), Select.after(SECOND.multipliedBy(2), () -> -1));
        Task<Integer> late = runtime.spawn(() -> select.await(SECOND));
        ChannelTest.until(() -> a.waitingReceivers() == 1);
        assertThrows(IllegalStateException.class, select::await);
        clock.advance(SECOND.plus(TICK));
        assertThrows(TimeoutException.class, late::join);
        a.send(1);
        assertEquals(1, select.await(SECOND));
    }

    @Test
    void otherwiseNeverWaitsSoCallbacksMay() throws Exception {
        CompletableFuture<String> got = new CompletableFuture<>();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        runtime.loops().get(0).execute(() -> {
            try {
                got.complete(Select.on(Select.receive(a, x -> "element"), Select.otherwise(() -> "nothing")));
                Select.on(Select.receive(a, x -> "element"));
            } catch (InterruptedException | RuntimeException e) {
                thrown.complete(e);
            }
        });
        assertEquals("nothing", got.get(20, TimeUnit.SECONDS));
        assertTrue(thrown.get(20, TimeUnit.SECONDS) instanceof IllegalStateException);
        a.send(1);
        assertEquals(
                "element", Select.<String>on(Select.receive(a, x -> "element"), Select.otherwise(() -> "nothing")));
        assertThrows(IllegalArgumentException.class, () -> Select.of());
        assertThrows(
                IllegalArgumentException.class, () -> Select.of(Select.otherwise(() -> 1), Select.receive(a, x -> x)));
    }

    /** Four that are always ready: each has a quarter. Chi square with 3 degrees of freedom: 16.3 is passed once in a thousand seeds. */
    @Test
    void whoIsReadyHasTheSameChance() throws Exception {
        List<Channel<Integer>> channels = new ArrayList<>();
        int[] taken = new int[5];
        List<Branch<? extends Integer>> branches = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Channel<Integer> channel = Channel.unbounded();
            int mine = i;
            channels.add(channel);
            branches.add(Select.receive(channel, x -> mine));
        }
        // The third is never ready: its share goes to all, not to its neighbour.
        Select<Integer> select = new Select<>(branches, SEED);
        int rounds = 40_000;
        for (int i = 0; i < rounds; i++) {
            for (int c = 0; c < 5; c++) {
                if (c != 2 && channels.get(c).size() == 0) {
                    channels.get(c).send(1);
                }
            }
            taken[select.await()]++;
        }
        assertEquals(0, taken[2]);
        double chiSquare = 0;
        for (int c = 0; c < 5; c++) {
            if (c != 2) {
                double off = taken[c] - rounds / 4.0;
                chiSquare += off * off / (rounds / 4.0);
            }
        }
        assertTrue(chiSquare < 16.3, "chi square " + chiSquare + ", seed " + SEED);
    }

    @Test
    void afterCountsFromEachAwait() throws Exception {
        AtomicInteger silences = new AtomicInteger();
        Select<Integer> select = Select.of(Select.receive(a, x -> x), Select.after(SECOND, silences::incrementAndGet));
        for (int i = 1; i <= 3; i++) {
            Task<Integer> task = runtime.spawn(() -> select.await());
            ChannelTest.until(() -> a.waitingReceivers() == 1);
            clock.advance(Duration.ofMillis(999));
            assertFalse(task.isDone());
            clock.advance(Duration.ofMillis(1).plus(TICK));
            assertEquals(i, task.join());
        }
    }

    @Test
    void whoAlwaysFindsSomethingGivesWay() throws Exception {
        int all = 100_000;
        Channel<Integer> channel = Channel.unbounded();
        for (int i = 0; i < all; i++) {
            channel.send(i);
        }
        givesWay(all, () -> Select.on(Select.receive(channel, x -> x), Select.after(SECOND, () -> -1)));
        try (Broadcast<Integer> broadcast = Broadcast.bounded(4);
                Broadcast.Subscription<Integer> subscription = broadcast.subscribe()) {
            givesWay(all, () -> {
                broadcast.send(1);
                subscription.receive();
            });
        }
        Watch<Integer> watch = Watch.of(0);
        Watch.Observer<Integer> observer = watch.observe();
        givesWay(all, () -> {
            watch.set(1);
            observer.changed();
        });
    }

    private void givesWay(int rounds, ThrowingRunnable round) throws Exception {
        EventLoop loop = runtime.loops().get(0);
        AtomicBoolean ran = new AtomicBoolean();
        Task<Boolean> greedy = loop.spawn(SpawnOptions.DEFAULT, () -> {
            Task<Boolean> other = loop.spawn(SpawnOptions.DEFAULT, () -> ran.getAndSet(true));
            for (int i = 0; i < rounds && !ran.get(); i++) {
                round.run();
            }
            // Beside its loop it is in nobody's way there.
            boolean inTime = ran.get() || !combination.onLoop();
            other.join();
            return inTime;
        });
        assertTrue(greedy.join());
    }
}

package dev.tokioj.runtime.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.PausedClock;
import dev.tokioj.runtime.Priority;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Channel} promises, one thing at a time; all at once is {@link ChannelRandomTest}. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class ChannelTest {
    /** A loop's timers are this much late at most, once their loop looks. */
    private static final Duration TICK = Duration.ofNanos(10_000);

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Combination combination;
    private final PausedClock clock = Clock.paused();
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    ChannelTest(Combination combination) {
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

    static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private <T> T inCallback(Callable<T> body) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        runtime.loops().get(0).execute(() -> {
            try {
                result.complete(body.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(20, TimeUnit.SECONDS);
    }

    private void assertMayNotWait(String what, Callable<?> body) {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> inCallback(body));
        assertInstanceOf(IllegalStateException.class, thrown.getCause());
        assertTrue(String.valueOf(thrown.getMessage()).contains(what), thrown::toString);
    }

    @Test
    void aFullOneMakesItsSenderWait() throws Exception {
        for (int capacity : new int[] {1, 2, 3, 8}) {
            Channel<Integer> channel = Channel.bounded(capacity);
            Task<?> sender = runtime.spawn(() -> {
                for (int i = 0; i < capacity + 2; i++) {
                    channel.send(i);
                }
            });
            until(() -> channel.waitingSenders() == 1);
            assertEquals(capacity, channel.size());
            assertEquals(capacity, channel.capacity());
            assertFalse(sender.isDone());
            for (int i = 0; i < capacity + 2; i++) {
                assertEquals(i, channel.receive());
            }
            sender.join();
            assertEquals(0, channel.size());
            assertNull(channel.tryReceive());
        }
    }

    @Test
    void sendersThatWaitAreServedInTheirOrder() throws Exception {
        Channel<Integer> channel = Channel.bounded(1);
        channel.send(0);
        List<Task<?>> senders = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            int mine = i;
            senders.add(runtime.spawn(() -> channel.send(mine)));
            until(() -> channel.waitingSenders() == mine);
        }
        assertFalse(channel.trySend(99));
        for (int i = 0; i <= 20; i++) {
            assertEquals(i, channel.receive());
            // The place went to who waits: a newcomer overtakes nobody.
            assertEquals(i == 20, channel.trySend(99));
        }
        for (Task<?> sender : senders) {
            sender.join();
        }
    }

    @Test
    void receiversThatWaitAreServedInTheirOrder() throws Exception {
        Channel<Integer> channel = Channel.bounded(4);
        List<Task<Integer>> receivers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int before = i;
            receivers.add(runtime.spawn(() -> channel.receive()));
            until(() -> channel.waitingReceivers() == before + 1);
        }
        for (int i = 0; i < 20; i++) {
            channel.send(i);
            assertNull(channel.tryReceive());
        }
        for (int i = 0; i < 20; i++) {
            assertEquals(i, receivers.get(i).join());
        }
    }

    @Test
    void onceClosedSendersAreToldAndReceiversGetWhatIsLeft() throws Exception {
        Channel<Integer> channel = Channel.bounded(2);
        channel.send(1);
        channel.send(2);
        Task<?> sender = runtime.spawn(() -> channel.send(3));
        until(() -> channel.waitingSenders() == 1);
        channel.close();
        channel.close();
        assertThrows(ChannelClosedException.class, sender::join);
        assertThrows(ChannelClosedException.class, () -> channel.send(4));
        assertThrows(ChannelClosedException.class, () -> channel.send(4, SECOND));
        assertThrows(ChannelClosedException.class, () -> channel.trySend(4));
        assertTrue(channel.isClosed());
        assertFalse(channel.isEnded());
        assertEquals(1, channel.receive());
        assertEquals(2, channel.receiveOrNull());
        assertTrue(channel.isEnded());
        assertThrows(ChannelClosedException.class, channel::receive);
        assertThrows(ChannelClosedException.class, () -> channel.receive(SECOND));
        assertThrows(ChannelClosedException.class, channel::tryReceive);
        assertNull(channel.receiveOrNull());
        assertEquals(0, channel.receiveAll(new ArrayList<>(), 5));
        assertEquals(0, channel.drainTo(new ArrayList<>(), 5));
    }

    @Test
    void closingTellsThoseWhoWaitToReceive() throws Exception {
        for (Channel<Integer> channel : List.of(Channel.<Integer>bounded(2), Channel.<Integer>unbounded())) {
            Task<Integer> thrown = runtime.spawn(() -> channel.receive());
            Task<Boolean> isNull = runtime.spawn(() -> channel.receiveOrNull() == null);
            Task<Integer> none = runtime.spawn(() -> channel.receiveAll(new ArrayList<>(), 9));
            until(() -> channel.waitingReceivers() == 3);
            channel.close();
            assertThrows(ChannelClosedException.class, thrown::join);
            assertTrue(isNull.join());
            assertEquals(0, none.join());
            assertEquals(0, channel.waitingReceivers());
        }
    }

    @Test
    void anInterruptTakesAndGivesNothing() throws Exception {
        Channel<Integer> channel = Channel.bounded(1);
        Task<Integer> receiver = runtime.spawn(() -> channel.receive());
        until(() -> channel.waitingReceivers() == 1);
        assertTrue(receiver.cancel());
        assertThrows(CancellationException.class, receiver::join);
        assertEquals(0, channel.waitingReceivers());
        channel.send(1);
        Task<?> sender = runtime.spawn(() -> channel.send(2));
        until(() -> channel.waitingSenders() == 1);
        assertTrue(sender.cancel());
        assertThrows(CancellationException.class, sender::join);
        assertEquals(0, channel.waitingSenders());
        assertEquals(1, channel.receive());
        assertNull(channel.tryReceive());
    }

    @Test
    void anInterruptIsSeenAlsoByOneWhoNeedNotWait() throws Exception {
        Channel<Integer> channel = Channel.bounded(2);
        channel.send(1);
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> channel.send(2));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, channel::receive);
        assertFalse(Thread.interrupted());
        assertEquals(1, channel.size());
    }

    @Test
    void deadlinesAreOnTheRuntimesClock() throws Exception {
        Channel<Integer> channel = Channel.bounded(1);
        Task<Integer> receiver = runtime.spawn(() -> channel.receive(SECOND));
        until(() -> channel.waitingReceivers() == 1);
        clock.advance(Duration.ofMillis(999));
        assertEquals(1, channel.waitingReceivers());
        clock.advance(Duration.ofMillis(1).plus(TICK));
        assertThrows(TimeoutException.class, receiver::join);
        assertEquals(0, channel.waitingReceivers());
        channel.send(1);
        Task<?> sender = runtime.spawn(() -> channel.send(2, SECOND));
        until(() -> channel.waitingSenders() == 1);
        clock.advance(SECOND.plus(TICK));
        assertThrows(TimeoutException.class, sender::join);
        assertEquals(0, channel.waitingSenders());
        assertEquals(1, channel.receive());
        assertNull(channel.tryReceive());
        assertThrows(TimeoutException.class, () -> channel.receive(Duration.ZERO));
        Task<Integer> inTime = runtime.spawn(() -> channel.receive(Duration.ofSeconds(Long.MAX_VALUE)));
        until(() -> channel.waitingReceivers() == 1);
        channel.send(3);
        assertEquals(3, inTime.join());
    }

    @Test
    void callbacksMayDoWhatDoesNotWait() throws Exception {
        Channel<Integer> channel = Channel.bounded(2);
        Task<Integer> receiver = runtime.spawn(() -> channel.receive());
        until(() -> channel.waitingReceivers() == 1);
        assertTrue(inCallback(() -> channel.trySend(1)));
        assertEquals(1, receiver.join());
        assertTrue(inCallback(() -> {
            channel.send(2);
            channel.send(3);
            return !channel.trySend(4);
        }));
        Task<?> sender = runtime.spawn(() -> channel.send(4));
        until(() -> channel.waitingSenders() == 1);
        assertEquals(2, inCallback(channel::tryReceive));
        sender.join();
        assertMayNotWait("Channel.send", () -> {
            channel.send(5);
            return true;
        });
        assertEquals(2, inCallback(() -> channel.drainTo(new ArrayList<>(), 10)));
        assertMayNotWait("Channel.receive", channel::receive);
        inCallback(() -> {
            channel.close();
            return true;
        });
        assertEquals(0, channel.waitingReceivers() + channel.waitingSenders());
    }

    @Test
    void batches() throws Exception {
        Channel<Integer> channel = Channel.bounded(8);
        Task<?> sender = runtime.spawn(() -> {
            for (int i = 0; i < 20; i++) {
                channel.send(i);
            }
            channel.close();
        });
        until(() -> channel.waitingSenders() == 1);
        List<Integer> got = new ArrayList<>();
        assertEquals(5, channel.receiveAll(got, 5));
        assertEquals(List.of(0, 1, 2, 3, 4), got);
        while (channel.receiveAll(got, 100) > 0) {
            assertTrue(got.size() <= 20);
        }
        sender.join();
        for (int i = 0; i < 20; i++) {
            assertEquals(i, got.get(i));
        }
        assertEquals(20, got.size());
        assertThrows(IllegalArgumentException.class, () -> channel.receiveAll(got, 0));
    }

    @Test
    void anUnboundedOneShowsItsSizeAndKeepsItsCeiling() throws Exception {
        Channel<Integer> open = Channel.unbounded();
        for (int i = 0; i < 10_000; i++) {
            open.send(i);
        }
        assertEquals(10_000, open.size());
        assertEquals(Long.MAX_VALUE, open.capacity());
        for (int i = 0; i < 10_000; i++) {
            assertEquals(i, open.receive());
        }
        Channel<Integer> low = Channel.unbounded(2);
        low.send(1);
        low.send(2);
        assertThrows(ChannelFullException.class, () -> low.send(3));
        assertThrows(ChannelFullException.class, () -> low.send(3, SECOND));
        assertFalse(low.trySend(3));
        assertEquals(2, low.size());
        assertEquals(1, low.receive());
        low.send(3);
        low.close();
        assertEquals(2, low.receive());
        assertEquals(3, low.receive());
        assertThrows(ChannelClosedException.class, low::receive);
    }

    @Test
    void aTaskThatNeverHasToWaitLetsItsLoopRun() throws Exception {
        int all = 400_000;
        for (boolean batches : new boolean[] {false, true}) {
            Channel<Integer> channel = Channel.unbounded();
            for (int i = 0; i < all; i++) {
                channel.send(i);
            }
            EventLoop loop = runtime.loops().get(0);
            CompletableFuture<Long> left = new CompletableFuture<>();
            Task<Boolean> greedy = loop.spawn(SpawnOptions.DEFAULT, () -> {
                loop.execute(() -> left.complete(channel.size()));
                List<Integer> batch = new ArrayList<>();
                while (channel.size() > 0) {
                    if (batches) {
                        channel.receiveAll(batch, 100);
                    } else {
                        channel.receive();
                    }
                }
                return left.isDone();
            });
            boolean inTime = greedy.join();
            // Beside its loop it is in nobody's way there.
            if (combination.onLoop()) {
                assertTrue(inTime);
                // Its loop makes a turn of at most so many runs of tasks, and each is at most 256 elements and a batch
                // long.
                int turn = runtime.config().maxTasksPerTick() * (256 + 100);
                assertTrue(left.get(20, TimeUnit.SECONDS) >= all - 2 * turn, left::toString);
            }
        }
    }

    @Test
    void refusals() {
        assertThrows(IllegalArgumentException.class, () -> Channel.bounded(0));
        assertThrows(IllegalArgumentException.class, () -> Channel.bounded((1 << 28) + 1));
        assertThrows(IllegalArgumentException.class, () -> Channel.unbounded(0));
        assertThrows(NullPointerException.class, () -> Channel.unbounded().trySend(nothing()));
    }

    @SuppressWarnings("NullAway") // what a careless caller does
    private static Object nothing() {
        return null;
    }

    @Test
    void everyKindOfThreadMeetsEveryOther() throws Exception {
        Channel<Integer> channel = Channel.bounded(3);
        Channel<Integer> back = Channel.bounded(3);
        Callable<Boolean> echo = () -> {
            for (Integer i = channel.receiveOrNull(); i != null; i = channel.receiveOrNull()) {
                back.send(i);
            }
            return true;
        };
        List<CompletableFuture<Boolean>> echoes = new ArrayList<>();
        for (Thread.Builder kind : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            CompletableFuture<Boolean> end = new CompletableFuture<>();
            kind.start(() -> {
                try {
                    end.complete(echo.call());
                } catch (Exception e) {
                    end.completeExceptionally(e);
                }
            });
            echoes.add(end);
        }
        echoes.add(runtime.loops().get(0).spawn(Priority.NORMAL, null, echo).toCompletableFuture());
        echoes.add(runtime.loops().get(1).spawn(Priority.URGENT, null, echo).toCompletableFuture());
        Task<Long> sum = runtime.spawn(() -> {
            long all = 0;
            for (Integer i = back.receiveOrNull(); i != null; i = back.receiveOrNull()) {
                all += i;
            }
            return all;
        });
        for (int i = 1; i <= 10_000; i++) {
            channel.send(i);
        }
        channel.close();
        for (CompletableFuture<Boolean> end : echoes) {
            assertTrue(end.get(20, TimeUnit.SECONDS));
        }
        back.close();
        assertEquals(50_005_000L, sum.join());
    }
}

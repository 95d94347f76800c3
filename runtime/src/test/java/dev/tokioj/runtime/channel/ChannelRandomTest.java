package dev.tokioj.runtime.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.PausedClock;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TokioJ;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many senders and receivers that use every way in and out by chance, time out on a paused clock that jumps by chance, and are
 * interrupted by chance: every element arrives once, and those of one sender in its order.
 */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(120)
class ChannelRandomTest {
    private static final long SEED = Long.getLong("tokioj.seed", System.nanoTime());
    private static final AtomicInteger ROUND = new AtomicInteger();
    private static final int EACH = 3_000;

    private final Combination combination;

    ChannelRandomTest(Combination combination) {
        this.combination = combination;
    }

    private static Duration moment(SplittableRandom random) {
        return Duration.ofNanos(random.nextInt(50_000));
    }

    /** Sends sender * EACH + 0, 1, ... */
    private static void sendAll(Channel<Integer> channel, int sender, SplittableRandom random) {
        Channel<Integer> never = Channel.bounded(1);
        int next = 0;
        while (next < EACH) {
            int element = sender * EACH + next;
            boolean sent;
            try {
                sent = switch (random.nextInt(5)) {
                    case 0 -> channel.trySend(element);
                    case 1 -> {
                        channel.send(element, moment(random));
                        yield true;
                    }
                    case 2 ->
                        Select.on(
                                Select.receive(never, x -> false),
                                Select.send(channel, element, () -> true),
                                Select.after(moment(random), () -> false));
                    case 3 -> {
                        TokioJ.yieldNow();
                        yield false;
                    }
                    default -> {
                        channel.send(element);
                        yield true;
                    }
                };
            } catch (InterruptedException | TimeoutException e) {
                sent = false;
            }
            if (sent) {
                next++;
            }
        }
    }

    private static List<Integer> receiveAll(Channel<Integer> channel, SplittableRandom random) {
        List<Integer> got = new ArrayList<>();
        Channel<Integer> never = Channel.bounded(1);
        while (true) {
            try {
                switch (random.nextInt(6)) {
                    case 0 -> {
                        Integer element = channel.tryReceive();
                        if (element != null) {
                            got.add(element);
                        }
                    }
                    case 1 -> got.add(channel.receive(moment(random)));
                    case 2 -> {
                        var _ = Select.<Boolean>on(
                                Select.receive(channel, got::add),
                                Select.receive(never, x -> false),
                                Select.after(moment(random), () -> false));
                    }
                    case 3 -> channel.receiveAll(got, 1 + random.nextInt(7));
                    case 4 -> channel.drainTo(got, random.nextInt(4));
                    default -> got.add(channel.receive());
                }
            } catch (InterruptedException | TimeoutException e) {
                // By chance: it goes on.
            } catch (ChannelClosedException e) {
                return got;
            }
        }
    }

    @RepeatedTest(6)
    void nothingIsLostNorDoubledNorOvertaken() throws Exception {
        long seed = SEED + ROUND.incrementAndGet();
        SplittableRandom random = new SplittableRandom(seed);
        PausedClock clock = Clock.paused();
        int senders = 1 + random.nextInt(4);
        int receivers = 1 + random.nextInt(4);
        Channel<Integer> channel =
                random.nextInt(4) == 0 ? Channel.unbounded() : Channel.bounded(1 + random.nextInt(9));
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().clock(clock).build())) {
            List<Task<?>> sending = new ArrayList<>();
            List<Task<List<Integer>>> receiving = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < receivers; i++) {
                SplittableRandom own = random.split();
                receiving.add(
                        random.nextBoolean()
                                ? runtime.spawn(() -> receiveAll(channel, own))
                                : runtime.spawnBlocking(() -> receiveAll(channel, own)));
            }
            for (int i = 0; i < senders; i++) {
                SplittableRandom own = random.split();
                int sender = i;
                Channel<Thread> self = Channel.bounded(1);
                sending.add(runtime.spawn(() -> {
                    self.send(Thread.currentThread());
                    sendAll(channel, sender, own);
                }));
                threads.add(self.receive());
            }
            while (!sending.stream().allMatch(Task::isDone)) {
                clock.advance(Duration.ofNanos(random.nextInt(20_000)));
                if (random.nextInt(4) == 0) {
                    threads.get(random.nextInt(threads.size())).interrupt();
                }
                Thread.onSpinWait();
            }
            channel.close();
            List<List<Integer>> got = new ArrayList<>();
            for (Task<List<Integer>> task : receiving) {
                while (!task.isDone()) {
                    clock.advance(Duration.ofNanos(20_000));
                }
                got.add(task.join());
            }
            check(got, senders, "seed " + seed);
            assertEquals(0, channel.waitingReceivers() + channel.waitingSenders(), "seed " + seed);
        }
    }

    private static void check(List<List<Integer>> got, int senders, String seed) {
        int[] times = new int[senders * EACH];
        for (List<Integer> one : got) {
            int[] last = new int[senders];
            java.util.Arrays.fill(last, -1);
            for (int element : one) {
                times[element]++;
                int sender = element / EACH;
                if (last[sender] >= element) {
                    throw new AssertionError(element + " came after " + last[sender] + "; " + seed);
                }
                last[sender] = element;
            }
        }
        for (int i = 0; i < times.length; i++) {
            if (times[i] != 1) {
                throw new AssertionError("element " + i + " came " + times[i] + " times; " + seed);
            }
        }
    }

    /** One thread, every kind of store, against the JDK's queue. */
    @Test
    void aStoreIsAQueue() {
        for (int round = 0; round < 300; round++) {
            long seed = SEED - round;
            SplittableRandom random = new SplittableRandom(seed);
            int capacity = 1 + random.nextInt(20);
            Store store = random.nextBoolean() ? new Ring(capacity) : new Chain(capacity);
            Queue<Object> model = new ArrayDeque<>();
            boolean closed = false;
            for (int i = 0; i < 500; i++) {
                boolean exact = random.nextBoolean();
                if (random.nextBoolean()) {
                    Store.Offer expected = closed
                            ? Store.Offer.CLOSED
                            : model.size() == capacity ? Store.Offer.FULL : Store.Offer.ACCEPTED;
                    if (expected == Store.Offer.ACCEPTED) {
                        model.add(i);
                    }
                    assertEquals(expected, store.offer(i, exact), "seed " + seed);
                } else {
                    Object expected = model.isEmpty() && closed ? Store.ENDED : model.poll();
                    assertEquals(expected, store.poll(exact), "seed " + seed);
                }
                assertEquals(model.size(), store.size(), "seed " + seed);
                assertEquals(closed && model.isEmpty(), store.isEnded(), "seed " + seed);
                if (random.nextInt(300) == 0) {
                    store.close();
                    closed = true;
                }
            }
        }
    }
}

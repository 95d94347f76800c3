package dev.tokioj.runtime.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.Task;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A million sends and ten thousand waits that give up leave neither elements nor waiters behind. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#crosswise")
@Timeout(120)
@Tag("once")
class ChannelLeakTest {
    private static final int MILLION = 1_000_000;

    private final Combination combination;

    ChannelLeakTest(Combination combination) {
        this.combination = combination;
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    private static void sendAMillion(AsyncRuntime runtime, Channel<byte[]> channel) throws Exception {
        Task<Integer> receiver = runtime.spawn(() -> {
            int got = 0;
            while (got < MILLION && channel.receiveOrNull() != null) {
                got++;
            }
            return got;
        });
        for (int i = 0; i < MILLION; i++) {
            channel.send(new byte[64]);
        }
        assertEquals(MILLION, receiver.join());
    }

    @Test
    void aMillionSends() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            for (Channel<byte[]> channel : List.of(Channel.<byte[]>bounded(64), Channel.<byte[]>unbounded())) {
                channel.send(new byte[64]);
                channel.receive();
                long before = usedHeap();
                sendAMillion(runtime, channel);
                assertEquals(0, channel.size());
                assertEquals(0, channel.waitingSenders() + channel.waitingReceivers());
                long grown = usedHeap() - before;
                // A million elements that stayed would be 80 MB, a million waiters 40.
                assertTrue(grown < 4_000_000, "the heap has grown by " + grown);
            }
        }
    }

    @Test
    void waitsThatGiveUp() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Channel<Integer> empty = Channel.bounded(1);
            Channel<Integer> full = Channel.bounded(1);
            full.send(1);
            Duration brief = Duration.ofNanos(1);
            int gaveUp = runtime.spawn(() -> {
                        int times = 0;
                        for (int i = 0; i < 10_000; i++) {
                            try {
                                if (i % 2 == 0) {
                                    empty.receive(brief);
                                } else {
                                    full.send(2, brief);
                                }
                            } catch (TimeoutException e) {
                                times++;
                            }
                            times += Select.<Integer>on(
                                    Select.receive(empty, x -> 0),
                                    Select.send(full, 3, () -> 0),
                                    Select.after(brief, () -> 1));
                        }
                        return times;
                    })
                    .join();
            assertEquals(20_000, gaveUp);
            assertEquals(0, empty.waitingReceivers() + full.waitingSenders());
        }
    }
}

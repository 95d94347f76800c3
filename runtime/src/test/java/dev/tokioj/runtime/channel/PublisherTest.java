package dev.tokioj.runtime.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.FlowRecorder;
import dev.tokioj.runtime.RuntimeConfig;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The publishers of the channels: demand, the end, cancellation, and what a subscriber does wrong. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class PublisherTest {
    private final Combination combination;

    PublisherTest(Combination combination) {
        this.combination = combination;
    }

    private FlowRecorder<Integer> subscribe(AsyncRuntime runtime, Flow.Publisher<Integer> publisher) throws Exception {
        FlowRecorder<Integer> recorder = new FlowRecorder<>();
        runtime.spawn(() -> publisher.subscribe(recorder)).join();
        assertEquals("subscribed", recorder.next());
        return recorder;
    }

    @Test
    void nothingIsTakenThatWasNotAskedFor() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Channel<Integer> channel = Channel.bounded(8);
            FlowRecorder<Integer> recorder = subscribe(runtime, channel.publisher());
            for (int i = 0; i < 6; i++) {
                channel.send(i);
            }
            recorder.subscription().request(2);
            assertEquals(0, recorder.next());
            assertEquals(1, recorder.next());
            assertEquals(4, channel.size());
            recorder.subscription().request(Long.MAX_VALUE);
            recorder.subscription().request(Long.MAX_VALUE);
            for (int i = 2; i < 6; i++) {
                assertEquals(i, recorder.next());
            }
            channel.send(6);
            assertEquals(6, recorder.next());
            channel.close();
            assertEquals("complete", recorder.next());
        }
    }

    @Test
    void aCancelledOneTakesNothingMore() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Channel<Integer> channel = Channel.bounded(8);
            FlowRecorder<Integer> recorder = subscribe(runtime, channel.publisher());
            recorder.subscription().request(5);
            ChannelTest.until(() -> channel.waitingReceivers() == 1);
            recorder.subscription().cancel();
            ChannelTest.until(() -> runtime.liveTasks() == 0);
            assertEquals(0, channel.waitingReceivers());
            channel.send(1);
            assertEquals(1, channel.size());
            assertNull(recorder.signals.poll());
        }
    }

    @Test
    void mistakesOfASubscriber() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Channel<Integer> channel = Channel.bounded(8);
            FlowRecorder<Integer> zero = subscribe(runtime, channel.publisher());
            zero.subscription().request(0);
            assertTrue(zero.next() instanceof IllegalArgumentException);
            ChannelTest.until(() -> runtime.liveTasks() == 0);
        }
    }

    /** Where tasks run on the loop the subscription's cannot begin before it is cancelled. */
    @Test
    void whoSubscribesAtTheLastMomentIsTold() throws Exception {
        Channel<Integer> channel = Channel.bounded(8);
        FlowRecorder<Integer> recorder = new FlowRecorder<>();
        CountDownLatch subscribed = new CountDownLatch(1);
        RuntimeConfig config = combination
                .config()
                .loops(1)
                .drainTimeout(Duration.ZERO)
                .cancelTimeout(Duration.ofSeconds(20))
                .build();
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            runtime.spawn(() -> {
                channel.publisher().subscribe(recorder);
                subscribed.countDown();
                ChannelTest.until(() -> runtime.toString().contains("CANCELLING"));
            });
            subscribed.await();
        }
        assertEquals("subscribed", recorder.signals.poll());
        assertInstanceOf(Exception.class, recorder.signals.poll());
        assertNull(recorder.signals.poll());
    }

    @Test
    void aBroadcastToEachAndTheLaggard() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Broadcast<Integer> broadcast = Broadcast.bounded(2);
            FlowRecorder<Integer> one = subscribe(runtime, broadcast.publisher());
            FlowRecorder<Integer> two = subscribe(runtime, broadcast.publisher());
            one.subscription().request(10);
            for (int i = 0; i < 3; i++) {
                assertEquals(2, broadcast.send(i));
                assertEquals(i, one.next());
            }
            two.subscription().request(1);
            Object lagged = two.next();
            assertEquals(1, ((LaggedException) lagged).missed());
            broadcast.close();
            assertEquals("complete", one.next());
            ChannelTest.until(() -> broadcast.subscriptions() == 0);
        }
    }

    @Test
    void aWatchGivesWhatIsNewWhenAsked() throws Exception {
        Watch<Integer> watch = Watch.of(1);
        // Outside a runtime too.
        FlowRecorder<Integer> recorder = new FlowRecorder<>();
        watch.publisher().subscribe(recorder);
        assertEquals("subscribed", recorder.next());
        recorder.subscription().request(1);
        assertEquals(1, recorder.next());
        watch.set(2);
        watch.set(3);
        recorder.subscription().request(2);
        assertEquals(3, recorder.next());
        watch.set(4);
        assertEquals(4, recorder.next());
        watch.close();
        recorder.subscription().request(1);
        assertEquals("complete", recorder.next());
    }
}

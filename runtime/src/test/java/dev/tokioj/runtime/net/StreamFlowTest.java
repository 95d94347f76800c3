package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.FlowRecorder;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.channel.Channel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections as {@link Flow} has them: demand, the end, cancellation, errors. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class StreamFlowTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Ways ways;
    private AsyncRuntime runtime;
    private TcpListener listener;
    private TcpStream near;
    private TcpStream far;

    StreamFlowTest(Ways ways) {
        this.ways = ways;
    }

    @BeforeEach
    void connect() throws Exception {
        runtime = ways.start();
        listener = TcpListener.bind(runtime, TcpStreamTest.loopback(0), TcpOptions.DEFAULT);
        Task<TcpStream> accepted = runtime.spawn(() -> listener.accept(LONG));
        near = TcpStream.connect(runtime, listener.localAddress(), TcpOptions.DEFAULT, LONG);
        far = accepted.join(LONG);
    }

    @AfterEach
    void end() {
        near.close();
        far.close();
        listener.close();
        runtime.close();
    }

    private static byte[] bytes(Object signal) {
        ByteBuffer buffer = assertInstanceOf(ByteBuffer.class, signal);
        byte[] all = new byte[buffer.remaining()];
        buffer.get(all);
        return all;
    }

    private static FlowRecorder<ByteBuffer> subscribe(ByteStream stream) throws InterruptedException {
        FlowRecorder<ByteBuffer> recorder = new FlowRecorder<>();
        stream.publisher().subscribe(recorder);
        assertEquals("subscribed", recorder.next());
        return recorder;
    }

    private void until(java.util.function.BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    // ---- reading

    @Test
    void oneAtATimeNothingComesThatWasNotAskedFor() throws Exception {
        byte[] much = UdpSocketTest.pattern(1_000_000, 7);
        Task<?> writer = runtime.spawn(() -> {
            far.write(much);
            far.shutdownOutput();
        });
        FlowRecorder<ByteBuffer> recorder = subscribe(near);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int buffers = 0;
        while (all.size() < much.length) {
            assertNull(recorder.signals.poll());
            recorder.subscription().request(1);
            byte[] bytes = bytes(recorder.next());
            assertTrue(bytes.length > 0);
            all.writeBytes(bytes);
            buffers++;
        }
        assertTrue(buffers > 10, "buffers: " + buffers);
        assertArrayEquals(much, all.toByteArray());
        writer.join(LONG);
        assertNull(recorder.signals.poll());
        recorder.subscription().request(1);
        assertEquals("complete", recorder.next());
        until(() -> runtime.liveTasks() == 0);
    }

    @Test
    void withoutDemandThePeerIsHeldBack() throws Exception {
        FlowRecorder<ByteBuffer> recorder = subscribe(near);
        byte[] much = new byte[64 << 20];
        int taken = runtime.spawn(() -> assertThrows(
                                java.net.SocketTimeoutException.class,
                                () -> far.write(much, 0, much.length, Duration.ofMillis(200)))
                        .bytesTransferred)
                .join(LONG);
        assertTrue(taken < much.length);
        assertNull(recorder.signals.poll());
        recorder.subscription().cancel();
    }

    @Test
    void aCancelledOneTakesNothingMoreAndLeavesTheConnection() throws Exception {
        FlowRecorder<ByteBuffer> recorder = subscribe(near);
        recorder.subscription().request(Long.MAX_VALUE);
        far.write(new byte[] {1});
        assertArrayEquals(new byte[] {1}, bytes(recorder.next()));
        // Now it waits in a read.
        recorder.subscription().cancel();
        until(() -> runtime.liveTasks() == 0);
        far.write(new byte[] {2});
        assertNull(recorder.signals.poll());
        byte[] one = new byte[1];
        assertEquals(1, near.read(one, 0, 1, LONG));
        assertEquals(2, one[0]);
        near.write(one);
        assertEquals(1, far.read(one, 0, 1, LONG));
        // And the next subscription goes on.
        FlowRecorder<ByteBuffer> next = subscribe(near);
        next.subscription().request(1);
        far.write(new byte[] {3});
        assertArrayEquals(new byte[] {3}, bytes(next.next()));
        next.subscription().cancel();
    }

    /** Whenever the cancel comes: what was taken is given, what was not is left. */
    @Test
    void cancelsInTheMiddleLoseNothing() throws Exception {
        int total = 400_000;
        byte[] much = UdpSocketTest.pattern(total, 9);
        Task<?> writer = runtime.spawn(() -> {
            for (int at = 0; at < total; at += 1000) {
                far.write(much, at, 1000);
            }
        });
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < total) {
            FlowRecorder<ByteBuffer> recorder = subscribe(near);
            recorder.subscription().request(Long.MAX_VALUE);
            all.writeBytes(bytes(recorder.next()));
            recorder.subscription().cancel();
            until(() -> runtime.liveTasks() <= (writer.isDone() ? 0 : 1));
            for (Object rest = recorder.signals.poll(); rest != null; rest = recorder.signals.poll()) {
                all.writeBytes(bytes(rest));
            }
        }
        writer.join(LONG);
        assertTrue(Arrays.equals(much, all.toByteArray()));
    }

    @Test
    void anErrorOfThePeerIsTheSubscribers() throws Exception {
        FlowRecorder<ByteBuffer> recorder = subscribe(near);
        recorder.subscription().request(5);
        far.write(new byte[] {1});
        assertArrayEquals(new byte[] {1}, bytes(recorder.next()));
        far.abort();
        assertInstanceOf(SocketException.class, recorder.next());
        until(() -> runtime.liveTasks() == 0);
        assertNull(recorder.signals.poll());
    }

    @Test
    void mistakesOfASubscriberAndASecondOne() throws Exception {
        FlowRecorder<ByteBuffer> zero = subscribe(near);
        zero.subscription().request(1);
        FlowRecorder<ByteBuffer> second = subscribe(near);
        until(() -> runtime.liveTasks() == 2);
        second.subscription().request(1);
        // Which of them reads first is open; the other is refused.
        until(() -> !zero.signals.isEmpty() || !second.signals.isEmpty());
        FlowRecorder<ByteBuffer> refused = zero.signals.isEmpty() ? second : zero;
        FlowRecorder<ByteBuffer> reader = refused == second ? zero : second;
        assertInstanceOf(IllegalStateException.class, refused.next());
        reader.subscription().request(0);
        assertInstanceOf(IllegalArgumentException.class, reader.next());
        until(() -> runtime.liveTasks() == 0);
        far.write(new byte[1]);
        assertEquals(1, near.read(new byte[1], 0, 1, LONG));
    }

    // ---- writing

    @Test
    void fromOneConnectionToAnother() throws Exception {
        byte[] much = UdpSocketTest.pattern(3_000_000, 4);
        StreamSubscriber echo = far.subscriber();
        far.publisher().subscribe(echo);
        Task<?> writer = runtime.spawn(() -> {
            near.write(much);
            near.shutdownOutput();
        });
        byte[] back = runtime.spawn(() -> near.input().readAllBytes()).join(LONG);
        writer.join(LONG);
        assertTrue(Arrays.equals(much, back));
        assertEquals(much.length, echo.written().toCompletableFuture().get(20, TimeUnit.SECONDS));
    }

    @Test
    void aPeerThatDoesNotReadHoldsThePublisherBack() throws Exception {
        AtomicLong asked = new AtomicLong();
        StreamSubscriber sink = near.subscriber();
        Channel<Long> requests = Channel.unbounded();
        sink.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {
                asked.addAndGet(n);
                requests.trySend(n);
            }

            @Override
            public void cancel() {
                requests.close();
            }
        });
        // Direct, so that it has no array; a slice, so that its position counts.
        ByteBuffer large = ByteBuffer.allocateDirect(1 << 20).position(1 << 10);
        long given = 0;
        do {
            for (long n = requests.receive(LONG); n > 0; n--) {
                sink.onNext(large.duplicate());
                given++;
            }
        } while (given < 200 && awaitRequest(requests));
        assertTrue(given < 200, "given: " + given);
        long was = given;
        assertEquals(was, asked.get());
        Task<Long> reader = runtime.spawn(() -> far.input().transferTo(java.io.OutputStream.nullOutputStream()));
        requests.receive(LONG);
        sink.onComplete();
        long bytes = was * ((1 << 20) - (1 << 10));
        assertEquals(bytes, reader.join(LONG));
        assertEquals(bytes, sink.written().toCompletableFuture().get(20, TimeUnit.SECONDS));
        // The other half is as it was.
        far.write(new byte[1]);
        assertEquals(1, near.read(new byte[1], 0, 1, LONG));
    }

    /** Whether another comes before it has become quiet. */
    private static boolean awaitRequest(Channel<Long> requests) throws InterruptedException {
        long end = System.nanoTime() + 200_000_000;
        while (requests.size() == 0) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    @Test
    void aPublisherThatFailsAbortsTheConnection() throws Exception {
        StreamSubscriber sink = near.subscriber();
        Cancelling subscription = new Cancelling();
        sink.onSubscribe(subscription);
        sink.onNext(ByteBuffer.wrap(new byte[] {1}));
        assertEquals(1, far.read(new byte[1], 0, 1, LONG));
        IOException cause = new IOException("meant to fail");
        sink.onError(cause);
        assertThrows(SocketException.class, () -> far.read(new byte[1], 0, 1, LONG));
        ExecutionException e = assertThrows(
                ExecutionException.class,
                () -> sink.written().toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertSame(cause, e.getCause());
    }

    @Test
    void aWriteThatFailsCancelsTheSubscription() throws Exception {
        StreamSubscriber sink = near.subscriber();
        Cancelling subscription = new Cancelling();
        sink.onSubscribe(subscription);
        far.abort();
        // Until the reset has come.
        while (!subscription.cancelled.await(1, TimeUnit.MILLISECONDS)) {
            if (subscription.asked.tryAcquire()) {
                sink.onNext(ByteBuffer.wrap(new byte[1]));
            }
        }
        ExecutionException e = assertThrows(
                ExecutionException.class,
                () -> sink.written().toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertInstanceOf(SocketException.class, e.getCause());
        sink.onNext(ByteBuffer.wrap(new byte[1])); // late, and of no effect
    }

    @Test
    void aPublisherThatGivesTooMuchIsAFault() throws Exception {
        StreamSubscriber sink = near.subscriber();
        sink.onSubscribe(new Cancelling());
        Cancelling second = new Cancelling();
        sink.onSubscribe(second);
        assertEquals(0, second.cancelled.getCount());
        ByteBuffer large = ByteBuffer.allocate(64 << 20); // nobody reads it
        for (int i = 0; i < 5; i++) {
            sink.onNext(large.duplicate());
        }
        ExecutionException e = assertThrows(
                ExecutionException.class,
                () -> sink.written().toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertInstanceOf(IllegalStateException.class, e.getCause());
        until(() -> runtime.liveTasks() == 0);
    }

    private static final class Cancelling implements Flow.Subscription {
        final java.util.concurrent.Semaphore asked = new java.util.concurrent.Semaphore(0);
        final CountDownLatch cancelled = new CountDownLatch(1);

        @Override
        public void request(long n) {
            asked.release((int) n);
        }

        @Override
        public void cancel() {
            cancelled.countDown();
        }
    }

    /** Where tasks run on the loop, those of the two cannot begin before they are cancelled. */
    @Test
    void whoBeginsAtTheLastMomentIsTold() throws Exception {
        FlowRecorder<ByteBuffer> recorder = new FlowRecorder<>();
        StreamSubscriber sink = near.subscriber();
        Cancelling subscription = new Cancelling();
        CountDownLatch subscribed = new CountDownLatch(1);
        near.loop().spawn(SpawnOptions.DEFAULT, () -> {
            near.publisher().subscribe(recorder);
            sink.onSubscribe(subscription);
            subscribed.countDown();
            until(() -> runtime.toString().contains("CANCELLING"));
            return true;
        });
        subscribed.await();
        Thread.currentThread().interrupt(); // it need not wait for us
        runtime.close();
        assertTrue(Thread.interrupted());
        assertEquals("subscribed", recorder.signals.poll());
        assertInstanceOf(Exception.class, recorder.signals.poll());
        assertNull(recorder.signals.poll());
        assertEquals(0, subscription.cancelled.getCount());
        assertTrue(sink.written().toCompletableFuture().isCompletedExceptionally());
    }

    // ---- TLS

    @Test
    void theSameOverTls(@TempDir Path dir) throws Exception {
        TlsOptions options =
                TlsOptions.builder().context(TlsKeys.make(dir).context()).build();
        Task<TlsStream> accepted = runtime.spawn(() -> TlsStream.server(far, options));
        try (TlsStream client = runtime.spawn(() -> TlsStream.client(near, "localhost", options))
                        .join(LONG);
                TlsStream server = accepted.join(LONG)) {
            FlowRecorder<ByteBuffer> recorder = subscribe(client);
            recorder.subscription().request(1);
            runtime.spawn(() -> server.write(new byte[] {1})).join(LONG);
            assertArrayEquals(new byte[] {1}, bytes(recorder.next()));
            recorder.subscription().request(1);
            recorder.subscription().cancel();
            until(() -> runtime.liveTasks() == 0);
            byte[] much = UdpSocketTest.pattern(300_000, 4);
            StreamSubscriber echo = server.subscriber();
            server.publisher().subscribe(echo);
            Task<?> writer = runtime.spawn(() -> {
                client.write(much);
                client.shutdownOutput();
            });
            byte[] back = runtime.spawn(() -> client.input().readAllBytes()).join(LONG);
            writer.join(LONG);
            assertTrue(Arrays.equals(much, back));
            assertEquals(much.length, echo.written().toCompletableFuture().get(20, TimeUnit.SECONDS));
            assertFalse(echo.written().toCompletableFuture().isCompletedExceptionally());
        }
    }
}

package dev.tokioj.runtime.net;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TokioJ;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** One connection: what its calls promise, on every kind of loop and placement. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class TcpStreamTest {
    static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final Ways ways;
    private AsyncRuntime runtime;
    private TcpListener listener;
    private TcpStream near;
    private TcpStream far;

    TcpStreamTest(Ways ways) {
        this.ways = ways;
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @BeforeEach
    void connect() throws Exception {
        runtime = ways.start();
        listener = TcpListener.bind(runtime, loopback(0), TcpOptions.DEFAULT);
        Task<TcpStream> accepted = runtime.spawn(() -> listener.accept(LONG));
        near = runtime.spawn(() -> TcpStream.connect(listener.localAddress(), LONG))
                .join();
        far = accepted.join(LONG);
    }

    @AfterEach
    void end() {
        near.close();
        far.close();
        listener.close();
        runtime.close();
    }

    private static void awaitParked(AtomicReference<Thread> who) {
        while (who.get() == null
                || (who.get().getState() != Thread.State.WAITING
                        && who.get().getState() != Thread.State.TIMED_WAITING)) {
            Thread.onSpinWait();
        }
    }

    private <T> Task<T> waiting(AtomicReference<Thread> who, java.util.concurrent.Callable<T> body) {
        Task<T> task = runtime.spawn(() -> {
            who.set(Thread.currentThread());
            return body.call();
        });
        awaitParked(who);
        return task;
    }

    private static byte[] readAll(TcpStream stream, int n) throws IOException {
        byte[] all = new byte[n];
        int at = 0;
        while (at < n) {
            int got = stream.read(all, at, n - at, LONG);
            assertTrue(got > 0, "the end after " + at + " bytes");
            at += got;
        }
        return all;
    }

    @Test
    void echoInBothDirectionsAtOnce() throws Exception {
        long seed = new Random().nextLong();
        System.getLogger(TcpStreamTest.class.getName()).log(System.Logger.Level.INFO, "seed {0}", seed);
        byte[] sent = new byte[3_000_000];
        new Random(seed).nextBytes(sent);
        Task<Long> echo = runtime.spawn(() -> {
            long n = far.input().transferTo(far.output());
            far.shutdownOutput();
            return n;
        });
        Task<Void> writer = runtime.spawn(() -> {
            int at = 0;
            Random sizes = new Random(seed);
            while (at < sent.length) {
                int n = Math.min(sent.length - at, 1 + sizes.nextInt(200_000));
                near.write(sent, at, n);
                at += n;
            }
            near.shutdownOutput();
            return null;
        });
        byte[] back = runtime.spawn(() -> near.input().readAllBytes()).join(LONG);
        writer.join(LONG);
        assertEquals(sent.length, echo.join(LONG));
        assertArrayEquals(sent, back);
    }

    @Test
    void halfCloseLeavesTheOtherHalf() throws Exception {
        near.write("ask".getBytes(StandardCharsets.UTF_8));
        near.shutdownOutput();
        assertEquals("ask", new String(far.input().readAllBytes(), StandardCharsets.UTF_8));
        far.write("answer".getBytes(StandardCharsets.UTF_8));
        far.output().close();
        assertEquals("answer", new String(near.input().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(-1, near.read(new byte[1], 0, 1));
        assertThrows(SocketException.class, () -> near.write(new byte[1]));
    }

    @Test
    void theEndThatComesTogetherWithBytesIsSeen() throws Exception {
        for (int i = 0; i < 200; i++) {
            Task<TcpStream> accepted = runtime.spawn(() -> listener.accept(LONG));
            TcpStream client = TcpStream.connect(runtime, listener.localAddress(), TcpOptions.DEFAULT, LONG);
            try (client;
                    TcpStream server = accepted.join(LONG)) {
                Task<Integer> all = runtime.spawn(() -> server.input().readAllBytes().length);
                client.write(new byte[7]);
                client.shutdownOutput();
                assertEquals(7, all.join(LONG));
            }
        }
    }

    @Test
    void shutdownInputEndsTheReader() throws Exception {
        AtomicReference<Thread> who = new AtomicReference<>();
        Task<Integer> reader = waiting(who, () -> near.read(new byte[1], 0, 1));
        near.shutdownInput();
        assertEquals(-1, reader.join(LONG));
        near.write(new byte[] {1});
        assertEquals(1, far.read(new byte[1], 0, 1, LONG));
    }

    @Test
    void aDeadlineLeavesTheStreamUsable() throws Exception {
        Task<byte[]> patient = runtime.spawn(() -> {
            for (int i = 0; i < 3; i++) {
                assertThrows(SocketTimeoutException.class, () -> near.read(new byte[1], 0, 1, SHORT));
            }
            far.write(new byte[] {1, 2, 3});
            return readAll(near, 3);
        });
        assertArrayEquals(new byte[] {1, 2, 3}, patient.join(LONG));
        assertThrows(SocketTimeoutException.class, () -> near.read(new byte[1], 0, 1, Duration.ZERO));
    }

    @Test
    void aWriterWaitsWhileNobodyReadsAndItsDeadlineTellsHowFarItCame() throws Exception {
        byte[] much = UdpSocketTest.pattern(64 << 20, 1);
        Task<Integer> writer = runtime.spawn(() -> assertThrows(
                        SocketTimeoutException.class, () -> near.write(much, 0, much.length, Duration.ofMillis(200)))
                .bytesTransferred);
        int took = writer.join(LONG);
        assertTrue(took > 0 && took < much.length / 2, "the kernel took " + took);
        Task<Void> rest = runtime.spawn(() -> {
            near.write(much, took, 1 << 20);
            return null;
        });
        byte[] got = runtime.spawn(() -> readAll(far, took + (1 << 20))).join(LONG);
        rest.join(LONG);
        assertEquals(-1, java.util.Arrays.mismatch(got, java.util.Arrays.copyOf(much, got.length)));
    }

    @Test
    void anInterruptLosesNothing() throws Exception {
        AtomicReference<Thread> who = new AtomicReference<>();
        Task<Boolean> reader = waiting(who, () -> {
            assertThrows(InterruptedIOException.class, () -> near.read(new byte[1], 0, 1));
            return Thread.currentThread().isInterrupted();
        });
        requireNonNull(who.get()).interrupt();
        assertTrue(reader.join(LONG));
        far.write(new byte[] {42});
        Task<Integer> interruptedBefore = runtime.spawn(() -> {
            Thread.currentThread().interrupt();
            // The bytes are there soon: until then each wait is refused, and nothing is closed.
            byte[] one = new byte[1];
            while (true) {
                try {
                    near.read(one, 0, 1);
                    near.write(one);
                    Thread.interrupted();
                    return (int) one[0];
                } catch (InterruptedIOException e) {
                    Thread.interrupted();
                    TokioJ.yieldNow();
                    Thread.currentThread().interrupt();
                }
            }
        });
        assertEquals(42, interruptedBefore.join(LONG));
        assertArrayEquals(new byte[] {42}, readAll(far, 1));
    }

    @Test
    void closeWakesReaderAndWriter() throws Exception {
        AtomicReference<Thread> reading = new AtomicReference<>();
        AtomicReference<Thread> writing = new AtomicReference<>();
        Task<?> reader = waiting(reading, () -> near.read(new byte[1], 0, 1));
        Task<?> writer = runtime.spawn(() -> {
            writing.set(Thread.currentThread());
            near.write(new byte[64 << 20]);
        });
        awaitParked(writing);
        near.close();
        Exception e = assertThrows(IoClosedException.class, () -> reader.join(LONG));
        assertTrue(String.valueOf(e.getMessage()).contains("connection to"), e.toString());
        assertThrows(IoClosedException.class, () -> writer.join(LONG));
        assertThrows(IoClosedException.class, () -> near.read(new byte[1], 0, 1));
        assertThrows(IoClosedException.class, () -> near.write(new byte[1]));
        near.close();
    }

    @Test
    void theEndOfTheRuntimeWakesForeignWaiters() throws Exception {
        // The peer is not of this runtime, whose end would close it too: the reader would then meet the end of the
        // stream first.
        try (ServerSocket foreign = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TcpStream stream = runtime.spawn(() -> TcpStream.connect(loopback(foreign.getLocalPort()), LONG))
                    .join();
            AtomicReference<Thread> who = new AtomicReference<>();
            CompletableFuture<Integer> seen = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                who.set(Thread.currentThread());
                try {
                    seen.complete(stream.read(new byte[1], 0, 1));
                } catch (Throwable e) {
                    seen.completeExceptionally(e);
                }
            });
            awaitParked(who);
            runtime.close();
            ExecutionException e = assertThrows(ExecutionException.class, () -> seen.get(20, TimeUnit.SECONDS));
            assertInstanceOf(IoClosedException.class, e.getCause());
        }
    }

    @Test
    void aResetNamesThePeer() throws Exception {
        AtomicReference<Thread> who = new AtomicReference<>();
        Task<?> reader = waiting(who, () -> near.read(new byte[1], 0, 1));
        far.abort();
        SocketException e = assertThrows(SocketException.class, () -> reader.join(LONG));
        assertTrue(String.valueOf(e.getMessage()).contains(near.remoteAddress().toString()), e.toString());
    }

    @Test
    void secondReadersAndCallbacksAreTold() throws Exception {
        AtomicReference<Thread> who = new AtomicReference<>();
        Task<?> reader = waiting(who, () -> near.read(new byte[1], 0, 1));
        assertThrows(IllegalStateException.class, () -> near.read(new byte[1], 0, 1));
        CompletableFuture<Throwable> callback = new CompletableFuture<>();
        EventLoop loop = near.loop();
        loop.execute(() -> {
            try {
                far.read(new byte[1], 0, 1);
            } catch (IOException | RuntimeException e) {
                callback.complete(e);
            }
        });
        assertInstanceOf(IllegalStateException.class, callback.get(20, TimeUnit.SECONDS));
        far.write(new byte[1]);
        assertEquals(1, reader.join(LONG));
    }

    @Test
    void optionsAndAddresses() throws Exception {
        assertEquals(true, near.option(StandardSocketOptions.TCP_NODELAY));
        assertEquals(true, far.option(StandardSocketOptions.TCP_NODELAY));
        near.option(StandardSocketOptions.TCP_NODELAY, false);
        assertEquals(false, near.option(StandardSocketOptions.TCP_NODELAY));
        near.option(StandardSocketOptions.SO_RCVBUF, 100_000);
        assertTrue(near.option(StandardSocketOptions.SO_RCVBUF) >= 100_000);
        assertEquals(listener.localAddress(), near.remoteAddress());
        assertEquals(near.localAddress(), far.remoteAddress());
        assertThrows(UnsupportedOperationException.class, () -> near.option(StandardSocketOptions.IP_TOS, 1));
    }

    @Test
    void aRefusedConnectNamesThePeer() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        InetSocketAddress nobody = loopback(port);
        ConnectException e = assertThrows(
                ConnectException.class, () -> TcpStream.connect(runtime, nobody, TcpOptions.DEFAULT, LONG));
        assertTrue(String.valueOf(e.getMessage()).contains(nobody.toString()), e.toString());
        assertThrows(IllegalStateException.class, () -> TcpStream.connect(nobody, LONG));
    }

    @Test
    void aSilentPeerEndsAConnectInTime() throws Exception {
        // The kernel drops what comes when the queue of a listener that accepts nothing is full.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress there = loopback(full.getLocalPort());
            Throwable timedOut = null;
            Socket[] crowd = new Socket[4];
            try {
                for (int i = 0; i < crowd.length && timedOut == null; i++) {
                    crowd[i] = new Socket();
                    try {
                        crowd[i].connect(there, 100);
                    } catch (SocketTimeoutException e) {
                        timedOut = e;
                    }
                }
                SocketTimeoutException e = assertThrows(
                        SocketTimeoutException.class,
                        () -> TcpStream.connect(runtime, there, TcpOptions.DEFAULT, SHORT));
                assertTrue(String.valueOf(e.getMessage()).contains(there.toString()), e.toString());
            } finally {
                for (Socket each : crowd) {
                    if (each != null) {
                        each.close();
                    }
                }
            }
        }
    }
}

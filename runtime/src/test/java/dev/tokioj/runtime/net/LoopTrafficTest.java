package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.ChunkPool;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.InboundHandoff;
import dev.tokioj.runtime.OutboundHandoff;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Signal;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sockets and handoffs on a real event loop, with tasks on it and beside it. */
@Timeout(60)
class LoopTrafficTest {
    static Stream<Arguments> ways() {
        List<Arguments> all = new ArrayList<>();
        for (Poller.Kind kind : UdpSocketTest.kinds()) {
            for (Placement placement : Placement.values()) {
                all.add(Arguments.of(kind, placement));
            }
        }
        return all.stream();
    }

    private static AsyncRuntime start(Poller.Kind kind, Placement placement) throws IOException {
        return AsyncRuntime.start(RuntimeConfig.builder()
                .loops(1)
                .poller(kind)
                .placement(placement)
                .build());
    }

    /** The loop's side of one echoing stream: datagrams into the handoff, what the task answers back out. */
    private static final class EchoServer implements UdpHandler {
        private static final long WINDOW = 100_000;

        private final RecvBatch batch = new RecvBatch(8);
        private final UdpSocket socket;
        private final InboundHandoff in;
        private final OutboundHandoff out;
        private InetSocketAddress peer = new InetSocketAddress(0);
        private long credited;

        EchoServer(EventLoop loop) throws IOException {
            ChunkPool pool = new ChunkPool(2048, 16);
            Signal credit = loop.newSignal(this::giveCredit);
            Signal dirty = loop.newSignal(this::flush);
            in = new InboundHandoff(loop.waiting(), pool, credit::raise, WINDOW / 4);
            out = new OutboundHandoff(loop.waiting(), pool, dirty::raise, 10_000);
            socket = UdpSocket.open(loop, TestHost.options("127.0.0.1").build(), this);
        }

        private void giveCredit() {
            credited += in.takeConsumed();
        }

        private void flush() {
            try {
                byte[] chunk;
                while ((chunk = out.peekChunk()) != null) {
                    int n = out.length();
                    int took = socket.send(chunk, out.offset(), n, 1000, peer, null, 0);
                    out.advance(took);
                    if (took < n) {
                        return;
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onReadable(UdpSocket s) {
            try {
                s.receive(batch);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            for (int i = 0; i < batch.size(); i++) {
                peer = batch.remote(i);
                if (batch.length(i) == 0) {
                    in.end();
                } else {
                    in.offer(batch.buffer(), batch.offset(i), batch.length(i));
                }
            }
        }

        @Override
        public void onWritable(UdpSocket s) {
            flush();
        }

        long echo() throws IOException, TimeoutException {
            byte[] buf = new byte[1500];
            long total = 0;
            while (true) {
                int n = in.read(buf, 0, buf.length, System.nanoTime() + TimeUnit.SECONDS.toNanos(10));
                if (n < 0) {
                    out.end();
                    return total;
                }
                total += out.write(buf, 0, n, OutboundHandoff.NO_DEADLINE);
            }
        }
    }

    private static <T> T onLoop(EventLoop loop, java.util.concurrent.Callable<T> body) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(body.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aTaskEchoesWhatTheLoopReceives(Poller.Kind kind, Placement placement) throws Exception {
        try (AsyncRuntime runtime = start(kind, placement);
                TestHost client = TestHost.at(kind, "127.0.0.1")) {
            EventLoop loop = runtime.loops().get(0);
            EchoServer server = onLoop(loop, () -> new EchoServer(loop));
            Task<Long> echo = loop.spawn(SpawnOptions.DEFAULT.named("echo"), server::echo);
            assertEquals(placement, echo.placement());
            InetSocketAddress to = server.socket.localAddress();
            int got = 0;
            for (int round = 0; round < 50; round++) {
                byte[] message = UdpSocketTest.pattern(5000, round);
                client.send(message, 1000, to);
                int expected = got + message.length;
                client.until(() -> bytes(client) == expected);
                got = expected;
                int at = 0;
                for (TestHost.Received r : client.received.subList(0, client.received.size())) {
                    at += r.bytes().length;
                }
                assertEquals(got, at);
            }
            client.send(new byte[0], 1, to);
            assertEquals(250_000L, echo.join(Duration.ofSeconds(10)));
            onLoop(loop, () -> {
                server.giveCredit();
                return null;
            });
            assertEquals(250_000L, server.credited);
            assertTrue(onLoop(loop, server.out::isFinished));
        }
    }

    private static int bytes(TestHost host) {
        return host.received.stream().mapToInt(r -> r.bytes().length).sum();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aDeadlineOfALoopsTaskIsKept(Poller.Kind kind, Placement placement) throws Exception {
        try (AsyncRuntime runtime = start(kind, placement)) {
            EventLoop loop = runtime.loops().get(0);
            EchoServer server = onLoop(loop, () -> new EchoServer(loop));
            long start = System.nanoTime();
            Task<Integer> read = runtime.spawn(
                    () -> server.in.read(new byte[1], 0, 1, runtime.clock().nanoTime() + 3_000_000));
            Exception e = assertThrows(Exception.class, () -> read.join(Duration.ofSeconds(10)));
            assertTrue(e instanceof TimeoutException || e.getCause() instanceof TimeoutException, e.toString());
            assertTrue(System.nanoTime() - start >= 3_000_000);
            IOException cause = new IOException("gone");
            Task<Integer> waiting = runtime.spawn(() -> server.in.read(new byte[1], 0, 1, InboundHandoff.NO_DEADLINE));
            loop.execute(() -> server.in.fail(cause));
            Exception failed = assertThrows(Exception.class, () -> waiting.join(Duration.ofSeconds(10)));
            assertSame(cause, failed instanceof IOException ? failed : failed.getCause());
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aCallbackOfTheLoopMustNotRead(Poller.Kind kind, Placement placement) throws Exception {
        try (AsyncRuntime runtime = start(kind, placement)) {
            EventLoop loop = runtime.loops().get(0);
            EchoServer server = onLoop(loop, () -> new EchoServer(loop));
            Exception e = assertThrows(
                    Exception.class,
                    () -> onLoop(loop, () -> server.in.read(new byte[1], 0, 1, InboundHandoff.NO_DEADLINE)));
            assertTrue(e.getCause() instanceof IllegalStateException, e.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aSocketIsClosedFromAnyThreadAndByTheEndOfItsLoop(Poller.Kind kind, Placement placement) throws Exception {
        UdpSocket left;
        try (AsyncRuntime runtime = start(kind, placement)) {
            EventLoop loop = runtime.loops().get(0);
            EchoServer first = onLoop(loop, () -> new EchoServer(loop));
            EchoServer second = onLoop(loop, () -> new EchoServer(loop));
            first.socket.close();
            first.socket.close();
            Exception e = assertThrows(Exception.class, () -> onLoop(loop, () -> first.socket.receive(first.batch)));
            assertTrue(e.getCause() instanceof IOException, e.toString());
            assertThrows(IllegalStateException.class, () -> new EchoServer(loop));
            left = second.socket;
        }
        left.close();
        assertThrows(IOException.class, () -> left.receive(new RecvBatch(1)));
        assertEquals(EpollPoller.isAvailable() && kind == Poller.Kind.EPOLL, left instanceof LinuxUdpSocket);
    }
}

package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers begin, end, and begin again; several in one process do not meet. */
class ServerLifeTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static void assertEchoes(QuicConnection connection) throws IOException {
        byte[] content = {1, 2, 3};
        try (QuicStream stream = connection.openStream()) {
            stream.write(content);
            stream.finish();
            assertArrayEquals(content, stream.input().readAllBytes());
        }
    }

    @Test
    void aClosingClientDeliversWhatItFinished() throws Exception {
        AtomicLong received = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);
        try (QuicServer server = Echo.builder()
                .onConnection(connection -> {
                    QuicStream stream = connection.acceptStream();
                    if (stream != null) {
                        received.set(stream.input().transferTo(OutputStream.nullOutputStream()));
                    }
                    done.countDown();
                })
                .start()) {
            byte[] content = new byte[3 << 20];
            QuicConnection connection = Echo.client().closeTimeout(LONG).connect("localhost", server.port());
            QuicStream stream = connection.openUniStream();
            stream.write(content);
            stream.finish();
            connection.close();
            done.await();
            assertEquals(content.length, received.get());
        }
    }

    @Test
    void aClosingServerLetsHandlersEndAndDelivers() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        QuicServer server = Echo.builder()
                .closeTimeout(LONG)
                .onConnection(connection -> {
                    QuicStream stream = connection.acceptStream();
                    begun.countDown();
                    goOn.await();
                    if (stream != null) {
                        stream.write(new byte[1 << 20]);
                        stream.close();
                    }
                    assertNull(connection.acceptStream());
                })
                .start();
        try (QuicConnection connection = Echo.client().connect("localhost", server.port());
                QuicStream stream = connection.openStream()) {
            stream.write(new byte[1]);
            begun.await();
            Thread closer = Thread.ofVirtual().start(server::close);
            goOn.countDown();
            assertEquals(1 << 20, stream.input().readAllBytes().length);
            assertTrue(closer.join(LONG));
            server.join();
        }
    }

    @Test
    void aHandlerThatDoesNotEndIsCancelled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<Exception> ended = new AtomicReference<>();
        QuicServer server = Echo.builder()
                .closeTimeout(Duration.ofMillis(100))
                .onConnection(connection -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        ended.set(e);
                        throw e;
                    }
                })
                .start();
        try (QuicConnection connection = Echo.client().connect("localhost", server.port())) {
            begun.await();
            server.close();
            assertInstanceOf(InterruptedException.class, ended.get());
            assertNull(connection.acceptStream());
        }
    }

    @Test
    void aHandlerThatFailsClosesItsConnectionAndNoOther() throws Exception {
        try (QuicServer server = Echo.builder()
                        .onConnection(connection -> {
                            QuicStream stream = connection.acceptStream();
                            if (stream != null && stream.input().read() == 'x') {
                                throw new IllegalArgumentException("a bug in the handler");
                            }
                            Echo.serve(connection);
                        })
                        .start();
                QuicConnection good = Echo.client().connect("localhost", server.port());
                QuicConnection bad = Echo.client().connect("localhost", server.port())) {
            good.openStream().write(new byte[] {'y'});
            bad.openStream().write(new byte[] {'x'});
            assertNull(bad.acceptStream());
            assertEquals(
                    1,
                    assertInstanceOf(ConnectionClosedException.class, bad.closeCause())
                            .code());
            assertEchoes(good);
        }
    }

    @Test
    void startsAgainOnTheSamePort() throws Exception {
        QuicServer first = Echo.start();
        int port = first.port();
        assertThrows(BindException.class, () -> Echo.builder().bind(port).start());
        try (QuicConnection connection = Echo.client().connect("localhost", port)) {
            assertEchoes(connection);
            first.close();
            first.close(); // without effect
            assertNull(connection.acceptStream());
        }
        try (QuicServer second = QuicServer.builder()
                        .bind(port)
                        .identity(TestPki.shared().server())
                        .alpn("echo")
                        .onConnection(Echo::serve)
                        .start();
                QuicConnection connection = Echo.client().connect("localhost", second.port())) {
            assertEquals(port, second.port());
            assertEchoes(connection);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Transport.class,
            names = {"NIO", "LINUX"})
    void speaksIpv6AndIpv4OnOnePort(Transport transport) throws Exception {
        try (QuicServer server = Echo.builder().transport(transport).start()) {
            InetAddress v6 = Loopback.V6;
            InetAddress v4 = Loopback.V4;
            for (InetAddress address : new InetAddress[] {v6, v4}) {
                try (QuicConnection connection = Echo.client()
                        .transport(transport)
                        .serverName("localhost")
                        .connect(new InetSocketAddress(address, server.port()))) {
                    assertEchoes(connection);
                    assertEquals(address, connection.remoteAddress().getAddress());
                }
            }
        }
    }

    @Test
    void listensOnOneAddressAlone() throws Exception {
        try (QuicServer server = QuicServer.builder()
                .bind(Loopback.v6(0))
                .identity(TestPki.shared().server())
                .alpn("echo")
                .onConnection(Echo::serve)
                .start()) {
            assertInstanceOf(Inet6Address.class, server.localAddress().getAddress());
            try (QuicConnection connection = Echo.client().connect("::1", server.port())) {
                assertInstanceOf(Inet6Address.class, connection.remoteAddress().getAddress());
                assertEchoes(connection);
            }
        }
    }

    @Test
    void twoServersOnTwoRuntimesDoNotMeet() throws Exception {
        RuntimeConfig config = RuntimeConfig.ioFocused().loops(1).build();
        try (AsyncRuntime one = AsyncRuntime.start(config);
                AsyncRuntime two = AsyncRuntime.start(config)) {
            QuicServer first = Echo.builder().runtime(one).start();
            try (QuicServer second = Echo.builder().runtime(two).start();
                    QuicConnection toFirst = Echo.client().runtime(two).connect("localhost", first.port());
                    QuicConnection toSecond = Echo.client().runtime(one).connect("localhost", second.port())) {
                assertEchoes(toFirst);
                assertEchoes(toSecond);
                first.close();
                assertNull(toFirst.acceptStream());
                assertEchoes(toSecond);
                assertEquals(1, second.connectionCount());
            }
        }
    }

    @Test
    void aCancelledTaskStopsItsServer() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.ioFocused().loops(1).build())) {
            AtomicReference<QuicServer> started = new AtomicReference<>();
            CountDownLatch running = new CountDownLatch(1);
            Task<?> task = runtime.spawn("server", () -> {
                try (QuicServer server = Echo.start()) {
                    started.set(server);
                    running.countDown();
                    server.run();
                }
            });
            running.await();
            try (QuicConnection connection = Echo.client()
                    .connect("localhost", Objects.requireNonNull(started.get()).port())) {
                assertEchoes(connection);
                task.cancel();
                assertThrows(CancellationException.class, () -> task.join(LONG));
                assertNull(connection.acceptStream());
                assertFalse(connection.isActive());
            }
        }
    }

    @Test
    void theEndOfARuntimeEndsEveryWaitOnIt() throws Exception {
        AsyncRuntime runtime = AsyncRuntime.start(RuntimeConfig.ioFocused()
                .loops(1)
                .drainTimeout(Duration.ofMillis(100))
                .build());
        try (QuicServer server = Echo.start()) {
            QuicConnection connection = Echo.client().runtime(runtime).connect("localhost", server.port());
            QuicStream stream = connection.openStream();
            stream.write(new byte[1]);
            assertEquals(1, stream.read(new byte[1]));
            Thread closer = Thread.ofPlatform().start(runtime::close);
            assertThrows(ConnectionClosedException.class, () -> stream.read(new byte[1]));
            assertThrows(ConnectionClosedException.class, connection::openStream);
            assertTrue(closer.join(LONG));
            connection.close();
            assertTrue(connection.stats().packetsSent() > 0);
        }
    }

    @Test
    void aTransportIsTheRuntimesChoiceWhereOneIsGiven() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(
                RuntimeConfig.ioFocused().loops(1).poller(Poller.Kind.NIO).build())) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Echo.builder()
                            .runtime(runtime)
                            .transport(Transport.LINUX)
                            .start());
        }
    }

    @Test
    void handshakeWorkMayRunOnTheLoop() throws Exception {
        try (QuicServer server =
                        Echo.builder().handshakeWork(HandshakeWork.INLINE).start();
                QuicConnection connection =
                        Echo.client().handshakeWork(HandshakeWork.INLINE).connect("localhost", server.port())) {
            assertEchoes(connection);
        }
    }

    /** On a runtime that goes on: they hold their connections, and would wake the loop for nothing. */
    @Test
    @Timeout(60)
    void whoEndsLeavesNoTimerOnTheLoop() throws Exception {
        Duration never = Duration.ofHours(1);
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(1).build())) {
            QuicServer server = Echo.builder()
                    .runtime(runtime)
                    .idleTimeout(never)
                    .closeTimeout(Duration.ofMillis(10))
                    .start();
            List<QuicConnection> connections = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                QuicConnection connection =
                        Echo.client().runtime(runtime).idleTimeout(never).connect("localhost", server.port());
                assertEchoes(connection);
                connections.add(connection);
            }
            assertTrue(armed(runtime) >= 2 * connections.size());
            server.close(); // which ends the clients' connections too
            for (QuicConnection connection : connections) {
                connection.close();
            }
            assertEquals(0, armed(runtime)); // nor those of connections that closed just now
        }
    }

    /** As the loop says it at the end of its turn. */
    private static int armed(AsyncRuntime runtime) throws Exception {
        long now = runtime.stats().totalTicks();
        while (runtime.stats().totalTicks() < now + 2) {
            CountDownLatch turn = new CountDownLatch(1);
            runtime.loops().get(0).execute(turn::countDown);
            turn.await();
        }
        return runtime.stats().total().timersArmed();
    }
}

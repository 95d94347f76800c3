package dev.tokioj.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.Shared;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server on several loops: everyone works, a connection stays where it is, and what comes to the wrong loop finds the right one. */
@Timeout(60)
class LoopsTest {
    /** So many connections leave one of three loops without any once in 10^35. */
    private static final int MANY = 200;

    /** Longer than a busy machine takes to close. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(40);

    private static AsyncRuntime runtime(Poller.Kind kind, int loops) throws IOException {
        assumeTrue(kind != Poller.Kind.EPOLL || EpollPoller.isAvailable(), "epoll and steering are Linux's");
        return AsyncRuntime.start(RuntimeConfig.ioFocused()
                .name("loops")
                .loops(loops)
                .poller(kind)
                .drainTimeout(Duration.ofSeconds(2))
                .build());
    }

    private static void assertEchoes(QuicConnection connection, String text) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            stream.write(text.getBytes(UTF_8));
            stream.finish();
            assertEquals(text, new String(stream.input().readAllBytes(), UTF_8));
        }
    }

    private static boolean everyLoopHasAccepted(List<LoopStats> loops) {
        return loops.stream().allMatch(loop -> loop.accepted() > 0);
    }

    private static long forwarded(List<LoopStats> loops) {
        return loops.stream().mapToLong(LoopStats::forwarded).sum();
    }

    private static long dropped(List<LoopStats> loops) {
        return loops.stream().mapToLong(LoopStats::forwardsDropped).sum();
    }

    private static long accepted(List<LoopStats> loops) {
        return loops.stream().mapToLong(LoopStats::accepted).sum();
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void everyLoopServesSomeAndHandlersAreOnTheirConnectionsLoop(Poller.Kind kind) throws Exception {
        Set<Integer> handlersRanOn = ConcurrentHashMap.newKeySet();
        try (AsyncRuntime runtime = runtime(kind, 3);
                QuicServer server = Echo.builder()
                        .runtime(runtime)
                        .loops(3)
                        .placement(Placement.LOOP)
                        .onConnection(connection -> {
                            EventLoop loop = EventLoop.current();
                            handlersRanOn.add(loop == null ? -1 : loop.index());
                            Echo.serve(connection);
                        })
                        .start()) {
            int clients = 0;
            while (clients < MANY && !everyLoopHasAccepted(server.loopStats())) {
                try (QuicConnection connection = Echo.client().connect("localhost", server.port())) {
                    assertEchoes(connection, "number " + clients++);
                }
            }
            List<LoopStats> loops = server.loopStats();
            assertEquals(3, loops.size());
            assertTrue(everyLoopHasAccepted(loops), loops.toString());
            assertEquals(clients, accepted(loops));
            assertEquals(0, dropped(loops), loops.toString());
            if (kind == Poller.Kind.EPOLL) {
                assertEquals(0, forwarded(loops), "the kernel brings each datagram to its loop: " + loops);
            } else {
                assertTrue(forwarded(loops) > 0, "nobody steers, so loops forward: " + loops);
            }
            // Where java.lang is not opened, tasks are on no loop at all.
            assertTrue(Set.of(Set.of(0, 1, 2), Set.of(-1)).contains(handlersRanOn), handlersRanOn.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void aConnectionStaysOnItsLoopWhileItsClientMoves(Poller.Kind kind) throws Exception {
        try (AsyncRuntime runtime = runtime(kind, 3);
                QuicServer server = Echo.builder().runtime(runtime).loops(3).start();
                RebindingRelay relay = new RebindingRelay(Loopback.v4(server.port()));
                QuicClient client = Echo.client().build();
                QuicConnection connection = client.connect(List.of(Loopback.v4(relay.port())), "localhost")) {
            assertEchoes(connection, "before");
            int loop = loopOf(server.loopStats());
            for (int i = 0; i < 40; i++) {
                relay.rebind();
                // The client's side knows nothing of it; each of these comes from a port that the server has not seen.
                assertEchoes(connection, "from port " + i);
                List<LoopStats> loops = server.loopStats();
                assertEquals(loop, loopOf(loops), loops.toString());
            }
            List<LoopStats> loops = server.loopStats();
            assertEquals(1, accepted(loops), "the same connection all the time: " + loops);
            if (kind == Poller.Kind.EPOLL) {
                assertEquals(0, forwarded(loops), "and every datagram came to its loop's socket: " + loops);
            } else {
                assertTrue(forwarded(loops) > 0, "41 ports on three sockets: " + loops);
            }
        }
    }

    /** The one that has the connection. */
    private static int loopOf(List<LoopStats> loops) {
        List<LoopStats> with =
                loops.stream().filter(loop -> loop.connections() > 0).toList();
        assertEquals(1, with.size(), loops.toString());
        return with.getFirst().loop();
    }

    private static Http3Client http3Client() throws IOException {
        return Http3Client.builder()
                .trust(TestPki.shared().authorities())
                .handshakeTimeout(Duration.ofSeconds(3))
                .build();
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void http3IsServedByAllLoopsAndEndsGracefully(Poller.Kind kind) throws Exception {
        try (AsyncRuntime runtime = runtime(kind, 2)) {
            Http3Server server = Http3Server.builder()
                    .runtime(runtime)
                    .loops(2)
                    .bind(0)
                    .closeTimeout(CLOSE_TIMEOUT)
                    .identity(TestPki.shared().server())
                    .handle("/*", exchange -> exchange.respond(200, exchange.path()))
                    .start();
            int clients = 0;
            while (clients < MANY && !everyLoopHasAccepted(server.loopStats())) {
                try (Http3Client client = http3Client()) {
                    URI uri = URI.create("https://localhost:" + server.port() + "/" + clients++);
                    for (int i = 0; i < 3; i++) {
                        try (Response response = client.get(uri)) {
                            assertEquals(200, response.status());
                            assertEquals(uri.getPath(), response.text());
                        }
                    }
                }
            }
            assertTrue(
                    everyLoopHasAccepted(server.loopStats()), server.loopStats().toString());
            // Those that are still there when it ends: each loop says goodbye to its own.
            try (Http3Client one = http3Client();
                    Http3Client two = http3Client();
                    Http3Client three = http3Client()) {
                URI uri = URI.create("https://localhost:" + server.port() + "/");
                for (Http3Client client : List.of(one, two, three)) {
                    try (Response response = client.get(uri)) {
                        assertEquals("/", response.text());
                    }
                }
                long start = System.nanoTime();
                server.close();
                assertTrue(System.nanoTime() - start < CLOSE_TIMEOUT.toNanos() / 2, "not at the time-out");
                assertThrows(IOException.class, () -> one.get(uri).close());
            }
        }
    }

    @Test
    void aLoopThatDoesNotKeepUpIsForwardedNoMoreThanTheBound() throws Exception {
        EndpointConfig config = EndpointConfig.client();
        SecureRandom random = new SecureRandom();
        Shared shared = Shared.of(config, 2, random);
        Crossing crossing = new Crossing(2, 5000);
        ShardSettings settings = ShardSettings.of(HandshakeWork.INLINE, Duration.ofSeconds(1), 1 << 20);
        try (AsyncRuntime runtime = runtime(Poller.Kind.NIO, 2)) {
            byte[] datagram = new byte[1200];
            assertFalse(forward(crossing, datagram), "nobody is there yet");
            EventLoop slow = runtime.loops().get(1);
            Shard shard =
                    Shard.open(slow, settings, config, new Shard.Place(shared, 1, crossing), random, _ -> _ -> null);
            CountDownLatch busy = new CountDownLatch(1);
            slow.execute(() -> {
                try {
                    busy.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            for (int i = 0; i < 4; i++) {
                assertTrue(forward(crossing, datagram));
            }
            assertFalse(forward(crossing, datagram), "4800 bytes wait already");
            assertTrue(forward(crossing, new byte[200]), "a smaller one still fits");
            busy.countDown();
            assertEquals(0, shard.call("test", shard::connectionCount)); // after those
            assertTrue(forward(crossing, datagram));
            shard.close(0, "");
        }
    }

    private static boolean forward(Crossing crossing, byte[] datagram) {
        return crossing.forward(1, datagram, 0, datagram.length, 1200, 0, null, Loopback.v4(1), 0);
    }

    @Test
    void withoutABufferForThemWhatCameToTheWrongLoopIsDroppedAndCounted() throws Exception {
        try (AsyncRuntime runtime = runtime(Poller.Kind.NIO, 2);
                QuicServer server = Echo.builder()
                        .runtime(runtime)
                        .loops(2)
                        .forwardBuffer(0)
                        .start()) {
            int failed = 0;
            for (int i = 0; i < 40 && dropped(server.loopStats()) == 0; i++) {
                try (QuicConnection connection = Echo.client()
                        .handshakeTimeout(Duration.ofMillis(500))
                        .headStart(Duration.ofSeconds(5))
                        .resolve("localhost", Loopback.V4)
                        .connect("localhost", server.port())) {
                    assertEchoes(connection, "right at once");
                } catch (HandshakeTimeoutException e) {
                    failed++;
                }
            }
            List<LoopStats> loops = server.loopStats();
            assertTrue(dropped(loops) > 0, loops.toString());
            // That one at least; on a busy machine the right loop may be too slow for another.
            assertTrue(failed > 0, loops.toString());
            assertEquals(0, forwarded(loops));
        }
    }

    @Test
    void howManyLoopsIsTheRuntimesMatter() throws Exception {
        try (AsyncRuntime runtime = runtime(Poller.Kind.NIO, 2)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Echo.builder().runtime(runtime).loops(3).start());
            assertThrows(IllegalArgumentException.class, () -> Echo.builder().loops(0));
            assertThrows(IllegalArgumentException.class, () -> Echo.builder().forwardBuffer(-1));
            try (QuicServer server = Echo.builder().runtime(runtime).start()) {
                assertEquals(1, server.loopStats().size(), "nobody steers");
            }
        }
        try (QuicServer server =
                Echo.builder().transport(Transport.NIO).loops(3).start()) {
            assertEquals(3, server.loopStats().size(), "a runtime of its own has as many as are asked for");
        }
        assumeTrue(EpollPoller.isAvailable(), "steering is Linux's");
        try (QuicServer server = Echo.start()) {
            assertEquals(
                    Runtime.getRuntime().availableProcessors(),
                    server.loopStats().size());
        }
        try (AsyncRuntime runtime = runtime(Poller.Kind.EPOLL, 3);
                QuicServer all = Echo.builder().runtime(runtime).start();
                QuicServer two = Echo.builder().runtime(runtime).loops(2).start()) {
            assertEquals(3, all.loopStats().size());
            assertEquals(2, two.loopStats().size());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void anAddressThatLoopsShareIsNotSharedWithAnotherServer(Poller.Kind kind) throws Exception {
        try (AsyncRuntime runtime = runtime(kind, 2);
                QuicServer server =
                        Echo.builder().runtime(runtime).loops(2).bind(0).start()) {
            assertThrows(
                    BindException.class,
                    () -> QuicServer.builder()
                            .runtime(runtime)
                            .loops(2)
                            .bind(server.port())
                            .identity(TestPki.shared().server())
                            .alpn("echo")
                            .onConnection(Echo::serve)
                            .start());
        }
    }

    @Test
    void aClientSpreadsItsConnectionsOverItsLoops() throws Exception {
        try (QuicServer server = Echo.start()) {
            QuicClient client = Echo.client().transport(Transport.NIO).loops(2).build();
            QuicConnection one = client.connect("localhost", server.port());
            QuicConnection two = client.connect("localhost", server.port());
            QuicConnection three = client.connect("localhost", server.port());
            assertEchoes(one, "one");
            assertEchoes(two, "two");
            assertEchoes(three, "three");
            assertNotEquals(one.core().shard().loop(), two.core().shard().loop());
            assertEquals(one.core().shard().loop(), three.core().shard().loop());
            client.close();
            assertFalse(two.isActive());
            assertThrows(IOException.class, () -> client.connect("localhost", server.port()));
        }
    }
}

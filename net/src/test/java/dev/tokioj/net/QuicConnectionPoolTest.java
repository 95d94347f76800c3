package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskGroup;
import dev.tokioj.runtime.pool.PoolClosedException;
import dev.tokioj.runtime.pool.PoolConfig;
import dev.tokioj.runtime.pool.PoolConnectException;
import dev.tokioj.runtime.pool.PoolTimeoutException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams on pooled connections, over real sockets. */
@Timeout(60)
class QuicConnectionPoolTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    private static PoolConfig.Builder config() {
        return PoolConfig.builder().closeTimeout(Duration.ofMillis(200)).leakSampling(1);
    }

    @SuppressWarnings("ThreadPriorityCheck") // two cores, and those we wait for need them
    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("it did not come to pass in 20 s");
            }
            Thread.yield();
        }
    }

    private static void assertEchoes(QuicStream stream, int tag) throws IOException {
        byte[] content = {1, 2, (byte) tag};
        stream.write(content);
        stream.finish();
        assertArrayEquals(content, stream.input().readAllBytes());
    }

    /** The first of them has the runtime, and is closed last. */
    @Test
    void whoeverIsInterruptedClosesAllClients() throws Exception {
        QuicConnectionPool pool = QuicConnectionPool.open(Echo.client().alpn("echo", "other"), config().build());
        AsyncRuntime runtime = pool.client(new QuicConnectionPool.Address("localhost", 1, "echo"))
                .runtime();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedIOException.class, pool::close);
        assertTrue(Thread.interrupted());
        assertThrows(RejectedExecutionException.class, () -> runtime.spawn(() -> true));
    }

    @ParameterizedTest
    @EnumSource
    void oneConnectionCarriesTheStreamsOfMany(Combination combination) throws Exception {
        try (AsyncRuntime runtime = combination.start()) {
            combination.run(runtime, () -> {
                try (QuicServer server = Echo.builder()
                                .placement(combination.placement())
                                .start();
                        QuicConnectionPool pool = QuicConnectionPool.open(Echo.client(), config().build())) {
                    try (TaskGroup group = TaskGroup.failFast()) {
                        for (int i = 0; i < 30; i++) {
                            int tag = i;
                            group.spawn(() -> {
                                for (int k = 0; k < 5; k++) {
                                    try (QuicStream stream = pool.openStream("localhost", server.port())) {
                                        assertEchoes(stream, tag);
                                    }
                                }
                            });
                        }
                        group.join();
                    }
                    assertEquals(1, pool.stats().created());
                    until(() -> pool.stats().leases() == 0 && pool.stats().idle() == 1);
                }
            });
        }
    }

    @Test
    void anotherConnectionIsMadeWhenThePeersLimitIsReached() throws Exception {
        try (QuicServer server = Echo.builder().maxBidiStreams(3).start();
                QuicConnectionPool pool = QuicConnectionPool.open(
                        Echo.client(), config().maxPerKey(2).build())) {
            List<QuicStream> streams = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                streams.add(pool.openStream("localhost", server.port()));
                streams.get(i).write(new byte[1]);
            }
            assertEquals(2, pool.stats().created());
            assertEquals(6, pool.stats().leases());
            QuicConnectionPool.Address address = new QuicConnectionPool.Address("localhost", server.port(), "echo");
            assertThrows(PoolTimeoutException.class, () -> pool.openStream(address, SHORT));
            // The peer gives credit for another stream when one is over: then the next is opened in its place.
            streams.get(4).finish();
            assertEquals(1, streams.get(4).input().readAllBytes().length);
            assertEchoes(pool.openStream(address), 7);
            for (QuicStream stream : streams) {
                stream.close();
            }
            until(() -> pool.stats().leases() == 0);
            assertEquals(2, pool.stats().created());
        }
    }

    @Test
    void aLimitOfOursHolds() throws Exception {
        try (QuicServer server = Echo.start();
                QuicConnectionPool pool = QuicConnectionPool.open(Echo.client(), config().build(), 2)) {
            List<QuicStream> streams = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                streams.add(pool.openStream("localhost", server.port()));
            }
            assertEquals(3, pool.stats().created());
            streams.forEach(QuicStream::close);
        }
    }

    @Test
    void oneConnectionServesStreamAfterStreamBeyondItsFirstLimit() throws Exception {
        try (QuicServer server = Echo.builder().maxBidiStreams(2).start();
                QuicConnectionPool pool = QuicConnectionPool.open(
                        Echo.client(), config().maxPerKey(1).build())) {
            for (int i = 0; i < 50; i++) {
                try (QuicStream stream = pool.openStream("localhost", server.port())) {
                    assertEchoes(stream, i);
                }
            }
            assertEquals(1, pool.stats().created());
        }
    }

    @Test
    void whatHasEndedIsReplaced() throws Exception {
        ConcurrentLinkedQueue<QuicConnection> seen = new ConcurrentLinkedQueue<>();
        try (QuicServer server = Echo.builder()
                        .onConnection(connection -> {
                            seen.add(connection);
                            Echo.serve(connection);
                        })
                        .start();
                QuicConnectionPool pool = QuicConnectionPool.open(Echo.client(), config().build())) {
            for (int i = 1; i <= 3; i++) {
                try (QuicStream stream = pool.openStream("localhost", server.port())) {
                    assertEchoes(stream, i);
                }
                assertEquals(i, pool.stats().created());
                seen.remove().abort(7);
                until(() -> pool.stats().total() == 0);
            }
            assertEquals(3, pool.stats().unhealthy());
        }
    }

    @Test
    void everyAddressAndProtocolHasItsOwn() throws Exception {
        ConcurrentLinkedQueue<String> spoken = new ConcurrentLinkedQueue<>();
        QuicServer.Builder builder = Echo.builder().alpn("echo", "other").onConnection(connection -> {
            spoken.add(connection.alpn());
            Echo.serve(connection);
        });
        try (QuicServer one = builder.start();
                QuicServer two = Echo.start();
                QuicConnectionPool pool =
                        QuicConnectionPool.open(Echo.client().alpn("echo", "other"), config().build())) {
            for (int i = 0; i < 3; i++) {
                try (QuicStream a = pool.openStream("localhost", one.port());
                        QuicStream b =
                                pool.openStream(new QuicConnectionPool.Address("localhost", one.port(), "other"));
                        QuicStream c = pool.openStream("localhost", two.port())) {
                    assertEchoes(a, 1);
                    assertEchoes(b, 2);
                    assertEchoes(c, 3);
                    assertTrue(c.toString().contains(":" + two.port()), c.toString());
                }
            }
            assertEquals(3, pool.stats().created());
            // Each handler is a task of its own: nothing says which of them begins first.
            assertEquals(List.of("echo", "other"), spoken.stream().sorted().toList());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> pool.openStream(new QuicConnectionPool.Address("localhost", two.port(), "none")));
        }
    }

    @Test
    void whatIsNotUsedIsClosed() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (QuicServer server = Echo.builder()
                        .onConnection(connection -> {
                            Echo.serve(connection);
                            ended.countDown();
                        })
                        .start();
                QuicConnectionPool pool = QuicConnectionPool.open(
                        Echo.client(),
                        config().idleTimeout(SHORT)
                                .cleanupInterval(Duration.ofMillis(20))
                                .build())) {
            try (QuicStream stream = pool.openStream("localhost", server.port())) {
                assertEchoes(stream, 1);
            }
            ended.await();
            until(() -> pool.stats().total() == 0);
            assertEquals(1, pool.stats().expired());
        }
    }

    @Test
    void failuresAreThoseOfAConnect() throws Exception {
        try (QuicServer server = Echo.start();
                QuicConnectionPool pool = QuicConnectionPool.open(
                        Echo.client().trust(TestPki.create().authorities()), config().build())) {
            assertThrows(HandshakeFailedException.class, () -> pool.openStream("localhost", server.port()));
            assertThrows(PoolConnectException.class, () -> pool.openStream("no-such-host.invalid", 1));
            assertEquals(2, pool.stats().failed());
            assertEquals(0, pool.stats().total());
        }
        assertThrows(
                IllegalStateException.class, () -> QuicConnectionPool.open(QuicClient.builder(), config().build()));
    }

    @Test
    void closingEndsWhoWaitsAndAfterItsBoundTheStreams() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start();
                QuicServer server = Echo.builder().maxBidiStreams(1).start()) {
            QuicConnectionPool pool = QuicConnectionPool.open(
                    Echo.client().runtime(runtime), config().maxPerKey(1).build());
            QuicStream held = pool.openStream("localhost", server.port());
            Task<QuicStream> waiter = runtime.spawn(() -> pool.openStream("localhost", server.port()));
            until(() -> pool.stats().waiting() == 1);
            pool.close();
            assertThrows(PoolClosedException.class, waiter::join);
            assertThrows(ConnectionClosedException.class, () -> held.read(new byte[1]));
            assertThrows(PoolClosedException.class, () -> pool.openStream("localhost", server.port()));
            pool.close();
        }
    }
}

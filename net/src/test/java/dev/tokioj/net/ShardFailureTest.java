package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.net.UdpOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A shard sends for all its connections in one go: what fails for one of them costs the others nothing. */
@Timeout(60)
class ShardFailureTest {
    /** A client's only shard, with a server to talk to. */
    private record Client(ClientCore core, int port) {
        QuicConnection connect() throws IOException {
            return connect(first());
        }

        QuicConnection connect(ClientShard shard) throws IOException {
            return core.connect(List.of(Loopback.v4(port)), _ -> new QuicClient.Dialer(shard, "localhost"))
                    .facade();
        }

        ClientShard first() throws IOException {
            return core.open(0);
        }
    }

    private interface Body {
        void run(Client client) throws Exception;
    }

    private static void onOneShard(Combination combination, Body body) throws Exception {
        try (AsyncRuntime runtime = combination.start();
                QuicServer server =
                        Echo.builder().closeTimeout(Duration.ofMillis(100)).start()) {
            ClientCore core = ClientCore.open(Echo.client().runtime(runtime).loops(1), List.of("echo"));
            try {
                combination.run(runtime, () -> body.run(new Client(core, server.port())));
            } finally {
                core.close();
            }
        }
    }

    private static void assertEchoes(QuicConnection connection) throws IOException {
        byte[] content = new byte[20_000];
        try (QuicStream stream = connection.openStream()) {
            stream.write(content);
            stream.finish();
            assertArrayEquals(content, stream.input().readAllBytes());
        }
    }

    @ParameterizedTest
    @EnumSource(Combination.class)
    void aSocketBeyondUseCostsItsOwnConnectionsAlone(Combination combination) throws Exception {
        onOneShard(combination, client -> {
            ClientShard first = client.first();
            Shard shard = first.shard();
            ShardSocket socket = shard.bind(UdpOptions.builder().build(), false);
            QuicConnection good = client.connect();
            QuicConnection bad = client.connect(new ClientShard(shard, socket, first.config(), first.tls()));
            assertEchoes(bad);
            shard.call("close a socket", () -> {
                socket.close();
                return true;
            });
            long sent = bad.stats().packetsSent();
            bad.openStream().write(new byte[5_000]);
            for (int i = 0; i < 10; i++) {
                assertEchoes(good);
            }
            // It has tried, and does not know.
            assertTrue(bad.stats().packetsSent() > sent);
            assertTrue(bad.isActive());
            bad.abort(0);
            assertEchoes(good);
        });
    }

    /**
     * To a name without an address NIO's send throws what is no IOException; the other kind has no address to take the octets of. What
     * others have to send in that turn goes out in the next, although no packet and no timer brings it about.
     */
    @ParameterizedTest
    @EnumSource(
            names = {"NIO_SHARED", "LINUX_SHARED"
            }) // where tasks are makes no difference to a send; this one holds the loop
    void aSendThatThrowsCostsItsOwnConnectionAlone(Combination combination) throws Exception {
        onOneShard(combination, client -> {
            ClientShard first = client.first();
            Shard shard = first.shard();
            QuicConnection good = client.connect();
            QuicStream waiting = good.openStream();
            AtomicInteger established = new AtomicInteger();
            CompletableFuture<Boolean> ended = new CompletableFuture<>();
            RawConnection bad = new RawConnection(shard, "nowhere", new RawConnection.Watcher() {
                @Override
                public void established(RawConnection connection) {
                    established.incrementAndGet();
                }

                @Override
                public void ended(RawConnection connection, QuicException cause) {
                    ended.complete(true);
                }
            });
            NetPath nowhere = new NetPath(
                    first.socket().number(), null, InetSocketAddress.createUnresolved("nowhere.invalid", 443));
            // The timers of either would send for both: in 25 seconds at the earliest, once the handshake's last
            // packets are acknowledged.
            QuicConfig patient = first.config().toBuilder()
                    .initialRtt(Duration.ofSeconds(10).toNanos())
                    .handshakeTimeout(Combination.BOUND.toNanos())
                    .build();
            Connection quic = good.core().quic();
            while (shard.call("look", () -> untilDeadline(shard, quic))
                    < Duration.ofSeconds(25).toNanos()) {
                Thread.onSpinWait();
            }
            // In one turn, and the client's first packet goes before the rest: it is urgent.
            shard.call("dial nowhere and write elsewhere", () -> {
                bad.attach(shard.connect(patient, first.tls(), "localhost", nowhere, bad));
                assertEquals(100, quic.write(waiting.id(), new byte[100], 0, 100));
                quic.finish(waiting.id());
                return true;
            });
            assertEquals(100, waiting.input().readAllBytes().length);
            for (int i = 0; i < 10; i++) {
                assertEchoes(good);
            }
            assertFalse(ended.isDone());
            shard.execute(() -> bad.closeNow(0, ""));
            assertTrue(ended.get(30, TimeUnit.SECONDS));
            assertEchoes(good);
            assertEquals(0, established.get());
        });
    }

    private static long untilDeadline(Shard shard, Connection connection) {
        long now = shard.loop().now();
        return connection.deadline(now) - now;
    }
}

package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.RetryMode;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an endpoint does with datagrams that belong to no connection, or come before there is one. */
class EndpointAnswersTest {
    private static final ConnectionId CLIENT_ID = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

    private static Pair pair(long seed, EndpointConfig.Builder endpoint) {
        return new Pair(seed, QuicConfig.defaults(), QuicConfig.defaults(), endpoint);
    }

    @Test
    void retryValidatesTheAddressAndTheHandshakeGoesOn() {
        for (boolean big : new boolean[] {false, true}) {
            var pair = pair(1, EndpointConfig.builder().retry(RetryMode.ALWAYS));
            TestApp client = pair.connect(big);
            pair.run(() -> client.completed == 1);
            pair.settle();
            assertEquals(1, pair.server.accepted.size());
            assertEquals(1, pair.server.app().completed);
            assertEquals(
                    client.connection().originalDestinationId(),
                    pair.server.connections.get(0).originalDestinationId());
        }
    }

    @Test
    void aSecondRetryIsIgnored() {
        var pair = pair(2, EndpointConfig.builder().retry(RetryMode.ALWAYS));
        TestApp client = pair.connect();
        pair.run(() -> pair.log.stream().anyMatch(d -> !d.toServer()));
        byte[] retry = pair.log.stream()
                .filter(d -> !d.toServer())
                .findFirst()
                .orElseThrow()
                .bytes();
        pair.inject(retry, Pair.SERVER, Pair.CLIENT);
        pair.inject(retry, Pair.SERVER, Pair.CLIENT);
        pair.run(() -> client.completed == 1);
        assertTrue(client.connection().stats().packetsDropped() >= 2);
    }

    @Test
    void aRetryWithABadTagIsIgnored() {
        var pair = pair(3, EndpointConfig.builder().retry(RetryMode.ALWAYS));
        pair.network = d -> {
            if (!d.toServer() && d.order() == 1) {
                byte[] bad = d.bytes().clone();
                bad[bad.length - 1] ^= 1;
                return d.bytes(bad);
            }
            return d;
        };
        TestApp client = pair.connect();
        pair.runFor(100 * Pair.MILLI);
        assertEquals(0, client.completed);
        assertEquals(1, client.connection().stats().packetsDropped());
        pair.run(() -> client.completed == 1); // the Initial is sent again, and the next Retry is good
    }

    @Test
    void newTokenSparesTheRetry() {
        var pair = pair(4, EndpointConfig.builder().retry(RetryMode.ALWAYS));
        TestApp first = pair.connected();
        byte[] token = first.connection().newToken();
        assertNotNull(token);
        var second = new TestApp();
        second.clock = pair::later;
        pair.log.clear();
        second.connection = pair.client.endpoint.connect(
                pair.now,
                pair.clientConfig,
                TestTls.client(pair.random),
                "localhost",
                new NetPath(0, Pair.CLIENT, Pair.SERVER),
                second,
                token);
        pair.run(() -> second.completed == 1);
        var header = new PacketHeader();
        for (var d : pair.log) {
            header.parse(d.bytes(), 0, d.bytes().length, 8);
            assertTrue(header.type() != PacketType.RETRY);
        }
    }

    @Test
    void badTokensNeverValidateAndNeverThrow() {
        var pair = pair(5, EndpointConfig.builder().retry(RetryMode.ALWAYS));
        for (int i = 0; i < 300; i++) {
            byte[] token = new byte[1 + pair.random.nextInt(100)];
            pair.random.nextBytes(token);
            token[0] = (byte) (i % 4);
            pair.inject(
                    Forge.initial(ConnectionId.random(pair.random, 8), CLIENT_ID, token, 1200, FrameCodec::writePing),
                    Pair.CLIENT,
                    Pair.SERVER);
        }
        pair.runFor(Pair.MILLI);
        assertEquals(0, pair.server.accepted.size());
        assertTrue(pair.server.sentDatagrams > 0);
        assertTrue(pair.server.sentBytes < 3L * 300 * 1200);
    }

    @Test
    void aRetryTokenFromAnotherAddressIsInvalid() {
        var pair = pair(6, EndpointConfig.builder().retry(RetryMode.ALWAYS));
        TestApp client = pair.connect();
        pair.network = d -> d.toServer() && d.order() > 0 ? d.from(Pair.address(9, 9)) : d;
        pair.run(() -> client.closed != null);
        CloseReason reason = client.closed;
        assertEquals(TransportError.INVALID_TOKEN.code(), reason == null ? -1 : reason.code());
        assertEquals(0, pair.server.accepted.size());
    }

    @Test
    void versionNegotiationIsAnsweredToLargeDatagramsOnly() {
        for (int size : new int[] {1199, 1200}) {
            var pair = new Pair(7);
            byte[] datagram = new byte[size];
            var w = new ByteWriter().reset(datagram, 0, size);
            w.u8(0xc0).u32(0x1a2a3a4aL).u8(8).bytes(new byte[8]).u8(8).bytes(CLIENT_ID.toBytes());
            pair.inject(datagram, Pair.CLIENT, Pair.SERVER);
            pair.runFor(Pair.MILLI);
            assertEquals(size == 1200 ? 1 : 0, pair.server.sentDatagrams);
            if (size == 1200) {
                byte[] answer = pair.log.get(0).bytes();
                var header = new PacketHeader();
                assertEquals(PacketHeader.Outcome.PACKET, header.parse(answer, 0, answer.length, 8));
                assertEquals(PacketType.VERSION_NEGOTIATION, header.type());
                assertEquals(CLIENT_ID, header.dcid());
                assertEquals(Version.V1.number(), header.versionAt(0));
                assertTrue(Version.isReserved(header.versionAt(1)), "grease");
            }
        }
    }

    @Test
    void clientGivesUpOnVersionNegotiationButNotOnAForgedOne() {
        byte[] foreign = {0x0a, 0x0b, 0x0c, 0x0d};
        byte[] ours = {0, 0, 0, 1};
        for (byte[] listed : List.of(foreign, ours)) {
            var pair = new Pair(8);
            TestApp client = pair.connect();
            pair.network = d -> null;
            pair.runFor(Pair.MILLI);
            byte[] initial = pair.log.get(0).bytes();
            byte[] answer = new byte[7 + 8 + 8 + 4];
            var w = new ByteWriter().reset(answer, 0, answer.length);
            w.u8(0xc0)
                    .u32(0)
                    .u8(8)
                    .bytes(initial, 15, 8)
                    .u8(8)
                    .bytes(initial, 6, 8)
                    .bytes(listed);
            pair.inject(answer, Pair.SERVER, Pair.CLIENT);
            pair.runFor(Pair.MILLI);
            if (Arrays.equals(listed, ours)) {
                assertNull(client.closed);
            } else {
                assertEquals(CloseReason.Kind.VERSION_NEGOTIATION, client.closed == null ? null : client.closed.kind());
            }
        }
    }

    @Test
    void versionNegotiationAfterAnyPacketIsIgnored() {
        var pair = new Pair(9);
        TestApp client = pair.connected();
        byte[] initial = pair.log.get(0).bytes();
        byte[] answer = new byte[7 + 8 + 8 + 4];
        var w = new ByteWriter().reset(answer, 0, answer.length);
        w.u8(0xc0).u32(0).u8(8).bytes(initial, 15, 8).u8(8).bytes(initial, 6, 8).u32(0x0a0b0c0dL);
        pair.inject(answer, Pair.SERVER, Pair.CLIENT);
        pair.settle();
        assertNull(client.closed);
    }

    @Test
    void statelessResetIsSentOnceAConnectionIsLostAndUnderstood() {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 7);
        var pair = pair(10, EndpointConfig.builder().resetKey(key));
        TestApp client = pair.connected();
        List<byte[]> resets = new ArrayList<>();
        // A server with the same key that knows no connection, as after a restart.
        var restarted = pair(11, EndpointConfig.builder().resetKey(key));
        pair.network = d -> {
            if (d.toServer()) {
                restarted.inject(d.bytes(), Pair.CLIENT, Pair.SERVER);
                return null;
            }
            return d;
        };
        client.send(true, new byte[100]);
        pair.runFor(50 * Pair.MILLI);
        restarted.runFor(Pair.MILLI);
        restarted.log.forEach(d -> resets.add(d.bytes()));
        assertEquals(1, resets.size());
        byte[] sent = pair.log.getLast().bytes();
        assertTrue(resets.get(0).length < sent.length, "shorter than what it answers");
        pair.inject(resets.get(0), Pair.SERVER, Pair.CLIENT);
        pair.runFor(Pair.MILLI);
        assertEquals(CloseReason.Kind.STATELESS_RESET, client.closed == null ? null : client.closed.kind());
    }

    @Test
    void statelessAnswersAreLimited() {
        var pair = pair(12, EndpointConfig.builder().statelessAnswers(10));
        for (int i = 0; i < 100; i++) {
            byte[] packet = new byte[60];
            pair.random.nextBytes(packet);
            packet[0] = 0x40;
            pair.inject(packet, Pair.CLIENT, Pair.SERVER);
        }
        pair.runFor(Pair.MILLI);
        assertEquals(10, pair.server.sentDatagrams);
        byte[] tiny = new byte[21];
        tiny[0] = 0x40;
        pair.runFor(Pair.SECOND);
        pair.inject(tiny, Pair.CLIENT, Pair.SERVER);
        pair.runFor(Pair.MILLI);
        assertEquals(10, pair.server.sentDatagrams, "a reset is never answered");
    }

    @Test
    void smallInitialsAndShortFirstIdsAreDropped() {
        var pair = new Pair(13);
        pair.inject(
                Forge.initial(ConnectionId.random(pair.random, 8), CLIENT_ID, new byte[0], 1199, FrameCodec::writePing),
                Pair.CLIENT,
                Pair.SERVER);
        pair.inject(
                Forge.initial(ConnectionId.random(pair.random, 7), CLIENT_ID, new byte[0], 1200, FrameCodec::writePing),
                Pair.CLIENT,
                Pair.SERVER);
        pair.runFor(Pair.MILLI);
        assertEquals(0, pair.server.accepted.size());
        assertEquals(0, pair.server.sentDatagrams);
    }

    @Test
    void coalescedPacketsToAnotherIdAreDropped() {
        var pair = new Pair(14);
        byte[] first =
                Forge.initial(ConnectionId.random(pair.random, 8), CLIENT_ID, new byte[0], 600, FrameCodec::writePing);
        byte[] other =
                Forge.initial(ConnectionId.random(pair.random, 8), CLIENT_ID, new byte[0], 600, FrameCodec::writePing);
        byte[] datagram = Arrays.copyOf(first, 1200);
        System.arraycopy(other, 0, datagram, 600, 600);
        pair.inject(datagram, Pair.CLIENT, Pair.SERVER);
        pair.runFor(Pair.MILLI);
        assertEquals(1, pair.server.accepted.size());
        assertEquals(1, pair.server.connections.get(0).stats().packetsReceived());
        assertEquals(1, pair.server.connections.get(0).stats().packetsDropped());
    }

    @Test
    void halfOpenConnectionsAreCappedAndBusyMeansRetry() {
        var pair = pair(15, EndpointConfig.builder().retryThreshold(5).maxHalfOpen(10));
        for (int i = 0; i < 50; i++) {
            pair.inject(
                    Forge.initial(
                            ConnectionId.random(pair.random, 8), CLIENT_ID, new byte[0], 1200, FrameCodec::writePing),
                    Pair.address(7, 1000 + i),
                    Pair.SERVER);
        }
        pair.runFor(Pair.MILLI);
        assertEquals(5, pair.server.endpoint.halfOpenCount());
        TestApp client = pair.connect();
        pair.run(() -> client.completed == 1); // by way of Retry
        var never = pair(16, EndpointConfig.builder().retry(RetryMode.NEVER).maxHalfOpen(3));
        for (int i = 0; i < 50; i++) {
            never.inject(
                    Forge.initial(
                            ConnectionId.random(never.random, 8), CLIENT_ID, new byte[0], 1200, FrameCodec::writePing),
                    Pair.address(7, 1000 + i),
                    Pair.SERVER);
        }
        never.runFor(Pair.MILLI);
        assertEquals(3, never.server.endpoint.halfOpenCount());
    }

    @Test
    void aRefusedConnectionIsToldAndForgotten() {
        var pair = new Pair(17);
        pair.server.refuse = true;
        TestApp client = pair.connect();
        pair.settle();
        assertEquals(TransportError.CONNECTION_REFUSED.code(), client.closed == null ? -1 : client.closed.code());
        assertEquals(0, pair.server.endpoint.connectionCount());
        assertEquals(0, pair.server.endpoint.halfOpenCount());
        assertTrue(pair.server.timers.isEmpty());

        var full = pair(18, EndpointConfig.builder().maxConnections(1));
        TestApp first = full.connected();
        TestApp second = full.connect();
        full.settle();
        assertNull(first.closed);
        assertEquals(TransportError.CONNECTION_REFUSED.code(), second.closed == null ? -1 : second.closed.code());
    }

    @Test
    void aHostThatThrowsRefusesOneConnection() {
        var pair = new Pair(21);
        pair.prepare = _ -> {
            throw new IllegalStateException("a bug of the host's");
        };
        TestApp client = pair.connect();
        pair.settle();
        assertEquals(TransportError.CONNECTION_REFUSED.code(), client.closed == null ? -1 : client.closed.code());
        pair.prepare = _ -> {};
        pair.connected();
    }

    @Test
    void aServerNameThatIsNoneLeavesNothing() {
        var pair = new Pair(22);
        assertThrows(
                IllegalArgumentException.class,
                () -> pair.client.endpoint.connect(
                        pair.now,
                        pair.clientConfig,
                        TestTls.client(pair.random),
                        "not a name",
                        new NetPath(0, Pair.CLIENT, Pair.SERVER),
                        new TestApp()));
        assertEquals(0, pair.client.endpoint.connectionCount());
        pair.settle();
        assertEquals(0, pair.client.sentDatagrams);
    }

    @Test
    void garbageNeverThrows() {
        var pair = new Pair(19);
        TestApp client = pair.connected();
        List<byte[]> seeds = pair.log.stream().map(Pair.Datagram::bytes).toList();
        for (int i = 0; i < 20_000; i++) {
            byte[] packet;
            if (i % 2 == 0) {
                packet = new byte[pair.random.nextInt(1300)];
                pair.random.nextBytes(packet);
            } else {
                packet = seeds.get(pair.random.nextInt(seeds.size())).clone();
                for (int n = 1 + pair.random.nextInt(4); n > 0; n--) {
                    packet[pair.random.nextInt(Math.min(packet.length, 60))] = (byte) pair.random.nextInt();
                }
            }
            boolean toServer = pair.random.nextBoolean();
            (toServer ? pair.server : pair.client)
                    .endpoint.receive(
                            pair.now,
                            packet,
                            0,
                            packet.length,
                            new NetPath(0, toServer ? Pair.SERVER : Pair.CLIENT, toServer ? Pair.CLIENT : Pair.SERVER),
                            pair.random.nextInt(4));
        }
        pair.settle();
        assertNull(client.closed, "seed 19");
        long id = client.send(true, new byte[1000]);
        TestApp server = pair.server.accepted.getFirst();
        pair.run(() -> server.finished(id));
        assertArrayEquals(new byte[1000], server.received(id));
    }
}

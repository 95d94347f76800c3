package dev.tokioj.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.RetryMode;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportError;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Attacks that were found in other stacks, by a peer that holds the keys, against a production endpoint. */
final class AttackTest {
    private static final long SECOND = 1_000_000_000L;

    /** A spoofed source: RFC 9000 section 8.1. */
    @Test
    void anUnvalidatedAddressGetsAtMostThreeTimesWhatItSent() {
        World world = new World(1);
        RawClient spoofer = world.silentRawClient();
        for (int i = 0; i < 200; i++) {
            world.simulation().run(SECOND / 20);
            assertTrue(
                    world.server().bytesOut() <= 3 * spoofer.bytesSent(),
                    () -> world.server().bytesOut() + " bytes for " + spoofer.bytesSent());
        }
        assertTrue(spoofer.datagramsReceived() > 0, "the server must have tried");
    }

    /** CVE-2026-35191: each packet of a datagram counted as a datagram. */
    @Test
    void coalescedPacketsDoNotRaiseTheCredit() {
        World world = new World(2);
        RawClient spoofer = world.silentRawClient();
        world.simulation().run(SECOND / 10);
        for (int i = 0; i < 20; i++) {
            byte[] first = spoofer.seal(PacketType.INITIAL, FrameCodec::writePing);
            byte[] second = spoofer.seal(PacketType.INITIAL, FrameCodec::writePing);
            byte[] both = new byte[first.length + second.length];
            System.arraycopy(first, 0, both, 0, first.length);
            System.arraycopy(second, 0, both, first.length, second.length);
            spoofer.sendDatagram(both);
            world.simulation().run(SECOND / 10);
            assertTrue(
                    world.server().bytesOut() <= 3 * spoofer.bytesSent(),
                    () -> world.server().bytesOut() + " bytes for " + spoofer.bytesSent());
        }
    }

    /** CVE-2026-14456: Initials for unknown connections faster than they can be accepted. */
    @Test
    void aFloodOfInitialsIsCappedAndOthersAreServed() {
        int cap = 64;
        World world = new World(
                3,
                config -> config.maxHalfOpen(cap).retryThreshold(16).retry(RetryMode.WHEN_BUSY),
                LinkProfile.clean(1_000_000, 0, 100_000));
        for (int i = 0; i < 1000; i++) {
            world.silentRawClient();
            if (i % 50 == 0) {
                world.simulation().run(SECOND / 100);
                assertTrue(world.server().endpoint().halfOpenCount() <= cap);
            }
        }
        world.simulation().run(SECOND / 100);
        assertTrue(world.server().endpoint().halfOpenCount() >= 16, "the flood must have been felt");
        assertTrue(world.server().endpoint().halfOpenCount() <= cap);
        SimHost host = world.newClientHost(LinkProfile.USUAL);
        Bulk.Client honest = new Bulk.Client(world.simulation()::now, 10_000);
        world.connect(host, honest);
        assertTrue(world.simulation().runUntil(honest::isDone, 4 * SECOND), () -> "" + honest.closed());
        world.simulation().run(60 * SECOND);
        assertEquals(0, world.server().endpoint().halfOpenCount(), "handshakes time out");
    }

    /** Initials that close themselves: what they make the server keep counts like any other half-open connection. */
    @Test
    void aFloodOfInitialsThatCloseThemselvesIsCappedAndOthersAreServed() {
        int cap = 64;
        World world = new World(
                16,
                config -> config.maxHalfOpen(cap).retryThreshold(16).retry(RetryMode.WHEN_BUSY),
                LinkProfile.clean(1_000_000, 0, 100_000));
        var endpoint = world.server().endpoint();
        long heap = 0;
        for (int i = 0; i < 10_000; i++) {
            if (i == 1000) {
                heap = FuzzCampaign.heap(); // by now everything is loaded
            }
            RawClient spoofer = world.newRawClient();
            spoofer.reacts(false);
            byte[] initial = closesItself(spoofer, i % 3);
            spoofer.sendDatagram(initial);
            world.network().detach(spoofer.address());
            if (i % 100 == 99) {
                world.simulation().run(SECOND / 100);
                assertTrue(endpoint.closedCount() <= cap, () -> endpoint.closedCount() + " remembered");
            }
        }
        assertTrue(endpoint.closedCount() >= 16, "the flood must have been felt");
        assertTrue(world.connections().size() <= cap, () -> world.connections().size() + " connections were made");
        long grown = FuzzCampaign.heap() - heap;
        assertTrue(grown < 4 << 20, () -> grown + " bytes"); // 9000 tombstones would be 18 MB
        SimHost host = world.newClientHost(LinkProfile.USUAL);
        Bulk.Client honest = new Bulk.Client(world.simulation()::now, 10_000);
        world.connect(host, honest);
        assertTrue(world.simulation().runUntil(honest::isDone, 4 * SECOND), () -> "" + honest.closed());
        world.simulation().run(60 * SECOND);
        assertEquals(0, endpoint.closedCount(), "they are forgotten in time");
        assertEquals(0, world.server().armedTimers());
    }

    private static byte[] closesItself(RawClient client, int how) {
        return switch (how) {
            case 0 ->
                client.seal(
                        PacketType.INITIAL,
                        w -> FrameCodec.writeConnectionClose(w, new Frame.ConnectionClose(0, 0, "", false)));
            case 1 ->
                client.seal(PacketType.INITIAL, FrameCodec::writePing, header -> header[0] = (byte) (header[0] | 0x04));
            case 2 -> client.seal(PacketType.INITIAL, FrameCodec::writeHandshakeDone);
            default -> throw new IllegalArgumentException("kind " + how);
        };
    }

    /** Each kind alone makes the server busy, and where no Retry is allowed is dropped above the cap. */
    @Test
    void eachWayToCloseAtOnceCountsAsHalfOpen() {
        for (int how = 0; how < 3; how++) {
            World world = new World(
                    17, config -> config.maxHalfOpen(32).retry(RetryMode.NEVER), LinkProfile.clean(1_000_000, 0, 1000));
            for (int i = 0; i < 200; i++) {
                RawClient spoofer = world.newRawClient();
                spoofer.sendDatagram(closesItself(spoofer, how));
            }
            world.simulation().run(SECOND / 10);
            int kind = how;
            assertEquals(32, world.connections().size(), () -> "kind " + kind);
            assertEquals(32, world.server().endpoint().closedCount(), () -> "kind " + kind);
            assertEquals(0, world.server().endpoint().connectionCount(), () -> "kind " + kind);
            world.simulation().run(10 * SECOND);
            assertEquals(0, world.server().endpoint().closedCount(), () -> "kind " + kind);
        }
    }

    /** Who proves its address and closes, again and again, makes the server remember no more than it is set to. */
    @Test
    void tombstonesAreCapped() {
        World world = new World(18, config -> config.maxTombstones(4), LinkProfile.clean(1_000_000, 0, 1000));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(world.rawClientConnected());
        }
        for (RawClient client : clients) {
            client.send(
                    PacketType.ONE_RTT,
                    w -> FrameCodec.writeConnectionClose(w, new Frame.ConnectionClose(0, 0, "", false)));
        }
        world.simulation().run(SECOND / 50);
        assertEquals(4, world.server().endpoint().closedCount());
        assertEquals(4, world.server().armedTimers());
        assertEquals(
                16,
                world.connections().stream()
                        .filter(c -> c.state() == Connection.State.CLOSED)
                        .count(),
                "the eldest are forgotten first");
    }

    /** A closed connection keeps to the three times, however small the datagrams are that make it speak. */
    @Test
    void anUnvalidatedAddressGetsAtMostThreeTimesWhatItSentAlsoAfterTheClose() {
        World world = new World(19);
        RawClient spoofer = world.newRawClient();
        spoofer.reacts(false);
        spoofer.send(PacketType.INITIAL, FrameCodec::writeHandshakeDone);
        world.simulation().run(SECOND / 100);
        assertTrue(spoofer.datagramsReceived() > 0, "the server must have said that it closes");
        long closes = spoofer.datagramsReceived();
        byte[] tiny = new byte[22];
        tiny[0] = 0x40;
        System.arraycopy(spoofer.originalDestination().toBytes(), 0, tiny, 1, 8);
        for (int i = 0; i < 2000; i++) {
            spoofer.sendDatagram(tiny);
            if (i % 10 == 0) {
                world.simulation().run(SECOND / 10_000);
            }
            assertTrue(
                    world.server().bytesOut() <= 3 * spoofer.bytesSent(),
                    () -> world.server().bytesOut() + " bytes for " + spoofer.bytesSent());
        }
        world.simulation().run(SECOND / 100);
        assertTrue(spoofer.datagramsReceived() > closes, "it must have been tempted");
    }

    /** The same flood where no Retry is allowed: the cap drops what is above it, and time makes room. */
    @Test
    void withoutRetryAFloodIsDroppedAboveTheCap() {
        World world = new World(
                4, config -> config.maxHalfOpen(32).retry(RetryMode.NEVER), LinkProfile.clean(1_000_000, 0, 100_000));
        for (int i = 0; i < 200; i++) {
            world.silentRawClient();
        }
        world.simulation().run(SECOND / 10);
        assertEquals(32, world.server().endpoint().halfOpenCount());
        world.simulation().run(60 * SECOND);
        assertEquals(0, world.server().endpoint().halfOpenCount());
    }

    /** CVE-2026-18798, CVE-2026-42764: tokens that are no tokens of ours. */
    @Test
    void malformedTokensNeitherValidateNorBreakAnything() {
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            World world = new World(5000 + i);
            RawClient client = world.newRawClient();
            byte[] token = new byte[i < 150 ? i : random.nextInt(600)];
            random.nextBytes(token);
            if (token.length > 0 && i % 3 == 0) {
                // What the first byte of a token of ours may be.
                token[0] = (byte) (i / 3 % 4);
            }
            client.token(token);
            client.reacts(false);
            client.start(
                    world.clientTls(),
                    SimulationIdentity.NAME,
                    client.parameters().build().encode());
            int seed = 5000 + i;
            for (int j = 0; j < 20; j++) {
                world.simulation().run(SECOND / 10);
                assertTrue(world.server().bytesOut() <= 3 * client.bytesSent(), () -> "seed " + seed);
            }
            SimHost host = world.newClientHost(LinkProfile.USUAL);
            Bulk.Client honest = new Bulk.Client(world.simulation()::now, 100);
            world.connect(host, honest);
            assertTrue(world.simulation().runUntil(honest::isDone, 5 * SECOND), () -> "seed " + seed);
        }
    }

    /** CVE-2024-1765: CRYPTO data with a hole at its start, or without end. */
    @Test
    void cryptoDataBeyondTheBufferIsRefusedAtEveryLevel() {
        World world = new World(6);
        RawClient client = world.rawClientConnected();
        for (int i = 0; i < 200 && client.closed() == null; i++) {
            long offset = 1 + i * 1000L;
            client.send(PacketType.ONE_RTT, w -> {
                FrameCodec.writeCryptoHeader(w, offset, 1000);
                w.zeros(1000);
            });
            world.simulation().run(SECOND / 1000 * 5);
        }
        assertClosed(client, TransportError.CRYPTO_BUFFER_EXCEEDED);

        World fresh = new World(7);
        RawClient early = fresh.newRawClient();
        for (int i = 0; i < 200 && early.closed() == null; i++) {
            long offset = 1 + i * 1000L;
            early.send(PacketType.INITIAL, w -> {
                FrameCodec.writeCryptoHeader(w, offset, 1000);
                w.zeros(1000);
            });
            fresh.simulation().run(SECOND / 1000 * 5);
        }
        assertClosed(early, TransportError.CRYPTO_BUFFER_EXCEEDED);

        World between = new World(20);
        RawClient unfinished = handshakeWithoutFinished(between);
        for (int i = 0; i < 200 && unfinished.closed() == null; i++) {
            long offset = 1 + i * 1000L;
            unfinished.send(PacketType.HANDSHAKE, w -> {
                FrameCodec.writeCryptoHeader(w, offset, 1000);
                w.zeros(1000);
            });
            between.simulation().run(SECOND / 1000 * 5);
        }
        assertClosed(unfinished, TransportError.CRYPTO_BUFFER_EXCEEDED);
    }

    private static RawClient handshakeWithoutFinished(World world) {
        RawClient client = world.newRawClient();
        client.withhold(PacketType.HANDSHAKE);
        client.start(
                world.clientTls(),
                SimulationIdentity.NAME,
                client.parameters().build().encode());
        assertTrue(world.simulation().runUntil(client::isComplete, SECOND), () -> "" + client.alert());
        Connection connection = world.lastConnection();
        assertNotNull(connection);
        assertEquals(Connection.State.HANDSHAKING, connection.state());
        return client;
    }

    /** The same in pieces: their number is a setting of its own. */
    @Test
    void cryptoDataInMorePiecesThanSetIsRefusedAtEveryLevel() {
        QuicConfig pieces = QuicConfig.builder().cryptoPieces(5).build();
        for (PacketType type : List.of(PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ONE_RTT)) {
            World world = new World(21, config -> config.server(pieces), LinkProfile.clean(1_000_000, 0, 1000));
            RawClient client = switch (type) {
                case INITIAL -> world.newRawClient();
                case HANDSHAKE -> handshakeWithoutFinished(world);
                default -> world.rawClientConnected();
            };
            for (int i = 1; i <= 6; i++) {
                assertNull(client.closed(), () -> "" + type);
                int offset = 2 * i;
                client.send(type, w -> {
                    FrameCodec.writeCryptoHeader(w, offset, 1);
                    w.u8(0);
                });
                world.simulation().run(SECOND / 100);
            }
            assertClosed(client, TransportError.CRYPTO_BUFFER_EXCEEDED);
        }
    }

    /** CVE-2023-49295: many challenges a packet, with acknowledgements withheld. */
    @Test
    void aFloodOfPathChallengesIsNotQueued() {
        World world = new World(8);
        RawClient client = world.rawClientConnected();
        client.acknowledge(false);
        long before = world.server().bytesOut();
        long heap = 0;
        for (int i = 0; i < 2000; i++) {
            if (i == 200) {
                heap = FuzzCampaign.heap(); // by now everything is loaded and at its size
            }
            long salt = i * 1000L;
            client.send(PacketType.ONE_RTT, w -> {
                for (int j = 0; j < 120; j++) {
                    FrameCodec.writePathChallenge(w, salt + j);
                }
            });
            world.simulation().run(SECOND / 10_000);
        }
        world.simulation().run(SECOND);
        // The congestion window, probes and plain ACKs bound it: nowhere near the 240,000 answers.
        int answers = client.received(Frame.PathResponse.class).size();
        assertTrue(answers > 0 && answers < 20_000, () -> "answers " + answers);
        long sent = world.server().bytesOut() - before;
        assertTrue(sent < 400_000, () -> "bytes " + sent);
        // 216,000 challenges remembered would be 3 MB at the least, and this counts what the attacker itself keeps.
        long grown = FuzzCampaign.heap() - heap;
        assertTrue(grown < 2 << 20, () -> grown + " bytes for " + answers + " answers");
    }

    /** CVE-2024-22189: a rising Retire Prior To with the acknowledgements of RETIRE_CONNECTION_ID withheld. */
    @Test
    void risingRetirePriorToIsBounded() {
        World world = new World(9);
        RawClient client = world.rawClientConnected();
        client.acknowledge(false);
        Random random = new Random(9);
        for (int i = 1; i <= 3000 && client.closed() == null; i++) {
            int sequence = i;
            client.send(PacketType.ONE_RTT, w -> {
                byte[] token = new byte[16];
                random.nextBytes(token);
                byte[] id = new byte[8];
                random.nextBytes(id);
                FrameCodec.writeNewConnectionId(w, sequence, sequence, ConnectionId.of(id), token);
            });
            world.simulation().run(SECOND / 10_000);
        }
        world.simulation().run(SECOND / 10);
        assertClosed(client, TransportError.CONNECTION_ID_LIMIT_ERROR);
    }

    /** CVE-2026-25800 and its like: one byte of a stream at a time, with gaps between, of several connections. */
    @Test
    void fragmentsOfOneByteCostBoundedWorkAndMemory() {
        World world = new World(10);
        int gaps = 100_000;
        int first = Long.BYTES; // the request is not among them
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(world.rawClientConnected());
            clients.get(i).keepFrames(false);
        }
        world.rawClientConnected().send(PacketType.ONE_RTT, w -> {
            FrameCodec.writeStreamHeader(w, 0, 100, 1, false, false); // so that all is loaded
            w.u8(1);
        });
        world.simulation().run(SECOND / 10);
        long heap = FuzzCampaign.heap();
        long start = System.nanoTime();
        for (RawClient client : clients) {
            for (int i = 0; i < gaps; i += 100) {
                int sent = i;
                client.send(PacketType.ONE_RTT, w -> {
                    for (int j = 1; j <= 100; j++) {
                        // From the far end to the near one: the worst order for a sorted list.
                        FrameCodec.writeStreamHeader(w, 0, first + 2L * (gaps - sent - j), 1, false, false);
                        w.u8(1);
                    }
                });
                world.simulation().run(SECOND / 10_000);
            }
        }
        world.simulation().run(SECOND / 10);
        long seconds = (System.nanoTime() - start) / SECOND;
        assertTrue(seconds < 20, () -> seconds + " s");
        // The window, a bit for each of its bytes, and its rounding up to chunks; an entry a gap would be 16 MB at
        // least.
        long bound = clients.size() * (300L << 10) + (3 << 20);
        long grown = FuzzCampaign.heap() - heap;
        assertTrue(grown < bound, () -> grown + " bytes, more than " + bound);
        for (RawClient client : clients) {
            assertNull(client.closed(), "gaps within the window are no fault");
        }
        for (Connection connection : world.connections()) {
            assertEquals(Connection.State.ESTABLISHED, connection.state());
        }
        RawClient filling = clients.getFirst();
        filling.keepFrames(true);
        int end = first + 2 * gaps;
        for (int at = 0; at < end; at += 1000) {
            int offset = at;
            int length = Math.min(1000, end - at);
            filling.send(PacketType.ONE_RTT, w -> {
                FrameCodec.writeStreamHeader(w, 0, offset, length, offset + length == end, false);
                w.zeros(length);
            });
            world.simulation().run(SECOND / 10_000);
        }
        world.simulation().run(SECOND / 10);
        assertTrue(
                filling.received(Frame.Stream.class).stream().anyMatch(Frame.Stream::fin),
                "the request for nothing must have been read to its end and answered");
    }

    /** CVE-2026-75804: the connection's window is the sum over its streams, holes included. */
    @Test
    void flowControlHoldsAcrossStreams() {
        QuicConfig windows = QuicConfig.builder()
                .connectionWindow(1L << 20)
                .streamWindow(256L << 10)
                .build();
        World world = new World(11, config -> config.server(windows), LinkProfile.clean(1_000_000, 0, 1000));
        RawClient client = world.rawClientConnected();
        long nearlyAll = (256L << 10) - 1;
        client.send(PacketType.ONE_RTT, w -> {
            for (long stream = 0; stream < 16; stream += 4) {
                FrameCodec.writeStreamHeader(w, stream, nearlyAll, 1, false, false);
                w.u8(1);
            }
        });
        world.simulation().run(SECOND / 10);
        assertNull(client.closed(), "four stream windows fit the connection's");
        client.send(PacketType.ONE_RTT, w -> {
            FrameCodec.writeStreamHeader(w, 16, nearlyAll, 1, false, false);
            w.u8(1);
        });
        world.simulation().run(SECOND / 10);
        assertClosed(client, TransportError.FLOW_CONTROL_ERROR);
    }

    /** quicly 2026-01: a reset's final size counts, and may not lie beyond the window or change. */
    @Test
    void finalSizesOfResetsAreChecked() {
        World world = new World(15);
        RawClient beyond = world.rawClientConnected();
        beyond.send(PacketType.ONE_RTT, w -> FrameCodec.writeResetStream(w, 0, 0, (256L << 10) + 1));
        world.simulation().run(SECOND / 10);
        assertClosed(beyond, TransportError.FLOW_CONTROL_ERROR);
        RawClient changing = world.rawClientConnected();
        changing.send(PacketType.ONE_RTT, w -> {
            FrameCodec.writeStreamHeader(w, 0, 100, 10, false, false);
            w.zeros(10);
            FrameCodec.writeResetStream(w, 0, 0, 50);
        });
        world.simulation().run(SECOND / 10);
        assertClosed(changing, TransportError.FINAL_SIZE_ERROR);
    }

    /** Optimistic acknowledgements: of what was never sent. */
    @Test
    void acknowledgingWhatWasNotSentIsRefused() {
        World world = new World(12);
        RawClient client = world.rawClientConnected();
        client.send(PacketType.ONE_RTT, w -> FrameCodec.writeAck(w, 0, new long[] {0, 1_000_000}, 0, 1, -1, -1, -1));
        world.simulation().run(SECOND / 10);
        assertClosed(client, TransportError.PROTOCOL_VIOLATION);
    }

    /** A closed connection answers less and less often, and a draining one not at all. */
    @Test
    void aFloodAfterTheCloseIsAnsweredRarely() {
        World world = new World(13);
        RawClient client = world.rawClientConnected();
        client.send(PacketType.ONE_RTT, FrameCodec::writeHandshakeDone);
        world.simulation().run(SECOND / 100);
        assertClosed(client, TransportError.PROTOCOL_VIOLATION);
        long before = client.datagramsReceived();
        for (int i = 0; i < 1000; i++) {
            client.send(PacketType.ONE_RTT, FrameCodec::writePing);
        }
        world.simulation().run(SECOND / 100);
        long answers = client.datagramsReceived() - before;
        assertTrue(answers <= 12, () -> answers + " answers");
        world.simulation().run(60 * SECOND);
        assertEquals(0, world.server().endpoint().connectionCount());
        assertEquals(0, world.server().armedTimers());
    }

    /** Nothing of the above is a matter of the honest: a well-behaved raw client stays connected. */
    @Test
    void aRawClientThatBehavesIsNotClosed() {
        World world = new World(14);
        RawClient client = world.rawClientConnected();
        client.send(PacketType.ONE_RTT, FrameCodec::writePing);
        world.simulation().run(SECOND / 10);
        assertNull(client.closed());
        assertEquals(1, client.received(Frame.HandshakeDone.class).size());
    }

    private static void assertClosed(RawClient client, TransportError error) {
        Frame.ConnectionClose close = client.closed();
        assertNotNull(close, "the server did not close");
        assertEquals(error.code(), close.errorCode(), close::toString);
    }
}

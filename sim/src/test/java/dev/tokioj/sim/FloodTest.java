package dev.tokioj.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.endpoint.RetryMode;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Attacks that need no connection: what a server sends to addresses that have proved nothing, and what it keeps for them. */
@Isolated // looks at the heap
final class FloodTest {
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
}

package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameCodec;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationTest {
    private static final InetSocketAddress OTHER_PORT = Pair.address(1, 2222);
    private static final InetSocketAddress OTHER_HOST = Pair.address(5, 5555);

    /** A NAT gives the client this address from now on, and forwards what is sent there. */
    private static void rebind(Pair pair, InetSocketAddress to) {
        pair.network = d -> {
            if (d.toServer()) {
                return d.from(to);
            }
            return d.to().equals(to) ? d : null; // the old mapping is gone
        };
    }

    @Test
    void aRebindingInTheMiddleOfATransferIsSurvived() {
        for (InetSocketAddress to : List.of(OTHER_PORT, OTHER_HOST)) {
            var pair = new Pair(1);
            pair.prepare = app -> app.echo = true;
            TestApp client = pair.connected();
            byte[] data = new byte[2_000_000];
            pair.random.nextBytes(data);
            long id = client.send(true, data);
            pair.runFor(30 * Pair.MILLI);
            rebind(pair, to);
            pair.run(() -> client.finished(id));
            assertArrayEquals(data, client.received(id));
            Connection server = pair.server.app().connection();
            assertEquals(to, server.path().remote());
            assertNull(client.closed);
        }
    }

    @Test
    void theApplicationSeesTheOldAddressUntilTheNewOneIsProved() {
        var pair = new Pair(2);
        TestApp client = pair.connected();
        Connection server = pair.server.app().connection();
        // The client's packets seem to come from elsewhere, and nothing reaches that place.
        pair.network = d -> d.toServer() ? d.from(OTHER_HOST) : d.to().equals(OTHER_HOST) ? null : d;
        client.connection().ping();
        pair.runFor(15 * Pair.MILLI);
        assertEquals(OTHER_HOST, Forge.transport(server).paths.active().net().remote());
        assertEquals(Pair.CLIENT, server.path().remote());
        pair.network = d -> d;
        pair.runFor(20 * Pair.SECOND);
        assertEquals(Pair.CLIENT, server.path().remote(), "back on the path that was proved");
        assertEquals(Pair.CLIENT, Forge.transport(server).paths.active().net().remote());
        assertNull(pair.server.app().closed);
    }

    @Test
    void anUnprovedAddressGetsThreeTimesWhatItSent() {
        var pair = new Pair(3);
        TestApp client = pair.connected();
        pair.server.app().send(false, new byte[1_000_000]);
        pair.runFor(5 * Pair.MILLI);
        long[] bytes = new long[2];
        pair.network = d -> {
            if (d.toServer()) {
                bytes[0] += d.bytes().length;
                return d.from(OTHER_HOST);
            }
            if (d.to().equals(OTHER_HOST)) {
                bytes[1] += d.bytes().length;
                assertTrue(bytes[1] <= 3 * bytes[0], bytes[1] + " sent for " + bytes[0]);
            }
            return null;
        };
        client.connection().ping();
        pair.runFor(Pair.SECOND);
        assertTrue(bytes[1] > 0, "the new address is asked");
    }

    @Test
    void aStormOfAddressesIsBounded() {
        var pair = new Pair(4);
        TestApp client = pair.connected();
        Connection c = client.connection();
        Connection server = pair.server.app().connection();
        for (int i = 0; i < 200; i++) {
            pair.inject(Forge.oneRtt(c, pair.now, FrameCodec::writePing), Pair.address(20, 1000 + i), Pair.SERVER);
        }
        long dropped = server.stats().packetsDropped();
        pair.runFor(Pair.MILLI);
        assertEquals(200 - 4, server.stats().packetsDropped() - dropped);
        pair.network = d -> d.toServer() || d.to().equals(Pair.CLIENT) ? d : null;
        pair.runFor(10 * Pair.SECOND);
        long id = client.send(true, new byte[100]);
        pair.run(() -> pair.server.app().finished(id));
        assertEquals(Pair.CLIENT, server.path().remote());
    }

    @Test
    void migrationThatIsNotAllowedIsIgnored() {
        var config = QuicConfig.builder().activeMigration(false).build();
        var pair = new Pair(5, QuicConfig.defaults(), config, EndpointConfig.builder());
        TestApp client = pair.connected();
        Connection server = pair.server.app().connection();
        assertFalse(client.connection().migrate(pair.now, new NetPath(1, OTHER_HOST, Pair.SERVER)));
        pair.inject(Forge.oneRtt(client.connection(), pair.now, FrameCodec::writePing), OTHER_HOST, Pair.SERVER);
        pair.settle();
        assertEquals(Pair.CLIENT, Forge.transport(server).paths.active().net().remote());
        assertTrue(server.stats().packetsDropped() > 0);
        rebind(pair, OTHER_PORT);
        client.connection().ping();
        pair.settle();
        assertEquals(OTHER_PORT, server.path().remote(), "a rebinding is no migration");
    }

    @Test
    void aClientMovesWithAFreshConnectionIdAndRetiresTheOld() {
        var pair = new Pair(6);
        pair.prepare = app -> app.echo = true;
        TestApp client = pair.connected();
        Connection c = client.connection();
        Connection server = pair.server.app().connection();
        ConnectionId before = Forge.transport(c).paths.active().cid().id();
        ConnectionId clientsBefore =
                Forge.transport(server).paths.active().cid().id();
        var moved = new NetPath(0, OTHER_HOST, Pair.SERVER);
        // The test's sockets are told apart by the connection's own idea of its path.
        pair.network = d -> {
            if (!d.toServer()) {
                return d;
            }
            byte[] cid = new byte[8];
            System.arraycopy(d.bytes(), 1, cid, 0, 8);
            return ConnectionId.of(cid).equals(before) ? d : d.from(OTHER_HOST);
        };
        assertTrue(c.migrate(pair.now, moved));
        pair.settle();
        assertEquals(moved, c.path());
        assertEquals(OTHER_HOST, server.path().remote());
        assertNotEquals(before, Forge.transport(c).paths.active().cid().id());
        assertNotEquals(
                clientsBefore, Forge.transport(server).paths.active().cid().id(), "paths cannot be linked");
        long id = client.send(true, new byte[100_000]);
        pair.run(() -> client.finished(id));
        for (int i = 0; i < 10; i++) { // IDs come back as they are retired
            var next = new NetPath(0, i % 2 == 0 ? Pair.CLIENT : OTHER_HOST, Pair.SERVER);
            pair.network = d -> d.toServer() ? d.from(java.util.Objects.requireNonNull(next.local())) : d;
            assertTrue(c.migrate(pair.now, next), "move " + i);
            pair.settle();
            assertEquals(next, c.path());
        }
        assertNull(client.closed);
        assertNull(pair.server.app().closed);
    }

    @Test
    void aClientStaysWhereItIsIfTheNewPathIsDead() {
        var pair = new Pair(7);
        TestApp client = pair.connected();
        Connection c = client.connection();
        ConnectionId before = Forge.transport(c).paths.active().cid().id();
        List<byte[]> lost = new ArrayList<>();
        pair.network = d -> {
            if (d.toServer() && !startsWith(d.bytes(), before)) {
                lost.add(d.bytes());
                return null;
            }
            return d;
        };
        assertTrue(c.migrate(pair.now, new NetPath(1, OTHER_HOST, Pair.SERVER)));
        pair.runFor(5 * Pair.SECOND);
        assertTrue(lost.size() >= 3, "asked again and again: " + lost.size());
        assertEquals(Pair.CLIENT, c.path().local());
        assertNull(client.closed);
        assertEquals(1200, lost.get(0).length);
    }

    private static boolean startsWith(byte[] packet, ConnectionId id) {
        return id.matches(packet, 1, id.length());
    }
}

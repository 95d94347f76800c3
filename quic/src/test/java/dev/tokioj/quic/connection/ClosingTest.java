package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.path.RemoteCids;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.TransportError;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingTest {

    @Test
    void anApplicationsCloseReachesThePeerAndBothForget() {
        var pair = new Pair(1);
        TestApp client = pair.connected();
        Connection c = client.connection();
        c.close(42, "done");
        assertNull(client.closed, "told once it is sent");
        pair.settle();
        assertEquals(new CloseReason(CloseReason.Kind.LOCAL_APPLICATION, 42, -1, "done"), client.closed);
        assertEquals(new CloseReason(CloseReason.Kind.PEER_APPLICATION, 42, -1, "done"), pair.server.app().closed);
        assertEquals(0, pair.client.endpoint.connectionCount());
        assertEquals(0, pair.server.endpoint.connectionCount());
        pair.runFor(3 * Pair.SECOND);
        assertEquals(1, pair.client.released);
        assertEquals(1, pair.server.released);
        assertEquals(Connection.State.CLOSED, c.state());
        assertTrue(pair.client.timers.isEmpty() && pair.server.timers.isEmpty());
    }

    @Test
    void callsAfterTheCloseDoNothing() {
        var pair = new Pair(2);
        TestApp client = pair.connected();
        Connection c = client.connection();
        long id = client.send(true, new byte[10]);
        c.close(1, "");
        pair.settle();
        assertEquals(-1, c.openStream(true, dev.tokioj.quic.stream.StreamSink.NONE));
        assertEquals(0, c.write(id, new byte[5], 0, 5));
        c.finish(id);
        c.reset(id, 1);
        c.stopSending(id, 1);
        c.consumed(id, 1);
        c.release(id);
        c.ping();
        c.close(2, "again");
        assertEquals(1, client.closed == null ? -1 : client.closed.code());
        assertEquals("test", c.alpn());
        assertTrue(c.stats().packetsSent() > 0);
    }

    @Test
    void closingAnswersEverMoreRarelyAndDrainingNever() {
        var pair = new Pair(3);
        TestApp client = pair.connected();
        Connection server = pair.server.app().connection();
        byte[] packet = Forge.oneRtt(client.connection(), pair.now, FrameCodec::writePing);
        pair.network = d -> d.toServer() ? d : null; // the client never hears of it
        server.close(7, "");
        pair.runFor(Pair.MILLI);
        int before = pair.server.sentDatagrams;
        for (int i = 0; i < 100; i++) {
            pair.inject(packet, Pair.CLIENT, Pair.SERVER);
        }
        pair.runFor(Pair.MILLI);
        int answers = pair.server.sentDatagrams - before;
        assertTrue(answers >= 1 && answers <= 8, answers + " answers to 100 packets");

        var other = new Pair(4);
        TestApp otherClient = other.connected();
        byte[] late = Forge.oneRtt(otherClient.connection(), other.now, FrameCodec::writePing);
        otherClient.connection().close(7, "");
        other.runFor(20 * Pair.MILLI);
        int sent = other.server.sentDatagrams;
        other.inject(late, Pair.CLIENT, Pair.SERVER);
        other.runFor(Pair.MILLI);
        assertEquals(Connection.State.DRAINING, other.server.app().connection().state());
        assertEquals(sent, other.server.sentDatagrams);
    }

    @Test
    void closeDuringTheHandshakeHidesWhatTheApplicationSays() {
        var pair = new Pair(5);
        TestApp client = pair.connect();
        pair.run(() -> !pair.server.accepted.isEmpty() && pair.server.sentDatagrams > 0);
        pair.server.app().connection().close(99, "secret");
        pair.settle();
        CloseReason seen = client.closed;
        assertNotNull(seen);
        assertEquals(CloseReason.Kind.PEER_TRANSPORT, seen.kind());
        assertEquals(TransportError.APPLICATION_ERROR.code(), seen.code());
        assertEquals("", seen.reason());
        assertEquals(0, pair.server.endpoint.halfOpenCount());
    }

    @Test
    void idleTimeoutIsSilentAndTheLesserOfBoth() {
        var config = QuicConfig.builder().idleTimeout(2 * Pair.SECOND).build();
        var pair = new Pair(6, QuicConfig.defaults(), config, EndpointConfig.builder());
        TestApp client = pair.connected();
        int sent = pair.client.sentDatagrams + pair.server.sentDatagrams;
        pair.runFor(Pair.SECOND);
        assertNull(client.closed);
        pair.runFor(2 * Pair.SECOND);
        assertEquals(CloseReason.Kind.IDLE_TIMEOUT, client.closed == null ? null : client.closed.kind());
        CloseReason server = pair.server.app().closed;
        assertEquals(CloseReason.Kind.IDLE_TIMEOUT, server == null ? null : server.kind());
        assertEquals(sent, pair.client.sentDatagrams + pair.server.sentDatagrams);
        assertEquals(1, pair.client.released);
        assertEquals(1, pair.server.released);
    }

    @Test
    void keepAliveKeepsAlive() {
        var server = QuicConfig.builder().idleTimeout(2 * Pair.SECOND).build();
        var keep = QuicConfig.builder().keepAlive(Pair.SECOND / 2).build();
        var pair = new Pair(7, keep, server, EndpointConfig.builder());
        TestApp client = pair.connected();
        pair.runFor(20 * Pair.SECOND);
        assertNull(client.closed);
        assertNull(pair.server.app().closed);
    }

    @Test
    void handshakeTimeout() {
        var pair = new Pair(8);
        pair.network = d -> d.toServer() && d.order() > 0 ? null : d; // the client's first datagram alone gets through
        TestApp client = pair.connect(true);
        pair.runFor(6 * Pair.SECOND);
        assertEquals(CloseReason.Kind.HANDSHAKE_TIMEOUT, client.closed == null ? null : client.closed.kind());
        CloseReason server = pair.server.app().closed;
        assertEquals(CloseReason.Kind.HANDSHAKE_TIMEOUT, server == null ? null : server.kind());
        assertEquals(0, pair.server.endpoint.halfOpenCount());
        assertEquals(1, pair.server.released);
    }

    @Test
    void anApplicationsBugClosesOneConnection() {
        var pair = new Pair(9);
        pair.prepare = app -> app.failOnStream = true;
        TestApp first = pair.connected();
        pair.prepare = _ -> {};
        TestApp second = pair.connect();
        pair.run(() -> second.completed == 1);
        first.send(true, new byte[10]);
        pair.settle();
        assertEquals(TransportError.INTERNAL_ERROR.code(), first.closed == null ? -1 : first.closed.code());
        assertNull(second.closed);
        assertEquals(1, pair.server.endpoint.connectionCount());
    }

    @Test
    void endpointCloseTellsEveryone() {
        var pair = new Pair(10);
        TestApp client = pair.connected();
        pair.server.endpoint.close(pair.now, 5, "shutting down");
        pair.settle();
        assertEquals(
                CloseReason.Kind.ENDPOINT_CLOSED,
                pair.server.app().closed == null
                        ? null
                        : pair.server.app().closed.kind());
        assertEquals(new CloseReason(CloseReason.Kind.PEER_APPLICATION, 5, -1, "shutting down"), client.closed);
        TestApp late = pair.connect();
        pair.settle();
        assertEquals(0, late.completed);
        assertEquals(1, pair.server.accepted.size());
    }

    @Test
    void theCloseKeepsToThreeTimesWhatCameFromAnUnprovedAddress() {
        var net = new NetPath(0, Pair.SERVER, Pair.CLIENT);
        var other = new NetPath(0, Pair.SERVER, Pair.address(9, 9));
        var random = new SeededRandom(11);
        var path = new Path(net, new RemoteCids.Entry(0, ConnectionId.random(random, 8), null), random);
        path.limit().received(1200);
        path.limit().sent(2500); // before the close
        var closing = new Closing(new byte[1000], path, Long.MAX_VALUE, List.of(), List.of());
        Connection owner = new Pair(12).connected().connection();
        var out = new Transmit();
        assertTrue(closing.transmit(out, owner));
        long in = 1200;
        long sent = 3500;
        int answers = 0;
        for (int i = 0; i < 1000; i++) {
            closing.onReceived(20, net);
            closing.onReceived(1200, other); // what comes from elsewhere gives no credit here
            in += 20;
            while (closing.transmit(out, owner)) {
                sent += out.length;
                answers++;
            }
            assertTrue(sent <= 3 * in, sent + " bytes for " + in);
        }
        assertTrue(answers > 2 && answers <= 12, answers + " answers");
    }
}

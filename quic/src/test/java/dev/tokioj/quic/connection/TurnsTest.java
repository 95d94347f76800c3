package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.path.NetPath;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who sends when: connections take turns, and a handshake does not wait behind bulk. */
class TurnsTest {

    @Test
    void bulkTakesTurnsInBoundedBatchesAndHandshakesGoFirst() {
        var config = QuicConfig.builder()
                .streamWindow(8 << 20)
                .connectionWindow(8 << 20)
                .sendBuffer(4 << 20)
                .build();
        var pair = new Pair(1, config, config, EndpointConfig.builder());
        TestApp one = pair.connected();
        TestApp two = pair.connected();
        for (TestApp app : List.of(one, two)) {
            long id = app.send(false, new byte[4_000_000]); // lets the window grow
            pair.run(() -> app.sendComplete.contains(id));
        }
        pair.settle();
        one.send(false, new byte[4_000_000]);
        two.send(false, new byte[4_000_000]);
        TestApp three = pair.connect();
        var out = new Transmit();
        List<Connection> owners = new ArrayList<>();
        while (pair.client.endpoint.transmit(pair.now, out)) {
            assertTrue(out.length <= 65_507 && out.segments() <= 64, out.length + " bytes");
            if (out.owner != null) {
                owners.add(out.owner);
            }
        }
        assertSame(three.connection(), owners.getFirst());
        List<Connection> bulk =
                owners.stream().filter(c -> c != three.connection()).toList();
        assertTrue(bulk.size() >= 2, bulk.size() + " batches");
        assertNotSame(bulk.get(0), bulk.get(1));
        assertEquals(1, owners.stream().filter(c -> c == three.connection()).count());
    }

    @Test
    void aFullSocketStopsWhatGoesOutByItAndNothingElse() {
        var pair = new Pair(2);
        TestApp blocked = pair.connected();
        var other = new TestApp();
        pair.client.endpoint.block(0);
        blocked.send(false, new byte[10_000]);
        other.connection = pair.client.endpoint.connect(
                pair.now,
                QuicConfig.defaults(),
                TestTls.client(pair.random),
                "localhost",
                new NetPath(1, Pair.CLIENT, Pair.SERVER),
                other);
        var out = new Transmit();
        assertTrue(pair.client.endpoint.transmit(pair.now, out));
        assertSame(other.connection, out.owner);
        assertFalse(pair.client.endpoint.transmit(pair.now, out), "the other waits");
        // Whatever happens meanwhile, it waits: a timer, more to send.
        blocked.send(false, new byte[10]);
        pair.client.endpoint.onTimeout(pair.now, blocked.connection());
        assertFalse(pair.client.endpoint.transmit(pair.now, out));

        pair.client.dirty = false;
        pair.client.endpoint.unblock(0);
        assertTrue(pair.client.dirty, "the host is told");
        assertTrue(pair.client.endpoint.transmit(pair.now, out));
        assertSame(blocked.connection, out.owner);
    }

    @Test
    void whatIsClosedWhileItsSocketIsFullIsSaidWhenThereIsRoom() {
        var pair = new Pair(3);
        TestApp blocked = pair.connected();
        pair.client.endpoint.block(0);
        blocked.send(false, new byte[10_000]);
        var out = new Transmit();
        assertFalse(pair.client.endpoint.transmit(pair.now, out));
        pair.client.endpoint.close(pair.now, 0, "");
        assertFalse(pair.client.endpoint.transmit(pair.now, out));
        pair.client.endpoint.unblock(0);
        assertTrue(pair.client.endpoint.transmit(pair.now, out));
        assertFalse(pair.client.endpoint.transmit(pair.now, out), "one packet, that it closes");
        assertEquals(0, pair.client.endpoint.connectionCount());
    }
}

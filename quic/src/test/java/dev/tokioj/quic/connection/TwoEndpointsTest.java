package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TwoEndpointsTest {

    @Test
    void bothSidesCompleteAndAgree() {
        var pair = new Pair(1);
        TestApp client = pair.connected();
        TestApp server = pair.server.app();
        assertEquals(1, client.completed);
        assertEquals(1, server.completed);
        assertEquals(TestTls.ALPN, client.connection().alpn());
        assertEquals(TestTls.ALPN, server.connection().alpn());
        assertEquals(Connection.State.ESTABLISHED, client.connection().state());
        assertEquals(Connection.State.ESTABLISHED, server.connection().state());
        assertEquals(0, pair.server.endpoint.halfOpenCount());
        assertEquals(1, pair.server.endpoint.connectionCount());
        assertNull(client.closed);
        assertNotNull(client.connection().newToken());
    }

    @Test
    void aClientHelloOfTwoDatagramsInAnyOrder() {
        for (boolean swapped : new boolean[] {false, true}) {
            var pair = new Pair(2);
            if (swapped) {
                pair.network = d -> d.order() == 0
                        ? new Pair.Datagram(d.arrival() + Pair.MILLI, 9, d.bytes(), d.from(), d.to(), d.ecn())
                        : d;
            }
            TestApp client = pair.connect(true);
            pair.run(() -> client.completed == 1);
            pair.settle();
            assertEquals(1, pair.server.app().completed, "swapped " + swapped);
            assertEquals(1, pair.server.accepted.size(), "one connection");
        }
    }

    @Test
    void dataGoesBothWays() {
        var pair = new Pair(3);
        pair.prepare = app -> app.echo = true;
        TestApp client = pair.connected();
        byte[] data = new byte[3_000_000];
        pair.random.nextBytes(data);
        long id = client.send(true, data);
        pair.run(() -> client.finished(id));
        assertArrayEquals(data, client.received(id));
        assertArrayEquals(data, pair.server.app().received(id));
        pair.settle();
        assertTrue(client.sendComplete.contains(id));
        assertEquals(0, client.connection().stats().packetsLost());
    }
}

package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
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
}

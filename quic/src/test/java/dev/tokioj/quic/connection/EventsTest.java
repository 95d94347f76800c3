package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventsTest {

    @Test
    void aListenerHearsTheLifeOfAConnectionInOrder() {
        List<String> names = new ArrayList<>();
        List<QuicEvent> events = new ArrayList<>();
        var config = QuicConfig.builder()
                .listener((_, _, e) -> {
                    events.add(e);
                    names.add(e.getClass().getSimpleName());
                })
                .build();
        var pair = new Pair(1, config, QuicConfig.defaults(), EndpointConfig.builder());
        TestApp client = pair.connected();
        client.send(true, new byte[50_000]);
        pair.settle();
        client.connection().close(0, "");
        pair.settle();
        assertEquals("ConnectionStarted", names.getFirst());
        assertEquals("ConnectionClosed", names.getLast());
        int complete = names.indexOf("HandshakeComplete");
        int confirmed = names.indexOf("HandshakeConfirmed");
        assertTrue(complete > 0 && confirmed > complete, names.toString());
        assertTrue(names.contains("MetricsUpdated"));
        long sent =
                events.stream().filter(e -> e instanceof QuicEvent.PacketSent).count();
        assertEquals(client.connection().stats().packetsSent(), sent);
        long discarded = events.stream()
                .filter(e -> e instanceof QuicEvent.KeysDiscarded)
                .count();
        assertEquals(2, discarded);
    }
}

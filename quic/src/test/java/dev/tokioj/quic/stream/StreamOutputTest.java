package dev.tokioj.quic.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much may be written, who is told of room, and which stream's turn it is. */
class StreamOutputTest {
    private static final StreamsConfig WIDE = StreamsConfig.builder()
            .connectionWindow(1 << 20)
            .streamWindow(1 << 20)
            .build();

    @Test
    void writesAreBoundedByTheStreamsBufferAndRoomIsAnnounced() throws TransportException {
        Side[] sides = Side.pair(Side.SMALL, WIDE);
        long id = sides[0].open(true);
        assertEquals(4000, sides[0].streams.writableBytes(id));
        assertEquals(4000, sides[0].streams.write(id, new byte[5000], 0, 5000));
        assertEquals(0, sides[0].streams.writableBytes(id));
        assertEquals(0, sides[0].streams.write(id, new byte[1], 0, 1));
        assertThrows(IllegalArgumentException.class, () -> sides[0].streams.writeOwned(id, new byte[1], 0, 1));
        Side.settle(sides[0], sides[1], 0);
        assertEquals(List.of("writable 0"), sides[0].events);
        assertEquals(4000, sides[0].streams.writableBytes(id));
    }

    @Test
    void allStreamsShareTheConnectionsBuffer() throws TransportException {
        Side[] sides = Side.pair(Side.SMALL, WIDE);
        Side side = sides[0];
        long[] ids = new long[4];
        int taken = 0;
        for (int i = 0; i < 4; i++) {
            ids[i] = side.open(true);
            taken += side.streams.write(ids[i], new byte[4000], 0, 4000);
        }
        assertEquals(10_000, taken);
        assertEquals(10_000, side.streams.buffered());
        assertEquals(0, side.streams.writableBytes(ids[3]));
        Side.settle(sides[0], sides[1], 0);
        assertEquals(List.of("writable 8", "writable 12"), side.events, "in the order in which they wait");
        assertEquals(0, side.streams.buffered());
        side.events.clear();
        side.streams.awaitWritable(ids[0]);
        side.streams.deliverEvents();
        assertEquals(List.of("writable 0"), side.events);
    }

    @Test
    void aReaderThatStopsPinsNoMoreThanTheBuffer() throws TransportException {
        Side[] sides = Side.pair(Side.SMALL, Side.SMALL);
        long id = sides[0].open(true);
        long now = 0;
        for (int i = 0; i < 100; i++) {
            sides[0].streams.write(id, new byte[1000], 0, 1000);
            now = Side.settle(sides[0], sides[1], now);
        }
        assertTrue(sides[0].streams.buffered() <= 4000);
        assertEquals(1000, sides[1].inbox(id).bytes.size());
    }

    @Test
    void urgentStreamsGoFirstAndOthersTakeTurns() throws TransportException {
        Side[] sides = Side.pair(WIDE, WIDE);
        long low = sides[0].open(true);
        long a = sides[0].open(true);
        long b = sides[0].open(true);
        sides[0].streams.setPriority(low, 7, true);
        for (long id : new long[] {low, a, b}) {
            sides[0].streams.write(id, new byte[20_000], 0, 20_000);
        }
        for (int i = 0; i < 10; i++) {
            Side.Packet packet = sides[0].send(0);
            assertTrue(packet != null);
            sides[1].receive(packet, 1);
        }
        assertFalse(sides[1].inboxes.containsKey(low));
        int difference =
                sides[1].inbox(a).bytes.size() - sides[1].inbox(b).bytes.size();
        assertTrue(Math.abs(difference) <= 1200, "difference " + difference);
        assertThrows(IllegalArgumentException.class, () -> sides[0].streams.setPriority(a, 8, true));
    }
}

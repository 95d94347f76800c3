package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.memory.ReadAhead;
import org.junit.jupiter.api.Test;

/** What is read ahead of a connection's packets, and for how long it is kept. */
class ReadAheadTest {

    @Test
    void theListIsMadeFirstReadThenAndGivenBackByAQuietConnection() {
        var pair = new Pair(1);
        TestApp app = pair.connected();
        Connection c = app.connection();
        assertEquals(0, c.prefetchSize());
        c.prefetch();
        int size = c.prefetchSize();
        assertTrue(size > 50, size + " objects");
        c.prefetch();
        assertEquals(size, c.prefetchSize());

        long id = app.send(false, new byte[10_000]);
        pair.run(() -> app.sendComplete.contains(id));
        c.prefetch();
        assertEquals(size, c.prefetchSize(), "what was collected is kept a while");

        pair.runFor(2 * Pair.SECOND);
        assertEquals(0, c.prefetchSize(), "a quiet connection keeps no list");
    }

    @Test
    void theListIsMadeAnewNowAndThen() {
        var pair = new Pair(2);
        TestApp app = pair.connected();
        Connection c = app.connection();
        pair.runFor(2 * Pair.SECOND);
        c.prefetch(); // made while the connection rests: without its ciphers
        int resting = c.prefetchSize();
        long id = app.send(false, new byte[100]);
        pair.run(() -> app.sendComplete.contains(id));
        for (int i = 0; i <= ReadAhead.MAX_READS; i++) {
            assertEquals(resting, c.prefetchSize());
            c.prefetch();
        }
        assertTrue(c.prefetchSize() > resting, resting + " to " + c.prefetchSize());
    }

    @Test
    void aClosedConnectionHasNone() {
        var pair = new Pair(3);
        Connection c = pair.connected().connection();
        c.prefetch();
        c.close(0, "");
        pair.settle();
        assertEquals(0, c.prefetchSize());
        assertEquals(0, c.prefetch());
        assertEquals(0, c.prefetchSize());
    }
}

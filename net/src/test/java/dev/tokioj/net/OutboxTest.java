package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.path.NetPath;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a full socket cannot take goes out later: all of it, once, in order. */
class OutboxTest {
    private static final NetPath PATH = new NetPath(0, null, Loopback.v4(1));

    /** A kernel buffer of so many segments. */
    private int room;

    private final List<Byte> sent = new ArrayList<>();
    private final Outbox outbox = new Outbox(this::take);

    private int take(Transmit batch, int from) {
        int taken = 0;
        while (room > 0 && from + taken < batch.length) {
            sent.add(batch.buf[from + taken]);
            taken += Math.min(batch.segmentSize, batch.length - from - taken);
            room--;
        }
        return taken;
    }

    /** Segments of 10 bytes that begin with their numbers; the last has 5. */
    private static Transmit batch(Transmit into, int... numbers) {
        for (int i = 0; i < numbers.length; i++) {
            into.buf[i * 10] = (byte) numbers[i];
        }
        into.set(numbers.length * 10 - 5, 10, PATH, 0, null);
        return into;
    }

    private void assertSent(int... numbers) {
        List<Byte> expected = new ArrayList<>();
        for (int number : numbers) {
            expected.add((byte) number);
        }
        assertEquals(expected, sent);
    }

    @Test
    void sendsWhatFitsAndGivesTheBatchBack() {
        room = 3;
        Transmit first = batch(new Transmit(), 1, 2, 3);
        assertSame(first, outbox.send(first));
        assertSent(1, 2, 3);
        assertTrue(outbox.sendKept());
    }

    @Test
    void keepsWhatDoesNotFitAndSendsItFirst() {
        room = 1;
        Transmit first = batch(new Transmit(), 1, 2, 3);
        Transmit free = outbox.send(first);
        assertNotSame(first, free);
        assertTrue(outbox.isFull());

        Transmit another = outbox.send(batch(free, 4, 5));
        assertTrue(outbox.isFull());
        assertSame(another, outbox.send(batch(another, 99)), "lost: nothing holds more than two batches");

        assertFalse(outbox.sendKept());
        room = 1;
        assertFalse(outbox.sendKept());
        room = 2;
        assertFalse(outbox.sendKept());
        room = 5;
        assertTrue(outbox.sendKept());
        assertFalse(outbox.isFull());
        assertSame(another, outbox.send(batch(another, 6)));
        assertSent(1, 2, 3, 4, 5, 6);
    }
}

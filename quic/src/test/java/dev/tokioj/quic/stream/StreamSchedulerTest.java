package dev.tokioj.quic.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamSchedulerTest {
    private final StreamScheduler scheduler = new StreamScheduler();

    private Stream stream(long id, int urgency, boolean incremental) {
        Stream stream = new Stream(id, null, null);
        scheduler.prioritize(stream.fresh, urgency, incremental);
        scheduler.set(stream.fresh, true);
        return stream;
    }

    private List<Long> turns(int n) {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Stream stream = scheduler.peek();
            if (stream == null) {
                break;
            }
            ids.add(stream.id);
            scheduler.onSent(stream.fresh);
        }
        return ids;
    }

    @Test
    void incrementalStreamsTakeTurns() {
        stream(0, 3, true);
        stream(4, 3, true);
        stream(8, 3, true);
        assertEquals(List.of(0L, 4L, 8L, 0L, 4L), turns(5));
    }

    @Test
    void othersAreServedOneAfterTheOther() {
        Stream first = stream(0, 3, false);
        stream(4, 3, false);
        assertEquals(List.of(0L, 0L), turns(2));
        scheduler.set(first.fresh, false);
        assertEquals(List.of(4L, 4L), turns(2));
    }

    @Test
    void lessUrgentStreamsWait() {
        Stream urgent = stream(0, 0, true);
        stream(4, 7, true);
        assertEquals(List.of(0L, 0L), turns(2));
        scheduler.prioritize(urgent.fresh, 7, true);
        assertEquals(List.of(4L, 0L, 4L), turns(3));
    }

    @Test
    void anIdleSchedulerHasNobody() {
        assertNull(scheduler.peek());
        Stream stream = stream(0, 3, true);
        scheduler.set(stream.fresh, false);
        scheduler.set(stream.fresh, false);
        assertNull(scheduler.peek());
        assertTrue(scheduler.isEmpty());
    }

    @Test
    void theTableFindsWhatAMapFinds() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            StreamTable table = new StreamTable(random.nextLong());
            Map<Long, Stream> model = new HashMap<>();
            for (int step = 0; step < 5000; step++) {
                long id = random.nextInt(random.nextBoolean() ? 300 : 4000);
                if (model.containsKey(id)) {
                    if (random.nextBoolean()) {
                        table.remove(model.remove(id));
                    }
                } else if (random.nextBoolean()) {
                    Stream stream = new Stream(id, null, null);
                    table.add(stream);
                    model.put(id, stream);
                }
                long other = random.nextInt(4000);
                assertEquals(model.get(other), table.get(other), "seed " + seed);
                assertEquals(model.size(), table.size(), "seed " + seed);
            }
            List<Stream> all = new ArrayList<>();
            table.forEach(all::add);
            assertEquals(model.size(), all.size(), "seed " + seed);
        }
    }

    @Test
    void aQueueHoldsAStreamOnce() {
        StreamQueue queue = new StreamQueue();
        Stream a = new Stream(0, null, null);
        Stream b = new Stream(4, null, null);
        queue.add(a.control);
        queue.add(b.control);
        queue.add(a.control);
        assertEquals(a, queue.poll());
        queue.add(a.control);
        assertEquals(b, queue.poll());
        assertEquals(a, queue.poll());
        assertNull(queue.poll());
        assertTrue(queue.isEmpty());
    }
}

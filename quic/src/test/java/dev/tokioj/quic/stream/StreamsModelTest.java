package dev.tokioj.quic.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many streams both ways over a link that loses, delays, duplicates and reorders; every byte must come, and everything end. */
class StreamsModelTest {
    private static final long MS = 1_000_000;

    @Test
    void everyByteOfEveryStreamArrives() throws TransportException {
        for (long seed = 1; seed <= 25; seed++) {
            new Run(seed).play();
        }
    }

    private static final class Run {
        final long seed;
        final Random random;
        final Side[] sides;
        // Arrival time (made unique) to (side, packet).
        final TreeMap<Long, Object[]> link = new TreeMap<>();
        final List<Map<Long, byte[]>> toSend = maps();
        final List<Map<Long, Integer>> written = maps();
        final List<Map<Long, byte[]>> allSent = maps();
        final List<Map<Long, Integer>> consumed = maps();
        final List<Long> resets = new ArrayList<>();
        final int lossPercent;
        final int streamsWanted;
        int opened;
        long now;
        long sequence;

        private static <T> List<Map<Long, T>> maps() {
            return List.of(new HashMap<Long, T>(), new HashMap<Long, T>());
        }

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.lossPercent = random.nextInt(25);
            this.streamsWanted = 5 + random.nextInt(60);
            this.sides = Side.pair(config(), config());
        }

        private StreamsConfig config() {
            return StreamsConfig.builder()
                    .connectionWindow(3000 + random.nextInt(30_000))
                    .maxConnectionWindow(100_000)
                    .streamWindow(1000 + random.nextInt(20_000))
                    .maxStreamWindow(60_000)
                    .maxBidiStreams(1 + random.nextInt(10))
                    .maxUniStreams(1 + random.nextInt(4))
                    .sendBuffer(500 + random.nextInt(20_000))
                    .connectionSendBuffer(20_500 + random.nextInt(30_000))
                    .build();
        }

        void play() throws TransportException {
            int steps = 0;
            while (opened < streamsWanted || anyOpen()) {
                now += MS / 2 + random.nextInt(1000);
                for (int s = 0; s < 2; s++) {
                    sides[s].timeout(now);
                    open(s);
                    write(s);
                    consume(s);
                    transmit(s);
                }
                deliver();
                assertTrue(++steps < 400_000, () -> "seed " + seed + " hangs: " + state());
            }
            check();
        }

        private String state() {
            return "opened " + opened + " of " + streamsWanted + ", left " + sides[0].streams.count() + " and "
                    + sides[1].streams.count() + ", to write " + toSend.get(0).keySet()
                    + toSend.get(1).keySet() + ", buffered "
                    + sides[0].streams.buffered() + " and " + sides[1].streams.buffered();
        }

        private boolean anyOpen() {
            return sides[0].streams.count() + sides[1].streams.count() > 0;
        }

        private void open(int s) {
            if (opened >= streamsWanted || random.nextInt(4) > 0) {
                return;
            }
            long id = sides[s].open(random.nextInt(3) > 0);
            if (id >= 0) {
                opened++;
                plan(s, id);
            }
        }

        private void plan(int s, long id) {
            byte[] data = new byte[random.nextInt(3) == 0 ? random.nextInt(60_000) : random.nextInt(3000)];
            random.nextBytes(data);
            toSend.get(s).put(id, data);
            written.get(s).put(id, 0);
            allSent.get(s).put(id, data);
        }

        private void write(int s) {
            Side side = sides[s];
            // Streams that the peer opened are answered.
            for (String event : List.copyOf(side.events)) {
                if (event.startsWith("stream ")) {
                    long id = Long.parseLong(event.substring(7));
                    if (StreamId.isBidirectional(id)) {
                        plan(s, id);
                    }
                }
            }
            side.events.clear();
            for (Map.Entry<Long, byte[]> e : List.copyOf(toSend.get(s).entrySet())) {
                long id = e.getKey();
                byte[] data = e.getValue();
                int at = written.get(s).getOrDefault(id, 0);
                int len = Math.min(data.length - at, 1 + random.nextInt(5000));
                if (random.nextInt(2000) == 0) {
                    side.streams.reset(id, 77);
                    resets.add(id);
                    toSend.get(s).remove(id);
                    continue;
                }
                if (random.nextBoolean()) {
                    at += side.streams.write(id, data, at, len);
                } else {
                    int n = Math.min(len, side.streams.writableBytes(id));
                    if (n > 0) {
                        side.streams.writeOwned(id, Arrays.copyOfRange(data, at, at + n), 0, n);
                    }
                    at += n;
                }
                written.get(s).put(id, at);
                if (at == data.length) {
                    side.streams.finish(id);
                    toSend.get(s).remove(id);
                }
            }
        }

        private void consume(int s) {
            Side side = sides[s];
            for (Map.Entry<Long, Side.Inbox> e : side.inboxes.entrySet()) {
                long id = e.getKey();
                int used = consumed.get(s).getOrDefault(id, 0);
                int ready = e.getValue().bytes.size() - used;
                if (ready > 0 && random.nextInt(3) == 0) {
                    int n = random.nextInt(ready + 1);
                    side.streams.consumed(id, n);
                    consumed.get(s).put(id, used + n);
                }
                boolean received = !e.getValue().end.isEmpty() || isOwnUni(s, id);
                if (received && !toSend.get(s).containsKey(id) && (random.nextInt(20) == 0)) {
                    side.streams.release(id);
                }
            }
        }

        private static boolean isOwnUni(int s, long id) {
            return !StreamId.isBidirectional(id) && StreamId.isClientInitiated(id) == (s == 0);
        }

        private void transmit(int s) {
            for (int i = 0; i < 20; i++) {
                Side.Packet packet = sides[s].send(now);
                if (packet == null) {
                    return;
                }
                for (int copies = random.nextInt(30) == 0 ? 2 : 1; copies > 0; copies--) {
                    if (random.nextInt(100) >= lossPercent) {
                        long delay = 5 * MS + (random.nextInt(10) == 0 ? random.nextInt((int) (20 * MS)) : 0);
                        link.put((now + delay) * 1000 + sequence++ % 1000, new Object[] {1 - s, packet});
                    }
                }
            }
        }

        private void deliver() throws TransportException {
            while (!link.isEmpty() && link.firstKey() / 1000 <= now) {
                Object[] arrival = link.pollFirstEntry().getValue();
                sides[(Integer) arrival[0]].receive((Side.Packet) arrival[1], now);
            }
        }

        private void check() {
            String message = "seed " + seed;
            for (int s = 0; s < 2; s++) {
                for (Map.Entry<Long, byte[]> e : allSent.get(s).entrySet()) {
                    Side.Inbox inbox = sides[1 - s].inboxes.get(e.getKey());
                    if (inbox == null) {
                        assertTrue(resets.contains(e.getKey()), message);
                    } else if (inbox.end.equals("fin")) {
                        assertArrayEquals(e.getValue(), inbox.bytes.toByteArray(), message);
                    } else {
                        assertEquals("reset 77", inbox.end, message + " stream " + e.getKey());
                        assertTrue(resets.contains(e.getKey()), message);
                        byte[] prefix = inbox.bytes.toByteArray();
                        assertArrayEquals(Arrays.copyOf(e.getValue(), prefix.length), prefix, message);
                    }
                }
                assertEquals(0, sides[s].streams.buffered(), message);
            }
        }
    }
}

package dev.tokioj.quic.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.CpuTime;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SendBufferTest {
    private final ChunkPool pool = new ChunkPool(64);
    private final List<byte[]> recycled = new ArrayList<>();
    private final SendBuffer buffer = new SendBuffer(pool, recycled::add);

    @Test
    void aFewBytesTakeASmallChunkAndManyTakeWholeOnes() {
        buffer.append(new byte[100], 0, 100);
        buffer.append(new byte[ChunkPool.SMALL - 100], 0, ChunkPool.SMALL - 100);
        buffer.append(new byte[1], 0, 1);
        buffer.onSent(0, ChunkPool.SMALL + 1);
        buffer.onAcked(0, ChunkPool.SMALL + 1);
        assertEquals(2, pool.pooled());
        assertEquals(ChunkPool.SMALL, pool.takeSmall().length);
        assertEquals(ChunkPool.CHUNK, pool.take().length);
        assertEquals(0, pool.pooled());
    }

    @Test
    void chunksGoBackFromTheFrontAsTheyAreAcknowledged() {
        byte[] data = new byte[3 * ChunkPool.CHUNK];
        buffer.append(data, 0, data.length);
        buffer.onSent(0, data.length);
        assertEquals(0, buffer.onAcked(ChunkPool.CHUNK, ChunkPool.CHUNK), "behind a hole nothing is freed");
        assertEquals(0, pool.pooled());
        assertEquals(2L * ChunkPool.CHUNK, buffer.onAcked(0, ChunkPool.CHUNK));
        assertEquals(2, pool.pooled());
        assertEquals(ChunkPool.CHUNK, buffer.buffered());
        assertEquals(ChunkPool.CHUNK, buffer.onAcked(0, data.length));
        assertTrue(buffer.allAcknowledged());
        assertEquals(3, pool.pooled());
    }

    @Test
    void ownedChunksAreSentFromAndGivenBack() {
        byte[] chunk = {9, 1, 2, 3, 9};
        buffer.append(new byte[] {0}, 0, 1);
        buffer.appendOwned(chunk, 1, 3);
        buffer.append(new byte[] {4}, 0, 1);
        byte[] copy = new byte[5];
        buffer.copy(0, copy, 0, 5);
        assertArrayEquals(new byte[] {0, 1, 2, 3, 4}, copy);
        buffer.onSent(0, 5);
        buffer.onAcked(0, 3);
        assertEquals(List.of(), recycled);
        buffer.onAcked(3, 1);
        assertEquals(List.of(chunk), recycled);
        buffer.appendOwned(chunk, 0, 0);
        assertEquals(2, recycled.size(), "an empty one at once");
    }

    @Test
    void lostBytesComeAgainButForWhatArrived() {
        buffer.append(new byte[100], 0, 100);
        buffer.onSent(0, 100);
        buffer.onAcked(20, 10);
        buffer.onAcked(40, 10);
        buffer.onLost(0, 100);
        assertEquals(0, buffer.lostFrom());
        assertEquals(20, buffer.lostLength());
        buffer.onSent(0, 20);
        assertEquals(30, buffer.lostFrom());
        assertEquals(10, buffer.lostLength());
        buffer.onAcked(0, 60);
        assertEquals(60, buffer.lostFrom());
        buffer.onAcked(60, 40);
        assertFalse(buffer.hasLost());
        buffer.onLost(0, 100);
        assertFalse(buffer.hasLost(), "everything arrived");
    }

    @Test
    void discardGivesEverythingBack() {
        buffer.append(new byte[40_000], 0, 40_000);
        buffer.appendOwned(new byte[10], 0, 10);
        buffer.onSent(0, 100);
        buffer.onLost(0, 50);
        assertEquals(40_010, buffer.discard());
        assertEquals(3, pool.pooled());
        assertEquals(1, recycled.size());
        assertEquals(100, buffer.sent());
        assertEquals(0, buffer.buffered());
        assertFalse(buffer.hasLost());
    }

    @Test
    void copyRefusesWhatIsNotThere() {
        buffer.append(new byte[10], 0, 10);
        assertThrows(IllegalArgumentException.class, () -> buffer.copy(5, new byte[10], 0, 6));
    }

    /** A sender and a receiver over a link that loses, duplicates and reorders, against the bytes that were written. */
    @Test
    void deliversWhatWasWrittenOverAnyLink() {
        for (long seed = 1; seed <= 60; seed++) {
            new Transfer(seed).run();
        }
    }

    private static final class Transfer {
        final long seed;
        final Random random;
        final ChunkPool pool = new ChunkPool(1000);
        int ownedOut;
        final SendBuffer buffer = new SendBuffer(pool, chunk -> ownedOut--);
        final Reassembler reassembler = new Reassembler(pool, 1 << 20);
        final ByteArrayOutputStream written = new ByteArrayOutputStream();
        final ByteArrayOutputStream read = new ByteArrayOutputStream();
        // Offset and bytes of packets on their way.
        final List<Object[]> link = new ArrayList<>();

        Transfer(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void run() {
            int total = 50_000 + random.nextInt(200_000);
            while (written.size() < total || !buffer.allAcknowledged()) {
                if (written.size() < total && buffer.buffered() < 100_000) {
                    write();
                }
                for (int n = random.nextInt(5); n > 0; n--) {
                    send();
                }
                for (int n = random.nextInt(5); n > 0 && !link.isEmpty(); n--) {
                    arrive();
                }
            }
            String message = "seed " + seed;
            assertArrayEquals(written.toByteArray(), read.toByteArray(), message);
            assertEquals(0, ownedOut, message);
            assertEquals(0, buffer.buffered(), message);
            assertEquals(0, reassembler.chunkCount(), message);
        }

        private void write() {
            byte[] bytes = new byte[random.nextInt(random.nextInt(4) == 0 ? 30_000 : 700)];
            random.nextBytes(bytes);
            written.writeBytes(bytes);
            if (random.nextBoolean()) {
                ownedOut++;
                buffer.appendOwned(bytes, 0, bytes.length);
            } else {
                byte[] offered = bytes.clone();
                buffer.append(offered, 0, offered.length);
                random.nextBytes(offered);
            }
        }

        private void send() {
            long from = buffer.hasLost() ? buffer.lostFrom() : buffer.sent();
            long most = buffer.hasLost() ? buffer.lostLength() : buffer.unsent();
            int len = (int) Math.min(most, 1 + random.nextInt(1200));
            if (len == 0) {
                return;
            }
            byte[] packet = new byte[len];
            buffer.copy(from, packet, 0, len);
            buffer.onSent(from, len);
            link.add(new Object[] {from, packet});
        }

        private void arrive() {
            Object[] packet = link.remove(random.nextInt(Math.min(link.size(), 20)));
            long offset = (Long) packet[0];
            byte[] bytes = (byte[]) packet[1];
            int luck = random.nextInt(10);
            if (luck >= 2) {
                assertTrue(reassembler.receive(offset, bytes, 0, bytes.length, read::write), "seed " + seed);
            }
            if (luck <= 3) {
                // Lost, or believed lost: told before, maybe after, the acknowledgement.
                buffer.onLost(offset, bytes.length);
            }
            if (luck >= 2) {
                buffer.onAcked(offset, bytes.length);
            }
        }
    }

    @Test
    void acknowledgementsWithManyHolesAreCheap() {
        int n = 100_000;
        buffer.append(new byte[2 * n], 0, 2 * n);
        buffer.onSent(0, 2 * n);
        long start = CpuTime.nanos();
        for (int i = n - 1; i >= 0; i--) {
            buffer.onAcked(2L * i + 1, 1);
        }
        for (int i = 0; i < n; i++) {
            buffer.onLost(2L * i, 1);
        }
        for (int i = 0; i < n; i++) {
            buffer.onSent(buffer.lostFrom(), buffer.lostLength());
        }
        for (int i = 0; i < n; i++) {
            buffer.onAcked(2L * i, 1);
        }
        long took = CpuTime.nanos() - start;
        assertTrue(buffer.allAcknowledged());
        assertTrue(took < 3_000_000_000L, took / 1_000_000 + " ms");
    }
}

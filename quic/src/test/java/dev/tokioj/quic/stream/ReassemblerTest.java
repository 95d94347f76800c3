package dev.tokioj.quic.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.CpuTime;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReassemblerTest {
    private static final int WINDOW = 1 << 20;
    private final ChunkPool pool = new ChunkPool(128);
    private final Reassembler reassembler = new Reassembler(pool, WINDOW);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private boolean receive(long offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return reassembler.receive(offset, bytes, 0, bytes.length, out::write);
    }

    private String text() {
        return out.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void whatComesInOrderIsNotCopied() {
        byte[] packet = new byte[100];
        List<byte[]> seen = new ArrayList<>();
        reassembler.receive(0, packet, 10, 50, (buf, off, len) -> {
            seen.add(buf);
            assertEquals(10, off);
            assertEquals(50, len);
        });
        reassembler.receive(30, packet, 0, 100, (buf, off, len) -> {
            seen.add(buf);
            assertEquals(20, off);
            assertEquals(80, len);
        });
        assertSame(packet, seen.get(0));
        assertSame(packet, seen.get(1));
        assertEquals(130, reassembler.next());
        assertEquals(0, reassembler.chunkCount());
    }

    @Test
    void earlyBytesWaitForTheHole() {
        receive(5, "fgh");
        receive(9, "j");
        assertEquals("", text());
        assertEquals(4, reassembler.stored());
        receive(0, "abcde");
        assertEquals("abcdefgh", text());
        receive(8, "i");
        assertEquals("abcdefghij", text());
        assertEquals(0, reassembler.stored());
        assertEquals(0, reassembler.chunkCount());
        assertEquals(1, pool.pooled());
    }

    @Test
    void duplicatesAreDropped() {
        receive(0, "abc");
        receive(0, "abc");
        receive(1, "bc");
        receive(5, "f");
        receive(5, "f");
        receive(0, "");
        assertEquals("abc", text());
        assertEquals(1, reassembler.stored());
    }

    @Test
    void whereDataOverlapsTheFirstStays() {
        receive(4, "EF");
        receive(2, "xxxxxx");
        receive(0, "abXXXXXXXX");
        assertEquals("abxxEFxxXX", text());
    }

    @Test
    void bytesThatReachTooFarAreRefused() {
        assertTrue(receive(WINDOW - 3, "abc"));
        assertFalse(receive(WINDOW - 2, "abc"));
        assertEquals(3, reassembler.stored());
        receive(0, "a");
        assertTrue(receive(WINDOW - 2, "abc"), "the limit moves with what was delivered");
    }

    @Test
    void aHundredThousandGapsCostLittle() {
        int gaps = 100_000;
        byte[] one = {1};
        List<Integer> offsets = new ArrayList<>();
        for (int i = 0; i < gaps; i++) {
            offsets.add(2 * i + 1);
        }
        Collections.shuffle(offsets, new Random(7));
        long start = CpuTime.nanos();
        for (int offset : offsets) {
            reassembler.receive(offset, one, 0, 1, out::write);
        }
        int chunks = (2 * gaps + ChunkPool.CHUNK - 1) / ChunkPool.CHUNK;
        assertEquals(chunks, reassembler.chunkCount(), "memory is what the span takes");
        for (int i = 0; i < gaps; i++) {
            reassembler.receive(2L * i, one, 0, 1, out::write);
        }
        long took = CpuTime.nanos() - start;
        assertEquals(2 * gaps, out.size());
        assertEquals(0, reassembler.chunkCount());
        assertTrue(took < 3_000_000_000L, took / 1_000_000 + " ms");
    }

    @Test
    void oneByteInEachChunkTakesNoMoreThanTheWindow() {
        byte[] one = {1};
        for (int round = 0; round < 3; round++) {
            for (long at = ChunkPool.CHUNK - 1; at < WINDOW; at += ChunkPool.CHUNK) {
                reassembler.receive(at, one, 0, 1, out::write);
            }
        }
        assertEquals(WINDOW / ChunkPool.CHUNK, reassembler.chunkCount());
        reassembler.clear();
        assertEquals(0, reassembler.chunkCount());
        assertEquals(WINDOW / ChunkPool.CHUNK, pool.pooled());
    }

    @Test
    void aSinkMayClearInTheMiddle() {
        receive(3, "def");
        receive(7, "h");
        List<String> seen = new ArrayList<>();
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
        reassembler.receive(0, abc, 0, 3, (buf, off, len) -> {
            seen.add(new String(buf, off, len, StandardCharsets.US_ASCII));
            if (seen.size() == 2) {
                reassembler.clear();
                assertNotSame(buf, pool.take(), "what the sink reads is not given to others");
            }
        });
        assertEquals(List.of("abc", "def"), seen);
        assertEquals(0, reassembler.stored());
        assertEquals(0, reassembler.chunkCount());
    }

    @Test
    void putsAnyOrderRight() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            ChunkPool own = new ChunkPool(64);
            Reassembler r = new Reassembler(own, WINDOW);
            byte[] data = new byte[random.nextInt(200_000)];
            random.nextBytes(data);
            ByteArrayOutputStream result = new ByteArrayOutputStream();
            int largest = 1 + random.nextInt(random.nextBoolean() ? 20_000 : 1500);
            // Pieces that cover everything, and pieces that overlap them, in a locally shuffled order.
            List<int[]> pieces = new ArrayList<>();
            for (int at = 0; at < data.length; ) {
                int len = Math.min(data.length - at, 1 + random.nextInt(largest));
                pieces.add(new int[] {at, len});
                if (random.nextInt(3) == 0) {
                    int from = random.nextInt(data.length);
                    pieces.add(new int[] {from, Math.min(data.length - from, random.nextInt(largest))});
                }
                at += len;
            }
            int reach = 1 + random.nextInt(pieces.size() + 1);
            for (int i = 0; i < pieces.size(); i++) {
                Collections.swap(pieces, i, Math.min(pieces.size() - 1, i + random.nextInt(reach)));
            }
            for (int[] piece : pieces) {
                byte[] packet = new byte[piece[1] + 7];
                System.arraycopy(data, piece[0], packet, 7, piece[1]);
                assertTrue(r.receive(piece[0], packet, 7, piece[1], result::write), "seed " + seed);
                Arrays.fill(packet, (byte) 0x55);
                assertEquals(result.size(), r.next(), "seed " + seed);
            }
            assertArrayEquals(data, result.toByteArray(), "seed " + seed);
            assertEquals(0, r.stored(), "seed " + seed);
            assertEquals(0, r.chunkCount(), "seed " + seed);
        }
    }
}

package dev.tokioj.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketNumberTest {
    @Test
    void theExamplesOfAppendixA2() {
        assertEquals(2, PacketNumber.lengthFor(0xac5c02, 0xabe8b3));
        assertEquals(3, PacketNumber.lengthFor(0xace8fe, 0xabe8b3));
    }

    @Test
    void theExampleOfAppendixA3() {
        assertEquals(0xa82f9b32L, PacketNumber.decode(0xa82f30eaL, 0x9b32, 16));
    }

    @Test
    void theFirstPacketsOfASpace() {
        assertEquals(1, PacketNumber.lengthFor(0, -1));
        assertEquals(0, PacketNumber.decode(-1, 0, 8));
        assertEquals(2, PacketNumber.decode(-1, 2, 32));
    }

    @Test
    void aReceiverThatSawAnythingUnackedRestoresTheNumber() {
        long seed = 99;
        Random random = new Random(seed);
        for (int i = 0; i < 200_000; i++) {
            long acked = random.nextInt(8) == 0 ? -1 : random.nextLong(0, PacketNumber.MAX >>> random.nextInt(62));
            long pn = Math.min(PacketNumber.MAX, acked + 1 + (random.nextLong(1L << 30) >>> random.nextInt(30)));
            // The receiver has what is acknowledged, and perhaps more, but nothing that was not sent before.
            long largest = acked + (pn - 1 - acked > 0 ? random.nextLong(pn - acked) : 0);
            int length = PacketNumber.lengthFor(pn, acked);
            long truncated = pn & ((1L << (8 * length)) - 1);
            String message = "seed " + seed + " pn " + pn + " acked " + acked + " largest " + largest;
            assertEquals(pn, PacketNumber.decode(largest, truncated, 8 * length), message);
        }
    }

    @Test
    void whateverComesTheNumberIsLegal() {
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long largest = random.nextLong(-1, PacketNumber.MAX) >> random.nextInt(62);
            int bits = 8 * (1 + random.nextInt(4));
            long truncated = random.nextLong(1L << bits);
            long pn = PacketNumber.decode(largest, truncated, bits);
            assertTrue(pn >= 0 && pn <= PacketNumber.MAX, "seed " + seed + " pn " + pn);
            assertEquals(truncated, pn & ((1L << bits) - 1), "seed " + seed);
        }
    }
}

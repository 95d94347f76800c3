package dev.tokioj.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VarIntTest {
    private static long read(String hex) throws TransportException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        ByteReader r = new ByteReader().reset(bytes, 0, bytes.length);
        long value = r.varInt();
        assertEquals(0, r.remaining(), hex);
        return value;
    }

    private static String write(long value) {
        byte[] buf = new byte[8];
        ByteWriter w = new ByteWriter().reset(buf, 0, 8).varInt(value);
        assertEquals(VarInt.length(value), w.position());
        return HexFormat.of().formatHex(buf, 0, w.position());
    }

    @Test
    void theExamplesOfAppendixA1() throws TransportException {
        assertEquals(151_288_809_941_952_652L, read("c2197c5eff14e88c"));
        assertEquals(494_878_333, read("9d7f3e7d"));
        assertEquals(15_293, read("7bbd"));
        assertEquals(37, read("25"));
        assertEquals(37, read("4025"));
        assertEquals("c2197c5eff14e88c", write(151_288_809_941_952_652L));
        assertEquals("9d7f3e7d", write(494_878_333));
        assertEquals("7bbd", write(15_293));
        assertEquals("25", write(37));
    }

    @Test
    void everyLengthAtItsBorders() throws TransportException {
        long[] values = {0, 63, 64, 16_383, 16_384, (1L << 30) - 1, 1L << 30, VarInt.MAX};
        int[] lengths = {1, 1, 2, 2, 4, 4, 8, 8};
        for (int i = 0; i < values.length; i++) {
            assertEquals(lengths[i], VarInt.length(values[i]));
            assertEquals(values[i], read(write(values[i])));
            for (int length = lengths[i]; length <= 8; length *= 2) {
                byte[] buf = new byte[length];
                new ByteWriter().reset(buf, 0, length).varInt(values[i], length);
                assertEquals(values[i], read(HexFormat.of().formatHex(buf)));
                assertEquals(length, VarInt.lengthByFirstByte(buf[0]));
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> VarInt.length(VarInt.MAX + 1));
        assertThrows(IllegalArgumentException.class, () -> VarInt.length(-1));
        ByteWriter w = new ByteWriter().reset(new byte[8], 0, 8);
        assertThrows(IllegalArgumentException.class, () -> w.varInt(64, 1));
        assertThrows(IllegalArgumentException.class, () -> w.varInt(1, 3));
    }

    @Test
    void aCutIntegerHasTheErrorAndFrameTypeOfItsReader() {
        for (String whole : new String[] {"25", "7bbd", "9d7f3e7d", "c2197c5eff14e88c"}) {
            byte[] bytes = HexFormat.of().parseHex(whole);
            for (int end = 0; end < bytes.length; end++) {
                ByteReader r = new ByteReader(TransportError.TRANSPORT_PARAMETER_ERROR).reset(bytes, 0, end);
                r.frameType(0x1c);
                TransportException e = assertThrows(TransportException.class, r::varInt);
                assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR.code(), e.code());
                assertEquals(0x1c, e.frameType());
                assertEquals(0, e.getStackTrace().length);
            }
        }
    }

    @Test
    void readersSeeWhatWritersWrote() throws TransportException {
        long seed = 4711;
        Random random = new Random(seed);
        byte[] buf = new byte[64];
        byte[] some = new byte[7];
        random.nextBytes(some);
        for (int i = 0; i < 1000; i++) {
            long v = random.nextLong();
            int length = 1 + random.nextInt(4);
            ByteWriter w = new ByteWriter().reset(buf, 3, buf.length);
            w.u8((int) v)
                    .u16((int) v)
                    .u32(v)
                    .u64(v)
                    .truncated(v, length)
                    .bytes(some)
                    .zeros(2);
            int last = w.position();
            ByteReader r = new ByteReader().reset(buf, 3, last);
            String message = "seed " + seed + " value " + v;
            assertEquals(v & 0xff, r.u8(), message);
            assertEquals(v & 0xffff, r.u16(), message);
            assertEquals(v & 0xffff_ffffL, r.u32(), message);
            assertEquals(v, r.u64(), message);
            int at = r.skip(length);
            assertEquals(v & (-1L >>> (64 - 8 * length)), PacketNumber.truncated(buf, at, length), message);
            assertArrayEquals(some, r.bytes(7), message);
            assertEquals(0, r.u16(), message);
            assertEquals(0, r.remaining());
        }
    }

    @Test
    void readingAndWritingStopAtTheLimit() {
        byte[] buf = new byte[16];
        ByteReader r = new ByteReader().reset(buf, 4, 6);
        assertThrows(TransportException.class, r::u32);
        assertThrows(TransportException.class, () -> r.skip(3));
        assertThrows(TransportException.class, () -> r.bytes(Integer.MAX_VALUE));
        assertThrows(TransportException.class, () -> r.skip(-1));
        assertEquals(2, r.remaining());
        ByteWriter w = new ByteWriter().reset(buf, 4, 6);
        assertThrows(IllegalStateException.class, () -> w.u32(1));
        assertThrows(IllegalStateException.class, () -> w.zeros(3));
        assertEquals(2, w.remaining());
        byte[] untouched = new byte[16];
        assertArrayEquals(untouched, Arrays.copyOf(buf, 16));
    }
}

package dev.tokioj.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random and mutated payloads: only a TransportException may come out, and no more memory than the payload is worth. */
class FrameCodecFuzzTest {
    private static final long SEED = 424_242;
    private static final PacketType[] PACKETS = {
        PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ZERO_RTT, PacketType.ONE_RTT
    };

    private final Random random = new Random(SEED);
    private final Frames frames = new Frames(random);
    private final byte[] buf = new byte[4096];
    private final ByteReader reader = new ByteReader();
    private final AckRanges ranges = new AckRanges();

    private long accepted;
    private long refused;

    @Test
    void mutatedPayloadsAreReadOrRefused() {
        long most = 0;
        for (int i = 0; i < 4000; i++) {
            int end = payload();
            byte[] original = java.util.Arrays.copyOf(buf, end);
            for (int m = 0; m < 40; m++) {
                mutate(end);
                int cut = random.nextInt(4) == 0 ? random.nextInt(end + 1) : end;
                long before = Allocated.bytes();
                readAll(cut, "seed " + SEED + " payload " + i + " mutation " + m);
                most = Math.max(most, Allocated.bytes() - before);
                System.arraycopy(original, 0, buf, 0, end);
            }
        }
        assertTrue(accepted > 10_000 && refused > 10_000, accepted + " accepted, " + refused + " refused");
        // A frame object takes less than 100 bytes and a payload here less than 1500; reasons are copied and decoded.
        assertTrue(most < 400_000, most + " bytes for one payload");
    }

    private int payload() {
        ByteWriter w = new ByteWriter().reset(buf, 0, 1500);
        List<Frame> some = frames.oneOfEach(40);
        for (int n = 1 + random.nextInt(6); n > 0; n--) {
            Frames.write(w, some.get(random.nextInt(some.size())));
        }
        FrameCodec.writePadding(w, random.nextInt(4));
        return w.position();
    }

    private void mutate(int end) {
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(end);
            switch (random.nextInt(3)) {
                case 0 -> buf[at] = (byte) random.nextInt(256);
                case 1 -> buf[at] ^= (byte) (1 << random.nextInt(8));
                default -> buf[at] = (byte) (random.nextBoolean() ? 0xff : 0xc0);
            }
        }
    }

    private void readAll(int end, String message) {
        PacketType packet = PACKETS[random.nextInt(PACKETS.length)];
        reader.reset(buf, 0, end);
        try {
            while (reader.remaining() > 0) {
                int before = reader.position();
                Frame frame = FrameCodec.read(reader, packet);
                assertNotNull(frame);
                assertTrue(reader.position() > before && reader.position() <= end, message);
                if (frame instanceof Frame.Ack ack) {
                    walk(ack, message);
                }
                accepted++;
            }
        } catch (TransportException e) {
            refused++;
            assertTrue(
                    e.code() == TransportError.FRAME_ENCODING_ERROR.code()
                            || e.code() == TransportError.PROTOCOL_VIOLATION.code(),
                    message + e);
        }
    }

    private void walk(Frame.Ack ack, String message) {
        long above = ack.largestAcked() + 2;
        int count = 0;
        for (ranges.reset(ack); ranges.next(); count++) {
            assertTrue(ranges.largest() <= above - 2, message);
            assertTrue(ranges.smallest() <= ranges.largest() && ranges.smallest() >= 0, message);
            above = ranges.smallest();
        }
        assertEquals(ack.rangeCount() + 1, count, message);
    }
}

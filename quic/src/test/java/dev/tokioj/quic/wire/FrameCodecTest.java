package dev.tokioj.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameCodecTest {
    private static Frame read(String hex) throws TransportException {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        return FrameCodec.read(new ByteReader().reset(bytes, 0, bytes.length), PacketType.ONE_RTT);
    }

    private static void refused(TransportError error, long frameType, String hex) {
        TransportException e = assertThrows(TransportException.class, () -> read(hex), hex);
        assertEquals(TransportError.name(error.code()), TransportError.name(e.code()), hex);
        assertEquals(frameType, e.frameType(), hex);
    }

    @Test
    void everyFrameComesBackAsItWasWritten() throws TransportException {
        long seed = 20_260_101;
        Frames frames = new Frames(new Random(seed));
        byte[] buf = new byte[4096];
        for (int round = 0; round < 500; round++) {
            for (Frame frame : frames.oneOfEach(1200)) {
                ByteWriter w = new ByteWriter().reset(buf, 5, buf.length);
                Frames.write(w, frame);
                ByteReader r = new ByteReader().reset(buf, 5, w.position());
                Frame back = FrameCodec.read(r, PacketType.ONE_RTT);
                assertEquals(Frames.text(frame), Frames.text(back), "seed " + seed + " round " + round);
                assertEquals(0, r.remaining(), "seed " + seed + " round " + round + " " + frame);
            }
        }
    }

    @Test
    void framesStandBehindEachOtherAndPaddingIsOneRun() throws TransportException {
        long seed = 5;
        Frames frames = new Frames(new Random(seed));
        byte[] buf = new byte[32_768];
        ByteWriter w = new ByteWriter().reset(buf, 0, buf.length);
        List<String> written = new ArrayList<>();
        for (Frame frame : frames.oneOfEach(300)) {
            Frames.write(w, frame);
            FrameCodec.writePadding(w, 3);
            written.add(Frames.text(frame));
            written.add(Frames.text(new Frame.Padding(3)));
        }
        ByteReader r = new ByteReader().reset(buf, 0, w.position());
        List<String> back = new ArrayList<>();
        while (r.remaining() > 0) {
            back.add(Frames.text(FrameCodec.read(r, PacketType.ONE_RTT)));
        }
        assertEquals(written, back);
    }

    /** Table 3 of RFC 9000 section 12.4, and section 12.5 for RETIRE_CONNECTION_ID in 0-RTT; DATAGRAM of RFC 9221. */
    @Test
    void framesAreTakenOnlyWhereTable3HasThem() {
        String[] table = {
            "00 IH01", "01 IH01", "02 IH_1", "03 IH_1", "04 __01", "05 __01", "06 IH_1", "07 ___1", "08 __01",
            "09 __01", "0a __01", "0b __01", "0c __01", "0d __01", "0e __01", "0f __01", "10 __01", "11 __01",
            "12 __01", "13 __01", "14 __01", "15 __01", "16 __01", "17 __01", "18 __01", "19 ___1", "1a __01",
            "1b ___1", "1c IH01", "1d __01", "1e ___1", "30 __01", "31 __01"
        };
        // Enough for any frame: a length of one, a connection ID of one byte, and so on.
        byte[] payload = new byte[64];
        Arrays.fill(payload, (byte) 1);
        payload[1] = 9; // so that the ranges of an ACK stay above 0
        for (String line : table) {
            payload[0] = Byte.parseByte(line.substring(0, 2), 16);
            for (PacketType packet : PacketType.values()) {
                ByteReader r = new ByteReader().reset(payload, 0, payload.length);
                boolean allowed = switch (packet) {
                    case INITIAL -> line.charAt(3) == 'I';
                    case HANDSHAKE -> line.charAt(4) == 'H';
                    case ZERO_RTT -> line.charAt(5) == '0';
                    case ONE_RTT -> line.charAt(6) == '1';
                    case RETRY, VERSION_NEGOTIATION -> false;
                };
                if (!packet.hasFrames()) {
                    assertThrows(IllegalArgumentException.class, () -> FrameCodec.read(r, packet));
                } else if (allowed) {
                    org.junit.jupiter.api.Assertions.assertDoesNotThrow(
                            () -> FrameCodec.read(r, packet), line + packet);
                } else {
                    TransportException e =
                            assertThrows(TransportException.class, () -> FrameCodec.read(r, packet), line + packet);
                    assertEquals(TransportError.PROTOCOL_VIOLATION.code(), e.code(), line + packet);
                    assertEquals(payload[0], e.frameType());
                }
            }
        }
    }

    @Test
    void unknownTypesAreFrameEncodingErrors() {
        for (int type = 0x1f; type < 0x40; type++) {
            if (type != FrameType.DATAGRAM && type != FrameType.DATAGRAM_LEN) {
                refused(TransportError.FRAME_ENCODING_ERROR, type, String.format("%02x0000", type));
            }
        }
        refused(TransportError.FRAME_ENCODING_ERROR, 0x40, "4040");
        refused(TransportError.FRAME_ENCODING_ERROR, 0x3fff_ffffL, "bfffffff");
        refused(TransportError.FRAME_ENCODING_ERROR, VarInt.MAX, "ffffffffffffffff");
    }

    @Test
    void typesEncodedTooLongAreProtocolViolations() {
        refused(TransportError.PROTOCOL_VIOLATION, FrameType.PING, "4001");
        refused(TransportError.PROTOCOL_VIOLATION, FrameType.PING, "80000001");
        refused(TransportError.PROTOCOL_VIOLATION, FrameType.PADDING, "c000000000000000");
        refused(TransportError.PROTOCOL_VIOLATION, 0x3f, "403f");
    }

    @Test
    void everyFrameThatIsCutIsAFrameEncodingError() {
        long seed = 77;
        Frames frames = new Frames(new Random(seed));
        byte[] buf = new byte[4096];
        for (Frame frame : frames.oneOfEach(40)) {
            ByteWriter w = new ByteWriter().reset(buf, 0, buf.length);
            Frames.write(w, frame);
            for (int end = 1; end < w.position(); end++) {
                ByteReader r = new ByteReader().reset(buf, 0, end);
                TransportException e = assertThrows(
                        TransportException.class, () -> FrameCodec.read(r, PacketType.ONE_RTT), frame.toString());
                assertEquals(TransportError.FRAME_ENCODING_ERROR.code(), e.code());
                assertEquals(buf[0], e.frameType(), frame.toString());
            }
        }
    }

    @Test
    void ackRangesBelowZeroAreRefused() throws TransportException {
        refused(TransportError.FRAME_ENCODING_ERROR, 2, "02 05 00 00 06"); // first range below 0
        refused(TransportError.FRAME_ENCODING_ERROR, 2, "02 05 00 01 05 00 00"); // gap below 0
        refused(TransportError.FRAME_ENCODING_ERROR, 2, "02 05 00 01 01 01 02"); // range below 0
        refused(TransportError.FRAME_ENCODING_ERROR, 3, "03 05 00 00 06 00 00 00");
        assertArrayEquals(new long[] {0, 1, 4, 5}, Frames.ranges((Frame.Ack) read("02 05 00 01 01 01 01")));
        assertArrayEquals(new long[] {0, 0, 2, 5}, Frames.ranges((Frame.Ack) read("02 05 00 01 03 00 00")));
        String largest = "02 ffffffffffffffff 00 01 00";
        refused(TransportError.FRAME_ENCODING_ERROR, 2, largest + "ffffffffffffffff ffffffffffffffff");
    }

    @Test
    void moreAckRangesThanThePacketHoldsAreRefused() {
        refused(TransportError.FRAME_ENCODING_ERROR, 2, "02 20 00 02 00 00 00");
        refused(TransportError.FRAME_ENCODING_ERROR, 2, "02 20 00 ffffffffffffffff 00 00 00");
    }

    @Test
    void anAckWithoutRoomLeavesOutTheLowestRanges() throws TransportException {
        long seed = 31;
        Frames frames = new Frames(new Random(seed));
        byte[] buf = new byte[2048];
        for (int round = 0; round < 300; round++) {
            long[] ranges = frames.ranges(40);
            long ect = round % 2 == 0 ? -1 : 1000;
            int before = 0;
            for (int room = 0; room < 700; room++) {
                ByteWriter w = new ByteWriter().reset(buf, 0, room);
                int written = FrameCodec.writeAck(w, 30, ranges, 0, 40, ect, ect, ect);
                assertTrue(written >= before, "seed " + seed);
                before = written;
                if (written == 0) {
                    assertEquals(0, w.position());
                    continue;
                }
                Frame.Ack ack =
                        (Frame.Ack) FrameCodec.read(new ByteReader().reset(buf, 0, w.position()), PacketType.ONE_RTT);
                long[] kept = Arrays.copyOfRange(ranges, 80 - 2 * written, 80);
                assertArrayEquals(kept, Frames.ranges(ack), "seed " + seed + " room " + room);
            }
            assertEquals(40, before, "seed " + seed);
        }
    }

    @Test
    void anAckMadeOfRangesHasThem() {
        Frame.Ack ack = Frame.Ack.of(7, 1, 1, 3, 9, 20, 20);
        assertEquals(20, ack.largestAcked());
        assertEquals(7, ack.ackDelay());
        assertFalse(ack.hasEcn());
        assertArrayEquals(new long[] {1, 1, 3, 9, 20, 20}, Frames.ranges(ack));
        assertThrows(IllegalArgumentException.class, () -> Frame.Ack.of(0, 1, 2, 3, 4));
    }

    @Test
    void dataBeyondTheLastOffsetIsRefused() throws TransportException {
        refused(TransportError.FRAME_ENCODING_ERROR, 0x06, "06 ffffffffffffffff 01 00");
        refused(TransportError.FRAME_ENCODING_ERROR, 0x0e, "0e 00 ffffffffffffffff 01 00");
        refused(TransportError.FRAME_ENCODING_ERROR, 0x0c, "0c 00 ffffffffffffffff 00");
        assertEquals(VarInt.MAX - 1, ((Frame.Crypto) read("06 fffffffffffffffe 01 00")).offset());
        assertTrue(((Frame.Stream) read("0f 00 ffffffffffffffff 00")).fin());
    }

    @Test
    void anEmptyTokenIsRefused() {
        refused(TransportError.FRAME_ENCODING_ERROR, 0x07, "07 00");
    }

    @Test
    void moreThanTwoToThe60StreamsAreRefused() throws TransportException {
        for (String type : new String[] {"12", "13", "16", "17"}) {
            refused(TransportError.FRAME_ENCODING_ERROR, Integer.parseInt(type, 16), type + "d000000000000001");
            Frame most = read(type + "d000000000000000");
            assertTrue(most.toString().contains(String.valueOf(1L << 60)));
        }
    }

    @Test
    void badNewConnectionIdsAreRefused() {
        String token = "00".repeat(16);
        refused(TransportError.FRAME_ENCODING_ERROR, 0x18, "18 00 00 00" + token);
        refused(TransportError.FRAME_ENCODING_ERROR, 0x18, "18 00 00 15" + "aa".repeat(21) + token);
        refused(TransportError.FRAME_ENCODING_ERROR, 0x18, "18 04 05 01 aa" + token);
    }

    @Test
    void aStreamFrameWithoutLengthReachesToTheEnd() throws TransportException {
        byte[] buf = new byte[64];
        ByteWriter w = new ByteWriter().reset(buf, 0, buf.length);
        FrameCodec.writeStreamHeader(w, 4, 0, 30, true, true);
        assertEquals(FrameCodec.streamHeaderSize(4, 0, 30, true), w.position());
        w.zeros(30);
        Frame.Stream f =
                (Frame.Stream) FrameCodec.read(new ByteReader().reset(buf, 0, w.position()), PacketType.ONE_RTT);
        assertEquals(30, f.len());
        assertEquals(4, f.streamId());
        assertTrue(f.fin());
        assertEquals("30", HexFormat.of().toHexDigits((byte) FrameType.DATAGRAM));
        assertEquals(3, ((Frame.Datagram) read("30 010203")).len());
    }

    @Test
    void asMuchDataAsFitsFillsTheRoom() {
        for (int room = 0; room < 20_000; room++) {
            int len = FrameCodec.dataThatFits(room, 3);
            if (room < 4) {
                assertEquals(-1, len);
                continue;
            }
            assertTrue(3 + VarInt.length(len) + len <= room, "room " + room);
            assertTrue(3 + VarInt.length(len + 1) + len + 1 > room, "room " + room);
        }
    }

    @Test
    void headerSizesAreWhatIsWritten() {
        byte[] buf = new byte[64];
        for (long offset : new long[] {0, 1, 63, 64, 1L << 40}) {
            for (int len : new int[] {0, 63, 64, 1200, 20_000}) {
                ByteWriter w = new ByteWriter().reset(buf, 0, 64);
                FrameCodec.writeCryptoHeader(w, offset, len);
                assertEquals(FrameCodec.cryptoHeaderSize(offset, len), w.position());
                w.reset(buf, 0, 64);
                FrameCodec.writeStreamHeader(w, offset, offset, len, false, false);
                assertEquals(FrameCodec.streamHeaderSize(offset, offset, len, false), w.position());
            }
        }
    }

    @Test
    void aCloseReasonIsCutBetweenCharacters() throws TransportException {
        byte[] buf = new byte[64];
        Frame.ConnectionClose close = new Frame.ConnectionClose(1, 0, "\u20ac\u20ac\u20ac", false);
        for (int room = 4; room < 20; room++) {
            ByteWriter w = new ByteWriter().reset(buf, 0, room);
            FrameCodec.writeConnectionClose(w, close);
            Frame.ConnectionClose back = (Frame.ConnectionClose)
                    FrameCodec.read(new ByteReader().reset(buf, 0, w.position()), PacketType.INITIAL);
            assertEquals("\u20ac".repeat(Math.min(3, (room - 4) / 3)), back.reason(), "room " + room);
        }
    }

    @Test
    void whatElicitsAcknowledgmentsAndWhatProbes() {
        Frames frames = new Frames(new Random(1));
        List<String> silent = new ArrayList<>();
        List<String> probing = new ArrayList<>();
        List<Frame> all = new ArrayList<>(frames.oneOfEach(10));
        all.add(new Frame.Padding(1));
        for (Frame frame : all) {
            if (!frame.ackEliciting()) {
                silent.add(frame.getClass().getSimpleName());
            }
            if (frame.probing()) {
                probing.add(frame.getClass().getSimpleName());
            }
        }
        assertEquals(List.of("Ack", "ConnectionClose", "ConnectionClose", "Padding"), silent);
        assertEquals(List.of("NewConnectionId", "PathChallenge", "PathResponse", "Padding"), probing);
    }
}

package dev.tokioj.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.PacketHeader.Outcome;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketHeaderTest {
    private static final ConnectionId DCID = ConnectionId.of(HexFormat.of().parseHex("8394c8f03e515708"));
    private static final ConnectionId SCID = ConnectionId.of(HexFormat.of().parseHex("f067a5502a"));
    private static final byte[] NO_TOKEN = {};

    private final byte[] buf = new byte[2048];
    private final ByteWriter w = new ByteWriter();
    private final PacketHeader header = new PacketHeader();

    /** A long packet with {@code payload} bytes behind its packet number. */
    private void writeLong(PacketType type, Version version, byte[] token, int pnLength, int payload) {
        int start = w.position();
        int at = PacketHeader.writeLong(w, type, version, DCID, SCID, token, 0x0102_0304, pnLength);
        assertEquals(
                PacketHeader.longSize(type, DCID.length(), SCID.length(), token.length, pnLength),
                w.position() - start);
        PacketHeader.setLength(buf, at, pnLength + payload);
        w.zeros(payload);
    }

    @Test
    void longHeadersComeBackInBothVersions() {
        PacketHeader both = new PacketHeader(false, Version.V1, Version.V2);
        for (Version version : Version.values()) {
            for (PacketType type : new PacketType[] {PacketType.INITIAL, PacketType.ZERO_RTT, PacketType.HANDSHAKE}) {
                byte[] token = type == PacketType.INITIAL ? new byte[] {9, 8, 7} : NO_TOKEN;
                w.reset(buf, 10, buf.length);
                writeLong(type, version, token, 3, 100);
                assertEquals(Outcome.PACKET, both.parse(buf, 10, w.position(), 8));
                assertEquals(type, both.type());
                assertTrue(both.isLong());
                assertEquals(version, both.version());
                assertEquals(version.number(), both.versionNumber());
                assertEquals(DCID, both.dcid());
                assertEquals(SCID, both.scid());
                assertEquals(token.length, both.tokenLength());
                assertEquals(w.position(), both.packetEnd());
                assertEquals(w.position() - 103, both.pnOffset());
                assertEquals(0x02_0304, PacketNumber.truncated(buf, both.pnOffset(), 3));
                if (token.length > 0) {
                    assertEquals(9, buf[both.tokenOffset()]);
                }
            }
        }
    }

    @Test
    void aDatagramOfSeveralPacketsIsWalked() {
        w.reset(buf, 0, buf.length);
        writeLong(PacketType.INITIAL, Version.V1, NO_TOKEN, 1, 200);
        writeLong(PacketType.HANDSHAKE, Version.V1, NO_TOKEN, 2, 300);
        PacketHeader.writeShort(w, DCID, true, true, 77, 2);
        w.zeros(40);
        int end = w.position();
        assertEquals(Outcome.PACKET, header.parse(buf, 0, end, 8));
        assertEquals(PacketType.INITIAL, header.type());
        assertEquals(Outcome.PACKET, header.parse(buf, header.packetEnd(), end, 8));
        assertEquals(PacketType.HANDSHAKE, header.type());
        assertEquals(Outcome.PACKET, header.parse(buf, header.packetEnd(), end, 8));
        assertEquals(PacketType.ONE_RTT, header.type());
        assertFalse(header.isLong());
        assertEquals(DCID, header.dcid());
        assertEquals(0, header.scidLength());
        assertNull(header.version());
        assertEquals(end, header.packetEnd());
        assertEquals(header.start() + 9, header.pnOffset());
        assertTrue(PacketHeader.keyPhase(buf, header.start()));
        assertTrue(PacketHeader.spin(buf, header.start()));
        assertFalse(PacketHeader.reservedBitSet(buf, header.start()));
        assertEquals(Outcome.TRUNCATED, header.parse(buf, header.packetEnd(), end, 8));
    }

    @Test
    void reservedBitsAreThoseOfTheForm() {
        for (int first = 0; first < 256; first++) {
            boolean expected = first >= 0x80 ? (first & 0x0c) != 0 : (first & 0x18) != 0;
            assertEquals(expected, PacketHeader.reservedBitSet(new byte[] {(byte) first}, 0), "first " + first);
        }
    }

    @Test
    void unknownVersionsAreReadByTheInvariantsAlone() {
        byte[] packet = HexFormat.of().parseHex("80" + "1a2a3a4a" + "ff" + "11".repeat(255) + "1e" + "22".repeat(30));
        assertEquals(Outcome.UNSUPPORTED_VERSION, header.parse(packet, 0, packet.length, 8));
        assertEquals(0x1a2a_3a4a, header.versionNumber());
        assertTrue(Version.isReserved(header.versionNumber()));
        assertEquals(255, header.dcidLength());
        assertEquals(30, header.scidLength());
        assertEquals(packet.length, header.packetEnd());

        w.reset(buf, 0, buf.length);
        PacketHeader.writeVersionNegotiation(w, 0x15, header, 1, 0x0a0a_0a0a);
        PacketHeader answer = new PacketHeader();
        assertEquals(Outcome.PACKET, answer.parse(buf, 0, w.position(), 8));
        assertEquals(PacketType.VERSION_NEGOTIATION, answer.type());
        assertEquals(30, answer.dcidLength());
        assertEquals(255, answer.scidLength());
        assertEquals(0x22, buf[answer.dcidOffset()]);
        assertEquals(0x11, buf[answer.scidOffset()]);
        assertEquals(2, answer.versionCount());
        assertEquals(1, answer.versionAt(0));
        assertEquals(0x0a0a_0a0a, answer.versionAt(1));
        assertThrows(IndexOutOfBoundsException.class, () -> answer.versionAt(2));
    }

    @Test
    void aVersionThatIsKnownButNotSpokenIsUnsupported() {
        w.reset(buf, 0, buf.length);
        writeLong(PacketType.INITIAL, Version.V2, NO_TOKEN, 1, 100);
        assertEquals(Outcome.UNSUPPORTED_VERSION, header.parse(buf, 0, w.position(), 8));
        assertNull(header.version());
    }

    @Test
    void versionNegotiationWithoutWholeVersionsIsDropped() {
        for (String list : new String[] {"", "00", "00000001ff"}) {
            byte[] packet = HexFormat.of().parseHex("c0" + "00000000" + "01aa" + "01bb" + list);
            assertEquals(Outcome.TRUNCATED, header.parse(packet, 0, packet.length, 8), list);
        }
    }

    @Test
    void retryHasATokenAndATag() {
        w.reset(buf, 0, buf.length);
        PacketHeader.writeRetry(w, Version.V1, 0x0f, DCID, SCID, new byte[] {1, 2, 3, 4, 5});
        w.zeros(16);
        assertEquals(Outcome.PACKET, header.parse(buf, 0, w.position(), 8));
        assertEquals(PacketType.RETRY, header.type());
        assertEquals(5, header.tokenLength());
        assertEquals(1, buf[header.tokenOffset()]);
        assertEquals(w.position(), header.packetEnd());
        int withoutToken = header.tokenOffset() + 16;
        assertEquals(Outcome.PACKET, header.parse(buf, 0, withoutToken, 8));
        assertEquals(0, header.tokenLength());
        assertEquals(Outcome.TRUNCATED, header.parse(buf, 0, withoutToken - 1, 8));
    }

    @Test
    void aClearedFixedBitIsTakenOnlyByWhoAskedForIt() {
        PacketHeader greased = new PacketHeader(true, Version.V1);
        w.reset(buf, 0, buf.length);
        writeLong(PacketType.HANDSHAKE, Version.V1, NO_TOKEN, 1, 60);
        int shortStart = w.position();
        PacketHeader.writeShort(w, DCID, false, false, 1, 1);
        w.zeros(60);
        PacketHeader.clearFixedBit(buf, 0);
        PacketHeader.clearFixedBit(buf, shortStart);
        assertEquals(Outcome.FIXED_BIT_CLEAR, header.parse(buf, 0, w.position(), 8));
        assertEquals(w.position(), header.packetEnd());
        assertEquals(Outcome.FIXED_BIT_CLEAR, header.parse(buf, shortStart, w.position(), 8));
        assertEquals(Outcome.PACKET, greased.parse(buf, 0, w.position(), 8));
        assertEquals(Outcome.PACKET, greased.parse(buf, shortStart, w.position(), 8));
    }

    @Test
    void oneViewReadsForConnectionsOfDifferentSettingsInTurn() {
        w.reset(buf, 0, buf.length);
        writeLong(PacketType.HANDSHAKE, Version.V1, NO_TOKEN, 1, 60);
        int second = w.position();
        writeLong(PacketType.HANDSHAKE, Version.V2, NO_TOKEN, 1, 60);
        PacketHeader.clearFixedBit(buf, second);
        for (int turn = 0; turn < 2; turn++) {
            header.readFor(true, Version.V2);
            assertEquals(Outcome.UNSUPPORTED_VERSION, header.parse(buf, 0, second, 8));
            assertEquals(Outcome.PACKET, header.parse(buf, second, w.position(), 8));
            header.readFor(false, Version.V1);
            assertEquals(Outcome.PACKET, header.parse(buf, 0, second, 8));
            assertEquals(Outcome.UNSUPPORTED_VERSION, header.parse(buf, second, w.position(), 8));
            header.readFor(false, Version.V2);
            assertEquals(Outcome.FIXED_BIT_CLEAR, header.parse(buf, second, w.position(), 8));
        }
    }

    @Test
    void longConnectionIdsAreDroppedInVersion1() {
        String cid20 = "14" + "aa".repeat(20);
        String cid21 = "15" + "aa".repeat(21);
        String rest = "00" + "20" + "00".repeat(32);
        for (String cids : new String[] {cid21 + cid20, cid20 + cid21}) {
            byte[] packet = HexFormat.of().parseHex("c000000001" + cids + rest);
            assertEquals(Outcome.CONNECTION_ID_TOO_LONG, header.parse(packet, 0, packet.length, 8));
        }
        byte[] packet = HexFormat.of().parseHex("c000000001" + cid20 + cid20 + rest);
        assertEquals(Outcome.PACKET, header.parse(packet, 0, packet.length, 8));
    }

    @Test
    void anyCutIsNoticed() {
        w.reset(buf, 0, buf.length);
        writeLong(PacketType.INITIAL, Version.V1, new byte[70], 1, 60);
        for (int end = 0; end < w.position(); end++) {
            assertEquals(Outcome.TRUNCATED, header.parse(buf, 0, end, 8), "end " + end);
        }
    }

    @Test
    void packetsTooShortForASampleAreDroppedAndTheNextIsRead() {
        w.reset(buf, 0, buf.length);
        writeLong(PacketType.HANDSHAKE, Version.V1, NO_TOKEN, 1, 18);
        int next = w.position();
        writeLong(PacketType.HANDSHAKE, Version.V1, NO_TOKEN, 1, 19);
        assertEquals(Outcome.TOO_SHORT, header.parse(buf, 0, w.position(), 8));
        assertEquals(next, header.packetEnd());
        assertEquals(Outcome.PACKET, header.parse(buf, next, w.position(), 8));

        Arrays.fill(buf, (byte) 0x40);
        assertEquals(Outcome.TOO_SHORT, header.parse(buf, 0, 1 + 8 + 19, 8));
        assertEquals(Outcome.PACKET, header.parse(buf, 0, 1 + 8 + 20, 8));
    }

    @Test
    void parsingAllocatesNothing() {
        w.reset(buf, 0, buf.length);
        writeLong(PacketType.INITIAL, Version.V1, new byte[20], 2, 300);
        int second = w.position();
        PacketHeader.writeShort(w, DCID, false, false, 1, 2);
        w.zeros(900);
        int end = w.position();
        long sum = 0;
        long garbage = Long.MAX_VALUE;
        // The least of several rounds: the first ones also count what class loading and compiling left behind.
        for (int round = 0; round < 5; round++) {
            long before = Allocated.bytes();
            for (int i = 0; i < 1000; i++) {
                header.parse(buf, 0, end, 8);
                sum += header.packetEnd();
                header.parse(buf, second, end, 8);
                sum += header.pnOffset();
            }
            garbage = Math.min(garbage, Allocated.bytes() - before);
        }
        assertTrue(sum > 0);
        assertTrue(garbage < 1000, garbage + " bytes in 2000 parses");
    }

    @Test
    void mutatedDatagramsNeverLeadOutsideTheDatagram() {
        long seed = 1_234_567;
        Random random = new Random(seed);
        PacketHeader any = new PacketHeader(true, Version.V1, Version.V2);
        byte[] fuzzed = new byte[600];
        for (int i = 0; i < 300_000; i++) {
            int end = mutated(random, fuzzed);
            String message = "seed " + seed + " iteration " + i;
            int off = random.nextInt(4);
            int packets = 0;
            while (off < end) {
                Outcome outcome = any.parse(fuzzed, off, end, random.nextInt(21));
                assertTrue(any.packetEnd() > off && any.packetEnd() <= end, message);
                assertTrue(++packets <= 600, message);
                checkFields(any, outcome, end, message);
                off = any.packetEnd();
            }
        }
    }

    private static void checkFields(PacketHeader h, Outcome outcome, int end, String message) {
        if (outcome == Outcome.PACKET) {
            assertTrue(h.dcidOffset() + h.dcidLength() <= end, message);
            assertTrue(h.scidOffset() + h.scidLength() <= end, message);
            assertTrue(h.tokenLength() >= 0 && h.tokenOffset() + h.tokenLength() <= h.packetEnd(), message);
            if (h.type().hasFrames()) {
                assertTrue(h.pnOffset() + 20 <= h.packetEnd(), message);
                assertEquals(h.dcidLength(), h.dcid().length(), message);
            }
        } else if (outcome == Outcome.UNSUPPORTED_VERSION) {
            assertTrue(h.scidOffset() + h.scidLength() <= end, message);
        }
    }

    /** A random datagram that looks like packets, with some bytes changed; returns its end. */
    private int mutated(Random random, byte[] out) {
        w.reset(buf, 0, out.length);
        PacketType[] types = {PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ZERO_RTT};
        for (int i = random.nextInt(3); i >= 0; i--) {
            PacketType type = types[random.nextInt(3)];
            byte[] token = type == PacketType.INITIAL ? new byte[random.nextInt(40)] : NO_TOKEN;
            writeLong(
                    type,
                    random.nextBoolean() ? Version.V1 : Version.V2,
                    token,
                    1 + random.nextInt(4),
                    random.nextInt(60));
        }
        if (random.nextBoolean()) {
            PacketHeader.writeShort(w, DCID, false, false, 1, 1);
            w.zeros(random.nextInt(60));
        }
        int end = w.position();
        System.arraycopy(buf, 0, out, 0, end);
        for (int i = random.nextInt(6); i > 0; i--) {
            int at = random.nextInt(3) == 0 ? random.nextInt(Math.min(end, 30)) : random.nextInt(end);
            out[at] = (byte) random.nextInt(256);
        }
        return random.nextInt(3) == 0 ? 1 + random.nextInt(end) : end;
    }
}

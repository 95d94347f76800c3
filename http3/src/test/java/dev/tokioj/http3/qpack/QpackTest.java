package dev.tokioj.http3.qpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QpackTest {
    private static final long LIMIT = 16 * 1024;

    @Test
    void appendixB1LiteralWithStaticName() throws QpackException {
        assertEquals(List.of(":path=/index.html"), decode("0000510b2f696e6465782e68746d6c"));
    }

    @Test
    void appendixB2AndLaterNeedADynamicTableThatWeDoNotOffer() {
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "03811011");
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "050080c181");
        assertEquals(QpackError.QPACK_ENCODER_STREAM_ERROR, encoderStream("3fbd01"));
        assertEquals(QpackError.QPACK_ENCODER_STREAM_ERROR, encoderStream("c00f7777772e6578616d706c652e636f6d"));
        assertEquals(QpackError.QPACK_ENCODER_STREAM_ERROR, encoderStream("4a637573746f6d2d6b6579"));
        assertEquals(QpackError.QPACK_ENCODER_STREAM_ERROR, encoderStream("02"));
        assertEquals(QpackError.QPACK_DECODER_STREAM_ERROR, decoderStream("84"));
        assertEquals(QpackError.QPACK_DECODER_STREAM_ERROR, decoderStream("01"));
    }

    @Test
    void everyStaticEntryIsDecodedAndFoundAgain() throws QpackException {
        for (int i = 0; i < StaticTable.SIZE; i++) {
            byte[] src = new byte[2 + PrefixedInt.MAX_LENGTH];
            int end = PrefixedInt.write(src, 2, 6, 0xc0, i);
            String line = StaticTable.name(i) + "=" + StaticTable.value(i);
            assertEquals(List.of(line), decode(Arrays.copyOf(src, end), LIMIT));
            int found = StaticTable.find(StaticTable.name(i), StaticTable.value(i));
            assertEquals(i, found);
            int byName = StaticTable.find(StaticTable.name(i), "no such value");
            assertEquals(StaticTable.name(i), StaticTable.name(-1 - byName));
        }
        assertEquals(99, StaticTable.SIZE);
        assertEquals(Integer.MIN_VALUE, StaticTable.find("x-unknown", ""));
    }

    @Test
    void staticIndex99IsRefused() {
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "0000ff24"); // indexed, 63 + 36
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "00005f5400"); // name reference, 15 + 84
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "0000ff" + "ff".repeat(8) + "3f");
    }

    @Test
    void referencesToTheDynamicTableAreRefused() {
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "0100"); // required insert count
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "0080"); // negative base
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "000080"); // indexed
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "00004000"); // name reference
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "000010"); // post-base
        assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "00000000"); // post-base name
    }

    @Test
    void sectionThatEndsAnywhereInsideALineIsRefused() {
        byte[] whole = HexFormat.of().parseHex("0000510b2f696e6465782e68746d6c");
        for (int n = 0; n < whole.length; n++) {
            byte[] cut = Arrays.copyOf(whole, n);
            if (n == 2) {
                continue; // a section without lines
            }
            var error = assertThrows(QpackException.class, () -> decode(cut, LIMIT), "cut at " + n);
            assertEquals(QpackError.QPACK_DECOMPRESSION_FAILED, error.error());
        }
    }

    @Test
    void claimedLengthAllocatesNothing() {
        // Literal values and names of 2^62-1 bytes, plain and Huffman coded.
        String huge = "80" + "ff".repeat(7) + "3f";
        for (String line : List.of("517f" + huge, "51ff" + huge, "27" + huge, "2f" + huge)) {
            assertFails(QpackError.QPACK_DECOMPRESSION_FAILED, "0000" + line);
        }
    }

    @Test
    void sizeIsLimitedWhileDecodingByNameValueAndOverhead() throws QpackException {
        byte[] section = encode(List.of("x-a", "12345"), false);
        assertEquals(List.of("x-a=12345"), decode(section, 3 + 5 + 32));
        var error = assertThrows(QpackException.class, () -> decode(section, 3 + 5 + 31));
        assertEquals(QpackError.FIELD_SECTION_TOO_LARGE, error.error());
        // Few bytes that would be many lines: a thousand times ":path: /" (C1).
        byte[] bomb = new byte[1002];
        Arrays.fill(bomb, 2, bomb.length, (byte) 0xc1);
        var bombError = assertThrows(QpackException.class, () -> decode(bomb, LIMIT));
        assertEquals(QpackError.FIELD_SECTION_TOO_LARGE, bombError.error());
    }

    @Test
    void huffmanTextAboveTheLimitIsCutShort() {
        byte[] section = encode(List.of("x-a", "0".repeat(1000)), false);
        var error = assertThrows(QpackException.class, () -> decode(section, 500));
        assertEquals(QpackError.FIELD_SECTION_TOO_LARGE, error.error());
    }

    @Test
    void secretsStayLiteralsAndSaySo() throws QpackException {
        byte[] section = encode(List.of("authorization", "Basic abc", "x-k", "v", ":method", "GET"), true);
        var decoder = new Decoder();
        decoder.begin(section, 0, section.length, LIMIT);
        for (int i = 0; i < 3; i++) {
            assertTrue(decoder.next());
            assertTrue(decoder.neverIndexed(), decoder.name());
        }
        byte[] open = encode(List.of(":method", "GET"), false);
        decoder.begin(open, 0, open.length, LIMIT);
        assertTrue(decoder.next());
        assertEquals(false, decoder.neverIndexed());
        assertEquals("0000d1", HexFormat.of().formatHex(open));
    }

    @Test
    void whatIsEncodedIsDecoded() throws QpackException {
        long seed = 9204;
        var random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            var lines = new ArrayList<String>();
            for (int n = random.nextInt(12); n > 0; n--) {
                int index = random.nextInt(2 * StaticTable.SIZE);
                String name = index < StaticTable.SIZE ? StaticTable.name(index) : text(random, 20);
                lines.add(name);
                lines.add(
                        index < StaticTable.SIZE && random.nextBoolean() ? StaticTable.value(index) : text(random, 60));
            }
            var wanted = new ArrayList<String>();
            for (int i = 0; i < lines.size(); i += 2) {
                wanted.add(lines.get(i) + "=" + lines.get(i + 1));
            }
            assertEquals(
                    wanted, decode(encode(lines, random.nextBoolean()), LIMIT), "seed " + seed + " round " + round);
        }
    }

    @Test
    void setCapacityZeroAndCancellationsAreTaken() throws QpackException {
        var encoderStream = new EncoderStream();
        assertEquals(new Instruction.SetDynamicTableCapacity(0), encoderStream.receive((byte) 0x20));
        var decoderStream = new DecoderStream();
        assertNull(decoderStream.receive((byte) 0x7f));
        assertEquals(new Instruction.StreamCancellation(64), decoderStream.receive((byte) 0x01));
    }

    @Test
    void instructionsThatMakeNoSenseAreRefused() {
        // h3spec 13: capacity 10^10; 15: Insert Count Increment 0.
        byte[] capacity = new byte[PrefixedInt.MAX_LENGTH];
        int end = PrefixedInt.write(capacity, 0, 5, 0x20, 10_000_000_000L);
        assertEquals(
                QpackError.QPACK_ENCODER_STREAM_ERROR,
                encoderStream(HexFormat.of().formatHex(capacity, 0, end)));
        assertEquals(QpackError.QPACK_DECODER_STREAM_ERROR, decoderStream("00"));
        assertEquals(QpackError.QPACK_ENCODER_STREAM_ERROR, encoderStream("3f" + "80".repeat(12)));
        assertEquals(QpackError.QPACK_DECODER_STREAM_ERROR, decoderStream("7f" + "80".repeat(12)));
    }

    @Test
    void noiseAndMutatedSectionsOnlyEverThrowQpackException() {
        long seed = 20261120;
        var random = new Random(seed);
        byte[] good = encode(
                List.of(
                        ":method",
                        "POST",
                        ":path",
                        "/a/b?c",
                        "cookie",
                        "a=b; c=d",
                        "x-long",
                        "v".repeat(300),
                        "x",
                        "1"),
                false);
        var decoder = new Decoder();
        int decoded = 0;
        for (int round = 0; round < 80_000; round++) {
            byte[] src = good.clone();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                src[random.nextInt(src.length)] = (byte) random.nextInt();
            }
            int off = random.nextInt(4) == 0 ? random.nextInt(src.length) : 0;
            int len = random.nextInt(4) == 0 ? random.nextInt(src.length - off) : src.length - off;
            long limit = random.nextInt(600);
            try {
                decoder.begin(src, off, len, limit);
                while (decoder.next()) {
                    assertTrue(decoder.size() <= limit, "seed " + seed + " round " + round);
                }
                decoded++;
            } catch (QpackException e) {
                assertNotNull(e.reason());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round, e);
            }
        }
        assertTrue(decoded > 100, "mutations let only " + decoded + " pass");
    }

    private static String text(Random random, int max) {
        byte[] bytes = new byte[random.nextInt(max)];
        random.nextBytes(bytes);
        if (random.nextBoolean()) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ('a' + (bytes[i] & 0x0f));
            }
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] encode(List<String> lines, boolean neverIndexed) {
        var encoder = new Encoder();
        encoder.begin();
        for (int i = 0; i < lines.size(); i += 2) {
            encoder.line(lines.get(i), lines.get(i + 1), neverIndexed);
        }
        return Arrays.copyOf(encoder.array(), encoder.length());
    }

    private static List<String> decode(String hex) throws QpackException {
        return decode(HexFormat.of().parseHex(hex), LIMIT);
    }

    private static List<String> decode(byte[] src, long limit) throws QpackException {
        var decoder = new Decoder();
        decoder.begin(src, 0, src.length, limit);
        var lines = new ArrayList<String>();
        while (decoder.next()) {
            lines.add(decoder.name() + "=" + decoder.value());
        }
        return lines;
    }

    private static void assertFails(QpackError error, String hex) {
        assertEquals(
                error,
                assertThrows(QpackException.class, () -> decode(hex), hex).error(),
                hex);
    }

    private static QpackError encoderStream(String hex) {
        var stream = new EncoderStream();
        return assertThrows(
                        QpackException.class,
                        () -> {
                            for (byte b : HexFormat.of().parseHex(hex)) {
                                stream.receive(b);
                            }
                        },
                        hex)
                .error();
    }

    private static QpackError decoderStream(String hex) {
        var stream = new DecoderStream();
        return assertThrows(
                        QpackException.class,
                        () -> {
                            for (byte b : HexFormat.of().parseHex(hex)) {
                                stream.receive(b);
                            }
                        },
                        hex)
                .error();
    }
}

package dev.tokioj.http3.qpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HuffmanTest {
    /** RFC 7541 appendix C.4 and C.6. */
    private static final Map<String, String> VECTORS = Map.ofEntries(
            Map.entry("www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"),
            Map.entry("no-cache", "a8eb10649cbf"),
            Map.entry("custom-key", "25a849e95ba97d7f"),
            Map.entry("custom-value", "25a849e95bb8e8b4bf"),
            Map.entry("302", "6402"),
            Map.entry("private", "aec3771a4b"),
            Map.entry("Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"),
            Map.entry("https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"),
            Map.entry("307", "640eff"),
            Map.entry("gzip", "9bd9ab"),
            Map.entry(
                    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
                    "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"));

    @Test
    void encodesAndDecodesTheStringsOfRfc7541() {
        VECTORS.forEach((text, hex) -> {
            assertEquals(hex, HexFormat.of().formatHex(encode(text)), text);
            assertEquals(text, decode(HexFormat.of().parseHex(hex)));
        });
    }

    @Test
    void everyByteSurvivesInEveryNeighbourhood() {
        long seed = 7541;
        var random = new Random(seed);
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (round < 256) {
                bytes = new byte[] {(byte) round};
            }
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            assertEquals(text, decode(encode(text)), "seed " + seed + " round " + round);
        }
    }

    @Test
    void paddingIsAtMostSevenBitsOfOnes() {
        assertEquals("0", decode(bytes(0b00000_111)));
        assertEquals(Huffman.MALFORMED, length(0b00000_110)); // not ones
        assertEquals(Huffman.MALFORMED, length(0b00000_111, 0xff)); // 11 bits
        assertEquals(Huffman.MALFORMED, length(0xff)); // 8 bits
        assertEquals(0, length());
    }

    @Test
    void endOfStringSymbolIsRefused() {
        assertEquals(Huffman.MALFORMED, length(0xff, 0xff, 0xff, 0xff));
        assertEquals(Huffman.MALFORMED, length(0xff, 0xff, 0xff, 0xfc));
        assertEquals(Huffman.MALFORMED, length(0b00000_111, 0xff, 0xff, 0xff, 0xff, 0xff));
    }

    @Test
    void longestCodesAreDecoded() {
        // 0x0a, 0x0d and 0x16 have 30 bits.
        assertEquals("\n\r\u0016", decode(encode("\n\r\u0016")));
    }

    @Test
    void decodingStopsAtTheLimit() {
        byte[] src = encode("0000000000");
        assertEquals(Huffman.TOO_LONG, Huffman.decode(src, 0, src.length, new byte[100], 0, 9));
        assertEquals(10, Huffman.decode(src, 0, src.length, new byte[100], 0, 10));
    }

    @Test
    void characterThatIsNoByteIsRefusedNotCut() {
        assertThrows(IllegalArgumentException.class, () -> Huffman.encodedLength("a\u010a"));
    }

    @Test
    void whatIsDecodedFromNoiseEncodesToTheSameNoise() {
        long seed = 30;
        var random = new Random(seed);
        int decoded = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] src = new byte[1 + random.nextInt(3)];
            random.nextBytes(src);
            byte[] dst = new byte[16];
            int n = Huffman.decode(src, 0, src.length, dst, 0, dst.length);
            if (n >= 0) {
                decoded++;
                assertArrayEquals(
                        src,
                        encode(new String(dst, 0, n, StandardCharsets.ISO_8859_1)),
                        "seed " + seed + " round " + round);
            }
        }
        assertEquals(true, decoded > 1000, "only " + decoded + " were decodable");
    }

    private static byte[] encode(String text) {
        byte[] dst = new byte[Huffman.encodedLength(text)];
        assertEquals(dst.length, Huffman.encode(text, dst, 0));
        return dst;
    }

    private static String decode(byte[] src) {
        byte[] dst = new byte[2 * src.length + 1];
        int n = Huffman.decode(src, 0, src.length, dst, 0, dst.length);
        return n < 0 ? "error " + n : new String(dst, 0, n, StandardCharsets.ISO_8859_1);
    }

    private static int length(int... bytes) {
        return Huffman.decode(bytes(bytes), 0, bytes.length, new byte[64], 0, 64);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}

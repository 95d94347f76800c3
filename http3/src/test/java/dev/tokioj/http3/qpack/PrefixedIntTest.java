package dev.tokioj.http3.qpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PrefixedIntTest {
    @Test
    void examplesOfRfc7541() throws QpackException {
        assertEquals("0a", encode(5, 10));
        assertEquals("1f9a0a", encode(5, 1337));
        assertEquals("2a", encode(8, 42));
        assertEquals(1337, decode(5, "1f9a0a"));
    }

    @Test
    void everyPrefixHoldsEveryMagnitude() throws QpackException {
        for (int prefix = 1; prefix <= 8; prefix++) {
            for (int bits = 0; bits <= 62; bits++) {
                for (long delta = -1; delta <= 1; delta++) {
                    long value = Math.clamp((1L << bits) + delta, 0, PrefixedInt.MAX);
                    String hex = encode(prefix, value);
                    assertEquals(hex.length() / 2, PrefixedInt.length(prefix, value), "length of " + value);
                    assertEquals(value, decode(prefix, hex), "prefix " + prefix);
                }
            }
        }
    }

    @Test
    void integersAbove62BitsAreRefused() {
        var error = assertThrows(QpackException.class, () -> decode(8, "ff" + "ff".repeat(8) + "7f"));
        assertEquals(QpackError.QPACK_DECOMPRESSION_FAILED, error.error());
        assertThrows(QpackException.class, () -> decode(8, "ff" + "80".repeat(8) + "7f"));
    }

    @Test
    void integersPaddedForEverAreRefused() throws QpackException {
        assertEquals(255, decode(8, "ff" + "80".repeat(8) + "00"));
        assertThrows(QpackException.class, () -> decode(8, "ff" + "80".repeat(9) + "00"));
    }

    private static String encode(int prefix, long value) {
        byte[] dst = new byte[PrefixedInt.MAX_LENGTH];
        int end = PrefixedInt.write(dst, 0, prefix, 0, value);
        return HexFormat.of().formatHex(dst, 0, end);
    }

    private static long decode(int prefix, String hex) throws QpackException {
        byte[] src = HexFormat.of().parseHex(hex);
        var integer = new PrefixedInt(QpackError.QPACK_DECOMPRESSION_FAILED);
        boolean complete = integer.begin(src[0] & 0xff, prefix);
        int at = 1;
        while (!complete) {
            complete = integer.next(src[at++] & 0xff);
        }
        assertEquals(src.length, at);
        return integer.value();
    }
}

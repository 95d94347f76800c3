package dev.tokioj.cli;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Writes the values of ASN.1 that a certificate is made of, in DER (X.690). */
final class Der {
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;

    /** RFC 5280 section 4.1.2.5: UTCTime until 2049. */
    private static final int FIRST_GENERALIZED_YEAR = 2050;

    private Der() {}

    static byte[] sequence(byte[]... values) {
        return value(SEQUENCE, values);
    }

    static byte[] set(byte[]... values) {
        return value(SET, values);
    }

    static byte[] integer(BigInteger number) {
        return value(INTEGER, number.toByteArray());
    }

    static byte[] integer(long number) {
        return integer(BigInteger.valueOf(number));
    }

    static byte[] yes() {
        return new byte[] {1, 1, (byte) 0xff};
    }

    static byte[] octets(byte[] bytes) {
        return value(OCTET_STRING, bytes);
    }

    /** Bits of which the last {@code unused} do not count. */
    static byte[] bits(int unused, byte[] bytes) {
        return value(BIT_STRING, new byte[] {(byte) unused}, bytes);
    }

    static byte[] text(String text) {
        return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    /** An object identifier such as 2.5.4.3. */
    static byte[] oid(int first, int second, int... others) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first * 40 + second);
        for (int each : others) {
            for (int shift = 28; shift > 0; shift -= 7) {
                if (each >>> shift != 0) {
                    out.write(((each >>> shift) & 0x7f) | 0x80);
                }
            }
            out.write(each & 0x7f);
        }
        return value(OBJECT_IDENTIFIER, out.toByteArray());
    }

    static byte[] time(Instant when) {
        var utc = when.atOffset(ZoneOffset.UTC);
        boolean utcTime = utc.getYear() < FIRST_GENERALIZED_YEAR;
        String text = DateTimeFormatter.ofPattern(utcTime ? "yyMMddHHmmss'Z'" : "uuuuMMddHHmmss'Z'")
                .format(utc);
        return value(utcTime ? UTC_TIME : GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A value under a context tag: what kind of value it is, its place says. */
    static byte[] implicit(int tag, byte[] contents) {
        return value(CONTEXT | tag, contents);
    }

    /** A whole value within a context tag. */
    static byte[] explicit(int tag, byte[] value) {
        return value(CONTEXT | CONSTRUCTED | tag, value);
    }

    private static byte[] value(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] each : contents) {
            length += each.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >>> 8);
            out.write(length);
        }
        for (byte[] each : contents) {
            out.writeBytes(each);
        }
        return out.toByteArray();
    }
}

package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class AmountsTest {
    @Test
    void sizesKeepThreeDigitsAtMost() {
        assertEquals("0 B", Amounts.bytes(0));
        assertEquals("999 B", Amounts.bytes(999));
        assertEquals("1.0 kB", Amounts.bytes(1000));
        assertEquals("52.4 MB", Amounts.bytes(52_428_800));
        assertEquals("1.1 GB", Amounts.bytes(1L << 30));
        assertEquals("1.0 MB", Amounts.bytes(999_600));
    }

    @Test
    void timesAndRates() {
        assertEquals("250 us", Amounts.time(250_000));
        assertEquals("12 ms", Amounts.time(12_900_000));
        assertEquals("3.2 s", Amounts.time(3_200_000_000L));
        assertEquals("2:05", Amounts.time(125_000_000_000L));
        assertEquals("500 MB/s", Amounts.rate(1_000_000_000, 2_000_000_000));
        assertEquals("-", Amounts.rate(1, 0));
    }

    @Test
    void mediaTypesGoByTheEnding() {
        MediaTypes types = new MediaTypes();
        assertEquals("text/html; charset=utf-8", types.of("INDEX.HTML"));
        assertEquals("image/png", types.of("a.b.png"));
        assertEquals("application/octet-stream", types.of("README"));
        assertEquals("application/octet-stream", types.of("x.unknown"));
    }
}

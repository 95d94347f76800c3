package dev.tokioj.cli;

import java.util.Locale;

/** Sizes, rates and times as a person reads them. */
final class Amounts {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

    private Amounts() {}

    /** A size in decimal units: {@code 1.5 MB}. */
    static String bytes(double bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= 999.5 && unit < UNITS.length - 1) {
            amount /= 1000;
            unit++;
        }
        return unit == 0 || amount >= 99.95
                ? String.format(Locale.ROOT, "%.0f %s", amount, UNITS[unit])
                : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    /** A duration given in nanoseconds: {@code 340 us}, {@code 12 ms}, {@code 3.2 s}, {@code 2:05}. */
    static String time(long nanos) {
        if (nanos < 1_000_000) {
            return nanos / 1000 + " us";
        }
        if (nanos < 1_000_000_000) {
            return nanos / 1_000_000 + " ms";
        }
        double seconds = nanos / 1e9;
        return seconds < 100
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : String.format(Locale.ROOT, "%d:%02d", (long) seconds / 60, (long) seconds % 60);
    }

    /** Bytes in a time, as a rate. */
    static String rate(long bytes, long nanos) {
        return nanos <= 0 ? "-" : bytes(bytes * 1e9 / nanos) + "/s";
    }
}

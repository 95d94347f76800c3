package dev.tokioj.bench.compare;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A peer in a case: its samples, or why there are none.
 *
 * @param failure null if it was measured
 */
record Row(
        Case what,
        Peer peer,
        List<Sample> samples,
        @Nullable String failure) {

    boolean measured() {
        return failure == null;
    }

    Sample median() {
        return Sample.median(samples);
    }

    /** The line of {@code --json}. */
    String json() {
        Sample m = measured() ? median() : Sample.value(Double.NaN);
        return String.format(
                Locale.ROOT,
                "{\"case\":\"%s\",\"peer\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"rounds\":%d,\"cpuServer\":%s,\"cpuClient\":%s,"
                        + "\"p50us\":%s,\"p99us\":%s}",
                what.title(),
                peer.title(),
                number(m.value()),
                what.unit,
                samples.size(),
                number(m.cpuServer()),
                number(m.cpuClient()),
                number(m.p50()),
                number(m.p99()));
    }

    /** Four digits at least, and no more than can be known. */
    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "null";
        }
        return String.format(Locale.ROOT, value >= 1000 ? "%.0f" : value >= 10 ? "%.1f" : "%.3f", value);
    }

    /** The table's heading for a case. */
    static String heading(Case what) {
        return String.format(
                Locale.ROOT,
                "%-14s %12s  %9s %9s  %9s %9s %9s  %s",
                what.title(),
                what.unit,
                "cpu srv",
                "cpu cli",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "tokioj/peer");
    }

    /** The table's line; the ratio is TokioJ's value by this one's. */
    String line(@Nullable Row tokioj) {
        if (failure != null) {
            return String.format(
                    Locale.ROOT,
                    "%-14s not measured: %s",
                    peer.title(),
                    failure.lines().findFirst().orElse(""));
        }
        Sample m = median();
        String ratio = tokioj == null || !tokioj.measured() || peer == Peer.TOKIOJ
                ? ""
                : String.format(Locale.ROOT, "%.2f", tokioj.median().value() / m.value());
        return String.format(
                Locale.ROOT,
                "%-14s %12s  %9s %9s  %9s %9s %9s  %s%s",
                peer.title(),
                text(m.value()),
                text(m.cpuServer()),
                text(m.cpuClient()),
                text(m.p50()),
                text(m.p99()),
                text(m.p999()),
                ratio,
                spread());
    }

    /** How far the rounds lie apart. */
    private String spread() {
        if (samples.size() < 2) {
            return "";
        }
        double least = samples.stream().mapToDouble(Sample::value).min().orElse(Double.NaN);
        double most = samples.stream().mapToDouble(Sample::value).max().orElse(Double.NaN);
        return "   (" + text(least) + " to " + text(most) + ")";
    }

    private static String text(double value) {
        return Double.isNaN(value) ? "-" : number(value);
    }
}

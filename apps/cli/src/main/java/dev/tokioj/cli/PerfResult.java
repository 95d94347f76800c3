package dev.tokioj.cli;

import java.util.Arrays;
import java.util.Locale;

/**
 * What one case measured.
 *
 * @param value the rate, in {@code unit}
 * @param serverCpu CPU seconds per GB, or CPU microseconds per request or handshake, of the server's whole process
 * @param clientCpu the same of the client's
 * @param latencies of each request or handshake, ns, sorted; empty where there are none
 */
@SuppressWarnings("ArrayRecordComponent") // printed, never compared
record PerfResult(String name, double value, String unit, double serverCpu, double clientCpu, long[] latencies) {
    PerfResult {
        latencies = latencies.clone();
        Arrays.sort(latencies);
    }

    /** A transfer of bytes. */
    static PerfResult transfer(String name, long bytes, long nanos, long serverCpu, long clientCpu) {
        double gigabytes = bytes / 1e9;
        return new PerfResult(
                name,
                bytes * 1e3 / nanos,
                "MB/s",
                serverCpu / 1e9 / gigabytes,
                clientCpu / 1e9 / gigabytes,
                new long[0]);
    }

    /** Operations that each have a latency. */
    static PerfResult operations(
            String name, String unit, long[] latencies, long nanos, long serverCpu, long clientCpu) {
        double count = latencies.length;
        return new PerfResult(
                name, count * 1e9 / nanos, unit, serverCpu / 1e3 / count, clientCpu / 1e3 / count, latencies);
    }

    private double percentile(double p) {
        return latencies[(int) Math.min(latencies.length - 1L, (long) (latencies.length * p))] / 1e3;
    }

    /** A line for people. */
    String line() {
        String rate = String.format(Locale.ROOT, "%-21s %,10.0f %-14s", name, value, unit);
        String cpuUnit = latencies.length == 0 ? "s/GB" : "us each";
        String cpu = String.format(Locale.ROOT, "  CPU server %.2f, client %.2f %s", serverCpu, clientCpu, cpuUnit);
        String tail = latencies.length == 0
                ? ""
                : String.format(Locale.ROOT, "  p50 %,.0f us  p99 %,.0f us", percentile(0.50), percentile(0.99));
        return rate + tail + cpu;
    }

    /** One JSON object, on one line. */
    String json() {
        return String.format(
                Locale.ROOT,
                "{\"case\":\"%s\",\"peer\":\"tokioj\",\"value\":%.1f,\"unit\":\"%s\",\"rounds\":1,\"cpuServer\":%.3f,"
                        + "\"cpuClient\":%.3f,\"p50us\":%s,\"p99us\":%s}",
                name,
                value,
                unit,
                serverCpu,
                clientCpu,
                latencies.length == 0 ? "null" : String.format(Locale.ROOT, "%.1f", percentile(0.50)),
                latencies.length == 0 ? "null" : String.format(Locale.ROOT, "%.1f", percentile(0.99)));
    }
}

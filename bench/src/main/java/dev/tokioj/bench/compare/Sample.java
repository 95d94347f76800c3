package dev.tokioj.bench.compare;

import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one timed run showed. CPU in seconds a GB for transfers, in microseconds an operation for the rest; latencies in
 * microseconds, NaN where there are none.
 */
record Sample(double value, double cpuServer, double cpuClient, double p50, double p99, double p999) {
    static Sample value(double value) {
        return new Sample(value, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }

    /** So many bytes in so many seconds. */
    static Sample transfer(double bytes, double seconds, Duration serverCpu, Duration clientCpu) {
        return new Sample(
                bytes / seconds / 1e6,
                serverCpu.toNanos() / bytes,
                clientCpu.toNanos() / bytes,
                Double.NaN,
                Double.NaN,
                Double.NaN);
    }

    /** So many operations; the words are the latencies' median, 99 % and 99.9 %, in ns. */
    static Sample operations(
            Case what, double count, double seconds, Duration serverCpu, Duration clientCpu, String[] latency) {
        double p50 = Long.parseLong(latency[0]) / 1e3;
        return new Sample(
                what == Case.LATENCY ? p50 : count / seconds,
                serverCpu.toNanos() / 1e3 / count,
                clientCpu.toNanos() / 1e3 / count,
                p50,
                Long.parseLong(latency[1]) / 1e3,
                Long.parseLong(latency[2]) / 1e3);
    }

    /** The same, its value as a share of another. */
    Sample per(double whole) {
        return new Sample(value / whole, cpuServer, cpuClient, p50, p99, p999);
    }

    /** The median of each figure on its own. */
    static Sample median(List<Sample> samples) {
        return new Sample(
                median(samples, Sample::value),
                median(samples, Sample::cpuServer),
                median(samples, Sample::cpuClient),
                median(samples, Sample::p50),
                median(samples, Sample::p99),
                median(samples, Sample::p999));
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        double[] sorted = samples.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

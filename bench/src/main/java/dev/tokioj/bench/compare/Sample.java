package dev.tokioj.bench.compare;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one timed run showed. CPU in seconds a GB for transfers, in microseconds an operation for the rest; latencies in
 * microseconds, NaN where there are none.
 */
record Sample(double value, double cpuServer, double cpuClient, double p50, double p99, double p999) {
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

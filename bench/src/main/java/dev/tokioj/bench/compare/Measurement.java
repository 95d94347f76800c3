package dev.tokioj.bench.compare;

import java.util.List;

/** One peer being measured, from the start of its processes to the last round. One thread. */
sealed interface Measurement permits PairMeasurement, ManyMeasurement, Ngtcp2Measurement {
    /** Starts both sides, checks that content passes intact, and lets them warm up. */
    void start() throws InterruptedException;

    /** One timed run, unless it has failed. */
    void sample() throws InterruptedException;

    /** What was found: a row for each case. */
    List<Row> rows();

    /** Ends both sides. */
    void end() throws InterruptedException;
}

package dev.tokioj.bench.compare;

import java.util.Locale;

/** What is measured. */
enum Case {
    /** One connection, one stream, from the server to the client. */
    BULK("MB/s", "s/GB", Better.HIGHER, 1, 6),
    /** One connection, one stream, from the client to the server. */
    UPLOAD("MB/s", "s/GB", Better.HIGHER, 1, 6),
    /** One connection, 64 bytes up and 1000 down on a stream of its own each, 100 at once. */
    REQUESTS("requests/s", "us each", Better.HIGHER, 100, 8),
    /** As {@link #REQUESTS}, 1,000 at once. */
    REQUESTS_1000("requests/s", "us each", Better.HIGHER, 1_000, 8),
    /** As {@link #REQUESTS}, one at a time; the value is the median latency. */
    LATENCY("us", "us each", Better.LOWER, 1, 8),
    /** Full handshakes with a validated certificate, 32 at a time. */
    HANDSHAKES("handshakes/s", "us each", Better.HIGHER, 32, 20),
    /** 10,000 connections that rest: heap after collection and native memory for each on the server; then each answers. */
    IDLE("B/connection", "", Better.LOWER, 1, 0),
    /**
     * Requests over 10,000 connections in turn, 10 at once; the value is the share of what is reached over 10. So a connection
     * has one at a time in either: what many connections cost, and not that requests on one share its packets.
     */
    MANY("of 10 conns", "us each", Better.HIGHER, 10, 8);

    /** Which way is up. */
    enum Better {
        HIGHER,
        LOWER
    }

    final String unit;
    final String cpuUnit;
    final Better better;
    final int atOnce;
    /** Seconds until the JIT compilers, on the same core as the work, have little left to do: seen on a fast machine, not guessed. */
    final double warmUp;

    Case(String unit, String cpuUnit, Better better, int atOnce, double warmUp) {
        this.unit = unit;
        this.cpuUnit = cpuUnit;
        this.better = better;
        this.atOnce = atOnce;
        this.warmUp = warmUp;
    }

    /** Its name on the command line and in what is printed. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether bytes are counted, and not operations. */
    boolean isTransfer() {
        return switch (this) {
            case BULK, UPLOAD -> true;
            case REQUESTS, REQUESTS_1000, LATENCY, HANDSHAKES, IDLE, MANY -> false;
        };
    }
}

package dev.tokioj.bench.compare;

import java.util.Locale;

/** What is measured. */
enum Case {
    /** One connection, one stream, from the server to the client. */
    BULK("MB/s", "s/GB", Better.HIGHER, 1),
    /** One connection, one stream, from the client to the server. */
    UPLOAD("MB/s", "s/GB", Better.HIGHER, 1),
    /** One connection, 64 bytes up and 1000 down on a stream of its own each, 100 at once. */
    REQUESTS("requests/s", "us each", Better.HIGHER, 100),
    /** As {@link #REQUESTS}, one at a time; the value is the median latency. */
    LATENCY("us", "us each", Better.LOWER, 1),
    /** Full handshakes with a validated certificate, 32 at a time. */
    HANDSHAKES("handshakes/s", "us each", Better.HIGHER, 32);

    /** Which way is up. */
    enum Better {
        HIGHER,
        LOWER
    }

    final String unit;
    final String cpuUnit;
    final Better better;
    final int atOnce;

    Case(String unit, String cpuUnit, Better better, int atOnce) {
        this.unit = unit;
        this.cpuUnit = cpuUnit;
        this.better = better;
        this.atOnce = atOnce;
    }

    /** Its name on the command line and in what is printed. */
    String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether bytes are counted, and not operations. */
    boolean isTransfer() {
        return switch (this) {
            case BULK, UPLOAD -> true;
            case REQUESTS, LATENCY, HANDSHAKES -> false;
        };
    }
}

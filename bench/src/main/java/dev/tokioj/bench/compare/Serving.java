package dev.tokioj.bench.compare;

/** A stack's server; it answers as {@link Content} says until it is closed. */
interface Serving extends AutoCloseable {
    /** The UDP port on 127.0.0.1. */
    int port();

    @Override
    void close();
}

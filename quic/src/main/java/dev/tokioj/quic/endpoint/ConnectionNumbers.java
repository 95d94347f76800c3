package dev.tokioj.quic.endpoint;

/** Numbers for the connections of one endpoint, of which no other endpoint of the same server gives any. */
final class ConnectionNumbers {
    private final int step;
    private long next;

    /** {@code loop} is one of {@code loops}, from 0. */
    ConnectionNumbers(int loop, int loops) {
        this.step = loops;
        this.next = loop;
    }

    long next() {
        long number = next;
        next += step;
        return number;
    }
}

package dev.tokioj.quic.stream;

/**
 * A limit that is announced to the peer and only grows: MAX_DATA, MAX_STREAM_DATA, MAX_STREAMS. Just the newest value is sent
 * again when it is lost (RFC 9000 section 13.3).
 */
final class MaxValue {
    private long value;
    // The newest value sent that is not known to be lost.
    private long announced;
    private long acked;

    /** A limit that the peer knows, from the transport parameters. */
    MaxValue(long known) {
        this.value = known;
        this.announced = known;
        this.acked = known;
    }

    long value() {
        return value;
    }

    void raise(long to) {
        value = Math.max(value, to);
    }

    /** Whether the peer is to be told. */
    boolean isDue() {
        return value > announced;
    }

    /** The value is sent now. */
    long announce() {
        announced = value;
        return value;
    }

    void onAcked(long sent) {
        acked = Math.max(acked, sent);
    }

    void onLost(long sent) {
        if (sent == announced && sent > acked) {
            announced = acked;
        }
    }
}

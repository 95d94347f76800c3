package dev.tokioj.http3;

/**
 * What a peer may still ask of us without making progress (RFC 9114 section 10.5): useless frames and streams cost, real work
 * earns back, up to what it began with. One thread owns it.
 */
final class Budget {
    private final String of;
    private final long most;
    private long left;

    /** A budget of {@code most}; {@code of} says what it is for. */
    Budget(String of, long most) {
        this.of = of;
        this.most = most;
        this.left = most;
    }

    /** Takes {@code cost} off it, or closes the connection. */
    void spend(long cost) throws Http3Exception {
        if (cost > left) {
            throw Http3Exception.connection(Http3Error.H3_EXCESSIVE_LOAD, "too many " + of);
        }
        left -= cost;
    }

    /** Gives some back. */
    void earn(long gain) {
        left = Math.min(most, left + gain);
    }
}

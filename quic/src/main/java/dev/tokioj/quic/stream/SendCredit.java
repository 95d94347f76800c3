package dev.tokioj.quic.stream;

/** What the peer allows us to send, on a stream, on the connection, or in streams (RFC 9000 section 4). */
final class SendCredit {
    private static final long NEVER = -1;

    private long limit;
    private long used;
    // The limit that the peer was told about in a *_BLOCKED frame.
    private long signalled = NEVER;

    SendCredit(long limit) {
        this.limit = limit;
    }

    long limit() {
        return limit;
    }

    long used() {
        return used;
    }

    long available() {
        return limit - used;
    }

    void use(long n) {
        if (n > available()) {
            throw new IllegalStateException(n + " of " + available());
        }
        used += n;
    }

    /** Returns whether that is more; less has no effect (RFC 9000 section 4.1). */
    boolean raise(long to) {
        if (to <= limit) {
            return false;
        }
        limit = to;
        return true;
    }

    /** Whether the peer should hear that we are blocked: once for each limit. To be asked when there is more to send. */
    boolean isBlockedDue() {
        return used == limit && signalled != limit;
    }

    /** The *_BLOCKED frame is sent now; returns the limit it carries. */
    long signalBlocked() {
        signalled = limit;
        return limit;
    }

    void onBlockedLost(long sent) {
        if (sent == signalled) {
            signalled = NEVER;
        }
    }
}

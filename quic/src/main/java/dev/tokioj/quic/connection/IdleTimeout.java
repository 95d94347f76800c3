package dev.tokioj.quic.connection;

import dev.tokioj.quic.memory.ReadAhead;

/**
 * When a connection that hears nothing ends, and when it says something to prevent that (RFC 9000 10.1). Times in ns.
 */
final class IdleTimeout {
    static final long NEVER = Long.MAX_VALUE;

    private enum Activity {
        BUSY,
        /** Told to be quiet, and nothing has happened since. */
        RESTING
    }

    private final long ours;
    private final long quietAfter;
    private final long keepAliveAfter;
    private long timeout;
    private long since;
    private long lastHeard;
    private boolean sentSinceHeard;
    private long lastPacket;
    private Activity activity = Activity.BUSY;
    private boolean keepAliveSent;

    IdleTimeout(long ours, long keepAliveAfter, long quietAfter, long now) {
        this.ours = ours;
        this.quietAfter = quietAfter;
        this.keepAliveAfter = keepAliveAfter;
        this.timeout = ours == 0 ? NEVER : ours;
        this.since = now;
        this.lastHeard = now;
        this.lastPacket = now;
    }

    /** The peer's max_idle_timeout: the lesser of both counts, and 0 is none. */
    void negotiate(long peers) {
        if (peers != 0) {
            timeout = Math.min(timeout, peers);
        }
    }

    /** A packet was received and processed. */
    void onReceived(long now) {
        since = now;
        lastHeard = now;
        onPacket(now);
        sentSinceHeard = false;
        keepAliveSent = false;
    }

    /** An ack-eliciting packet was sent; only the first since something was heard counts. */
    void onAckElicitingSent(long now) {
        if (!sentSinceHeard) {
            sentSinceHeard = true;
            since = now;
        }
    }

    /** A packet was sent or received. */
    void onPacket(long now) {
        lastPacket = now;
        activity = Activity.BUSY;
    }

    /** When the connection is quiet, so that what only a busy one needs can be given back. */
    long quietDeadline() {
        return quietAfter == 0 || activity == Activity.RESTING ? NEVER : saturated(lastPacket, quietAfter);
    }

    boolean isResting() {
        return activity == Activity.RESTING;
    }

    /** It rests, until the next packet. */
    void onQuiet() {
        activity = Activity.RESTING;
    }

    /** When the connection ends; at least three probe timeouts, so that a probe has a chance. */
    long deadline(long pto) {
        return timeout == NEVER ? NEVER : saturated(since, Math.max(timeout, 3 * pto));
    }

    /** When a PING is due. */
    long keepAliveDeadline() {
        if (keepAliveAfter == 0 || keepAliveSent) {
            return NEVER;
        }
        long after = timeout == NEVER ? keepAliveAfter : Math.min(keepAliveAfter, timeout / 2);
        return saturated(lastHeard, after);
    }

    /** The PING is queued. Another follows only once something was heard: until then loss probes do the asking. */
    void onKeepAlive() {
        keepAliveSent = true;
    }

    private static long saturated(long time, long delay) {
        long sum = time + delay;
        return sum < time ? NEVER : sum;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
    }
}

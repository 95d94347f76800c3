package dev.tokioj.quic.stream;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.recovery.Rtt;

/**
 * What the peer may send us, on a stream or on the connection (RFC 9000 section 4.2). Credit is given when bytes are consumed, in
 * pieces of half a window. The window doubles, up to its maximum, while it is consumed in less than four round trips: then it
 * may be less than the bandwidth-delay product. It does not while this host is behind with what has come ({@link Intake}).
 */
final class ReceiveWindow {
    private static final long NEVER = Long.MIN_VALUE;
    private static final int ROUND_TRIPS = 4;

    private final long maxWindow;
    private final MaxValue limit;
    private long window;
    private long consumed;
    private long received;
    private long epochStart = NEVER;
    private long epochConsumed;

    ReceiveWindow(long window, long maxWindow) {
        this.window = window;
        this.maxWindow = Math.max(window, maxWindow);
        this.limit = new MaxValue(window);
    }

    long window() {
        return window;
    }

    /** The limit that was announced: receiving more is a FLOW_CONTROL_ERROR. */
    long limit() {
        return limit.value();
    }

    /** What counts as received: the greatest offset of a stream, their sum on the connection. */
    long received() {
        return received;
    }

    boolean mayReceive(long bytes) {
        return bytes <= limit.value() - received;
    }

    void onReceived(long bytes) {
        received += bytes;
    }

    long consumed() {
        return consumed;
    }

    void onConsumed(long bytes) {
        consumed += bytes;
    }

    /** Whether a MAX_* frame is worth sending, or was lost. */
    boolean isDue() {
        return limit.isDue() || consumed + window - limit.value() >= Math.max(1, window / 2);
    }

    /** The limit to put into the frame that is sent now. */
    long announce(long now, Rtt rtt, Intake intake) {
        if (epochStart != NEVER && consumed > epochConsumed && !intake.isBehindSince(epochStart)) {
            // consumed bytes in elapsed time: a window takes window * elapsed / bytes.
            double windowTime = (double) window * (now - epochStart) / (consumed - epochConsumed);
            if (windowTime < ROUND_TRIPS * (double) roundTrip(rtt)) {
                grow(2 * window);
            }
        }
        epochStart = now;
        epochConsumed = consumed;
        limit.raise(consumed + window);
        return limit.announce();
    }

    /** What is smoothed remembers for a while what waited in our own socket; the latest sample alone may be an accident. */
    private static long roundTrip(Rtt rtt) {
        return rtt.hasSample() ? Math.min(rtt.latest(), rtt.smoothed()) : rtt.smoothed();
    }

    /** Makes the window at least that large, within its maximum. */
    void grow(long to) {
        window = Math.max(window, Math.min(to, maxWindow));
    }

    void onAcked(long sent) {
        limit.onAcked(sent);
    }

    void onLost(long sent) {
        limit.onLost(sent);
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(limit);
    }
}

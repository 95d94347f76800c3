package dev.tokioj.quic.stream;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.recovery.LongRanges;

/**
 * The streams of one kind that the peer may open (RFC 9000 section 4.6). Opening one opens all below it, which costs nothing: a
 * stream exists when something comes on it. Credit comes back when a stream is retired, so that the peer has no more than the
 * configured number at a time, idle ones below an open one included; that also bounds the ranges of retired ones.
 */
final class PeerStreams {
    /** There can be no more stream IDs. */
    private static final long MOST = 1L << 60;

    private final long concurrent;
    private final MaxValue limit;
    private final LongRanges retired = new LongRanges();
    private long opened;
    private long retiredCount;

    PeerStreams(long concurrent) {
        this.concurrent = concurrent;
        this.limit = new MaxValue(concurrent);
    }

    /** The number of streams the peer was allowed to open so far. */
    long limit() {
        return limit.value();
    }

    /** Something came on a stream. */
    void onUsed(long index) {
        if (index >= opened) {
            opened = index + 1;
            giveCredit();
        }
    }

    boolean isRetired(long index) {
        return retired.contains(index);
    }

    void retire(long index) {
        retired.add(index);
        retiredCount++;
        giveCredit();
    }

    /** In pieces while the peer has credit for more than half of its streams left, at once when it has less. */
    private void giveCredit() {
        long deserved = Math.min(MOST, retiredCount + concurrent);
        if (limit.value() - opened <= concurrent / 2 || deserved - limit.value() >= concurrent / 2) {
            limit.raise(deserved);
        }
    }

    /** MAX_STREAMS. */
    MaxValue announcement() {
        return limit;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(limit);
        retired.collect(to);
    }
}

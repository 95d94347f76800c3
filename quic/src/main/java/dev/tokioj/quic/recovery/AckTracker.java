package dev.tokioj.quic.recovery;

import dev.tokioj.quic.memory.ReadAhead;

/**
 * What was received in one packet number space: which numbers were already seen, and when an ACK is due (RFC 9000 section 13.2).
 * Writes nothing itself: who writes the frame takes {@link #ranges} and calls {@link #onAckSent}. One thread owns it; times in nanoseconds.
 */
public final class AckTracker {
    /** No deadline. */
    public static final long NONE = Long.MAX_VALUE;
    /** The deadline of an ACK that is due at once. */
    public static final long NOW = Long.MIN_VALUE;

    private static final long[] NO_RANGES = {};
    private static final int FIRST_RANGES = 8;

    private final boolean immediate;
    private final int threshold;
    private final int ackOnlyBeforePing;
    private long maxAckDelay;

    private final LongRanges received;
    private long[] ranges = NO_RANGES;
    // Ranges below are known to be reported: an ACK frame that had them was acknowledged (section 13.2.4).
    private long reportFrom;
    private long largest = -1;
    private long largestTime;
    private long largestEliciting = -1;
    private int elicitingSinceAck;
    private long deadline = NONE;
    private boolean newSinceAck;
    private int ackOnlySent;

    private long ect0;
    private long ect1;
    private long ce;

    /**
     * @param space Initial and Handshake packets are acknowledged at once
     * @param maxAckDelay our max_ack_delay, for Application
     */
    public AckTracker(PacketSpaceId space, RecoveryConfig config, long maxAckDelay) {
        this.immediate = space != PacketSpaceId.APPLICATION;
        this.threshold = config.ackElicitingThreshold();
        this.ackOnlyBeforePing = config.ackOnlyBeforePing();
        this.maxAckDelay = maxAckDelay;
        this.received = new LongRanges(config.maxAckRanges());
    }

    /**
     * Whether this number was received before, or is so old that it is not known any more: the packet is dropped. The ranges that
     * are remembered are capped, and a number below a dropped range counts as received.
     */
    public boolean isDuplicate(long packetNumber) {
        return packetNumber < received.floor() || received.contains(packetNumber);
    }

    /**
     * A packet that was not a duplicate was processed.
     *
     * @param ecn the codepoint of its datagram
     */
    public void onReceived(long packetNumber, long now, boolean ackEliciting, int ecn) {
        received.add(packetNumber);
        newSinceAck = true;
        if (packetNumber > largest) {
            largest = packetNumber;
            largestTime = now;
        }
        switch (ecn) {
            case EcnValidator.ECT0 -> ect0++;
            case EcnValidator.ECT1 -> ect1++;
            case EcnValidator.CE -> ce++;
            default -> {}
        }
        if (ackEliciting) {
            onEliciting(packetNumber, now, ecn);
        }
    }

    private void onEliciting(long packetNumber, long now, int ecn) {
        elicitingSinceAck++;
        boolean reordered = packetNumber < largestEliciting;
        boolean gap = packetNumber > largestEliciting + 1
                && received.count(largestEliciting + 1, packetNumber) < packetNumber - largestEliciting - 1;
        largestEliciting = Math.max(largestEliciting, packetNumber);
        if (immediate || elicitingSinceAck >= threshold || reordered || gap || ecn == EcnValidator.CE) {
            deadline = NOW;
        } else if (deadline == NONE) {
            deadline = now + maxAckDelay;
        }
    }

    /** When an ACK must be sent at the latest: {@link #NOW}, a time, or {@link #NONE}. */
    public long deadline() {
        return deadline;
    }

    /** Whether an ACK must be sent even if there is nothing else to send. */
    public boolean isDue(long now) {
        return deadline <= now;
    }

    /** Whether an ACK frame would say something new that a peer waits for: worth adding to a packet that is sent anyway. */
    public boolean hasUnacked() {
        return newSinceAck && elicitingSinceAck > 0;
    }

    /** The number of ranges to report; 0 if nothing was received. The range of the largest is always one of them. */
    public int rangeCount() {
        return received.size() - received.indexAbove(reportFrom - 1);
    }

    /**
     * The ranges to report, {@link #rangeCount} pairs of smallest and largest, ascending, as FrameCodec.writeAck takes them. The
     * array is reused by the next call.
     */
    public long[] ranges() {
        int lowest = received.indexAbove(reportFrom - 1);
        int n = received.size() - lowest;
        if (ranges.length < 2 * n) {
            ranges = new long[Math.max(FIRST_RANGES, 4 * n)];
        }
        for (int i = 0; i < n; i++) {
            ranges[2 * i] = received.from(lowest + i);
            ranges[2 * i + 1] = received.end(lowest + i) - 1;
        }
        return ranges;
    }

    /** The largest packet number received, -1 before the first. */
    public long largestReceived() {
        return largest;
    }

    /** How long ago the largest was received: the ACK Delay to report (section 13.2.5). */
    public long ackDelay(long now) {
        return largest < 0 ? 0 : Math.max(0, now - largestTime);
    }

    /** Whether an ACK frame carries ECN counts: as soon as a mark was seen (section 13.4.1). */
    public boolean hasEcnCounts() {
        return (ect0 | ect1 | ce) != 0;
    }

    public long ect0() {
        return ect0;
    }

    public long ect1() {
        return ect1;
    }

    public long ce() {
        return ce;
    }

    /** An ACK frame with what there is was sent, in a packet that elicits an ACK itself or not. */
    public void onAckSent(boolean ackEliciting) {
        deadline = NONE;
        elicitingSinceAck = 0;
        newSinceAck = false;
        ackOnlySent = ackEliciting ? 0 : ackOnlySent + 1;
    }

    /**
     * Whether the next packet with an ACK should have a PING, since for long nothing we sent was to be acknowledged and the
     * ranges only grow (section 13.2.4).
     */
    public boolean wantsPing() {
        return ackOnlySent >= ackOnlyBeforePing;
    }

    /** An ACK frame of ours with this Largest Acknowledged was acknowledged. */
    public void onAckAcked(long largestAcknowledged) {
        // Ranges are reported whole: one that is still growing stays.
        reportFrom = Math.max(reportFrom, largestAcknowledged + 1);
    }

    /** Gives back the memory that {@link #ranges} uses. */
    public void trim() {
        ranges = NO_RANGES;
    }

    /** Our max_ack_delay changed (it is a setting, so rarely). */
    public void maxAckDelay(long nanos) {
        maxAckDelay = nanos;
    }

    /** Adds what a packet needs of it. */
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(ranges);
        received.collect(to);
    }
}

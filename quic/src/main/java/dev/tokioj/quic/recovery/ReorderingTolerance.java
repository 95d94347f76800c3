package dev.tokioj.quic.recovery;

/**
 * How late a packet may come before it counts as lost (RFC 9002 section 6.1): by number and by age. Packets that were declared
 * lost and came after all raise the threshold that was too low.
 */
final class ReorderingTolerance {
    /** kTimeThreshold: 9/8. */
    private static final int FIRST_SHIFT = 3;

    private final RecoveryConfig config;
    private int packetThreshold;
    // The time threshold is 1 + 1 / 2^timeShift round-trip times; at most 2.
    private int timeShift;

    ReorderingTolerance(RecoveryConfig config) {
        this.config = config;
        reset();
    }

    void reset() {
        packetThreshold = config.packetThreshold();
        timeShift = FIRST_SHIFT;
    }

    /** The age at which a packet is lost once a later one is acknowledged. */
    long lossDelay(Rtt rtt) {
        long longest = Math.max(rtt.latest(), rtt.smoothed());
        return Math.max(longest + (longest >> timeShift), config.granularity());
    }

    /** Whether enough later packets were sent. Skipped numbers were never sent, so they are none. */
    boolean isBeyond(SentPackets packets, long number) {
        long after = packets.largestAcked - number;
        return after >= packetThreshold
                && after - packets.skippedBetween(number, packets.largestAcked) >= packetThreshold;
    }

    /** A packet that is marked lost was acknowledged now. */
    void onSpuriousLoss(SentPackets packets, long slot) {
        if (packets.has(slot, SentPackets.LOST_BY_TIME)) {
            timeShift = Math.max(0, timeShift - 1);
        } else {
            long late = packets.largestAcked - packets.numberOf(slot) + 1;
            packetThreshold = Math.clamp(late, packetThreshold, config.maxPacketThreshold());
        }
    }
}

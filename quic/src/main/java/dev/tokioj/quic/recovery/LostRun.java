package dev.tokioj.quic.recovery;

/**
 * Persistent congestion (RFC 9002 section 7.6.2): ack-eliciting packets were lost over a duration, and none sent between them in
 * their space was acknowledged. A run of losses goes on from one detection to the next; the space's {@link SentPackets} hold it.
 */
final class LostRun {
    private LostRun() {}

    /**
     * Notes a loss.
     *
     * @param duration ns that a run must last
     * @return whether it establishes persistent congestion
     */
    static boolean extend(SentPackets packets, long slot, Rtt rtt, long duration) {
        if (!packets.has(slot, SentPackets.ACK_ELICITING) || packets.sentTimeOf(slot) <= rtt.firstSampleTime()) {
            return false;
        }
        if (packets.lostRunStart == LossTimer.NONE || ackedBetween(packets, packets.lostRunSlot + 1, slot)) {
            packets.lostRunStart = packets.sentTimeOf(slot);
        }
        packets.lostRunSlot = slot;
        if (!rtt.hasSample() || packets.sentTimeOf(slot) - packets.lostRunStart <= duration) {
            return false;
        }
        end(packets);
        return true;
    }

    /** The next loss begins another run. */
    static void end(SentPackets packets) {
        packets.lostRunStart = LossTimer.NONE;
    }

    /** Slots below the first outstanding one are acknowledged or lost; each is looked at once. */
    private static boolean ackedBetween(SentPackets packets, long from, long end) {
        for (long s = Math.max(from, packets.head()); s < end; s++) {
            if (!packets.isOpen(s)) {
                return true;
            }
        }
        return from < packets.head();
    }
}

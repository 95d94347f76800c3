package dev.tokioj.quic.recovery;

/** What probes of a timeout say if there is no new data: again what the oldest packets said (RFC 9002 section 6.2.4). */
final class ProbeContent {
    private ProbeContent() {}

    /** The frames of the oldest so many packets in flight are queued again, though the packets are not lost yet. */
    static void requeueOldest(SentPackets packets, int count, FrameFate fate) {
        int requeued = 0;
        long slot = packets.nextOutstanding();
        while (slot < packets.tail() && requeued < count) {
            if (packets.has(slot, SentPackets.ACK_ELICITING)
                    && !packets.has(slot, SentPackets.LOST | SentPackets.REQUEUED)) {
                packets.set(slot, SentPackets.REQUEUED);
                packets.reportLost(slot, fate);
                requeued++;
            }
            slot = packets.nextOpen(slot + 1, packets.tail());
        }
    }
}

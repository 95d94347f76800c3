package dev.tokioj.quic.recovery;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.wire.AckRanges;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;

/**
 * Loss detection over the three packet number spaces of a connection, and what it tells the congestion controller (RFC 9002
 * sections 5 to 7 and its appendices). It counts the bytes in flight, and holds the round-trip time, controller and ECN state of
 * the current path. One thread owns it; times are nanoseconds passed in.
 *
 * <p>To send a packet: {@link #sent}{@code (space).begin}, {@code add} a frame at a time, {@link #onPacketSent}.
 */
public final class LossDetector {
    /** No deadline. */
    public static final long NONE = LossTimer.NONE;

    private static final int PROBES = 2;
    private static final PacketSpaceId[] SPACES = PacketSpaceId.values();

    /** What a timeout came to. */
    public enum Timeout {
        /** It was not due: the timer is armed for later, or not at all. */
        NOT_DUE,
        /** Packets were declared lost because of their age. */
        LOSS,
        /** A probe timeout: {@link #probes} says in which spaces to send. */
        PROBE
    }

    private final RecoveryConfig config;
    private final SentPackets[] sent = new SentPackets[SPACES.length];
    private final int[] probes = new int[SPACES.length];
    private final AckRanges ranges = new AckRanges();
    private final Rtt rtt;
    private final LossTimer timer;
    private final ReorderingTolerance reordering;
    private final EcnValidator ecn;
    private final LossEpisode episode = new LossEpisode();
    private CongestionController congestion;
    private int path;
    private int maxDatagramSize;
    private long bytesInFlight;
    private long packetsLost;
    private long spuriousLosses;

    // What the ACK frame being processed came to.
    private long ackedBytes;
    private long ackedSentTime;
    private int ackedPackets;
    private int ackedEct0;
    private boolean ackedEliciting;

    /**
     * @param client whether this is the client's side
     * @param ecnOn whether datagrams can be marked on this platform
     */
    public LossDetector(RecoveryConfig config, boolean client, int maxDatagramSize, boolean ecnOn) {
        this.config = config;
        this.maxDatagramSize = maxDatagramSize;
        this.reordering = new ReorderingTolerance(config);
        this.rtt = new Rtt(config.initialRtt(), config.granularity());
        this.ecn = new EcnValidator(ecnOn);
        this.congestion = CongestionController.of(config, maxDatagramSize);
        for (int s = 0; s < sent.length; s++) {
            sent[s] = new SentPackets(config.maxSkipsRemembered());
        }
        this.timer = new LossTimer(sent, rtt, client);
    }

    // ---- sending ----

    /** The sent packets of a space, to record the next one. */
    public SentPackets sent(PacketSpaceId space) {
        return sent[space.index()];
    }

    /**
     * The packet begun in {@code sent(space)} was sent.
     *
     * @param bytes its size in the datagram, header and AEAD tag included
     * @param ackEliciting whether it has a frame other than ACK, PADDING and CONNECTION_CLOSE
     * @param inFlight whether it is ack-eliciting or has PADDING: whether it counts against the window
     * @param ecnCodepoint of its datagram
     */
    public void onPacketSent(
            PacketSpaceId space, long now, int bytes, boolean ackEliciting, boolean inFlight, int ecnCodepoint) {
        boolean ect0 = ecnCodepoint == EcnValidator.ECT0;
        sent(space).commit(now, bytes, ackEliciting, inFlight, ect0, path);
        if (ect0) {
            ecn.onMarkedSent(space);
        }
        if (inFlight) {
            bytesInFlight += bytes;
        }
        if (ackEliciting) {
            probes[space.index()] = Math.max(0, probes[space.index()] - 1);
            timer.set(now);
        }
    }

    /** Bytes that the window still lets into flight; 0 or less: none (but probes, RFC 9002 section 7.5). */
    public long congestionRoom() {
        return congestion.window() - bytesInFlight;
    }

    /** Ack-eliciting packets to send in this space because of a probe timeout, whatever the window says. */
    public int probes(PacketSpaceId space) {
        return probes[space.index()];
    }

    // ---- receiving ----

    /**
     * An ACK frame was received in this space (RFC 9002 appendix A.7).
     *
     * @param ackDelay the ACK Delay in nanoseconds, decoded with the peer's exponent; 0 for Initial
     * @param fate hears of each frame of each packet newly acknowledged or lost
     * @return whether it acknowledged anything new
     * @throws TransportException PROTOCOL_VIOLATION if it acknowledges what was never sent
     */
    public boolean onAckReceived(PacketSpaceId space, Frame.Ack ack, long ackDelay, long now, FrameFate fate)
            throws TransportException {
        SentPackets packets = sent(space);
        if (isDiscarded(space)) {
            return false;
        }
        if (ack.largestAcked() > packets.largestSent()) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, FrameType.ACK, "acknowledges a packet that was not sent");
        }
        boolean largestGrew = ack.largestAcked() > packets.largestAcked;
        packets.largestAcked = Math.max(packets.largestAcked, ack.largestAcked());
        ackedBytes = 0;
        ackedPackets = 0;
        ackedEct0 = 0;
        ackedEliciting = false;
        ackedSentTime = Long.MIN_VALUE;
        long inFlightBefore = bytesInFlight;
        long largestSentTime = largestSentTime(packets, ack.largestAcked(), fate);
        for (ranges.reset(ack); ranges.next(); ) {
            ackRange(packets, ranges.smallest(), ranges.largest(), fate);
        }
        if (ackedPackets == 0) {
            packets.prune(now - retention(), config.maxLostRetained());
            return false;
        }
        if (largestSentTime != SentPackets.NO_TIME && ackedEliciting) {
            rtt.update(now - largestSentTime, timer.limited(ackDelay), now);
        }
        if (largestGrew && ecn.onAck(space, ackedEct0, ack.ect0(), ack.ect1(), ack.ce())) {
            congestionEvent(Math.max(largestSentTime, ackedSentTime), now, false);
        }
        boolean limited = windowLimited(inFlightBefore);
        detectLost(space, now, fate);
        congestion.onAck(ackedBytes, ackedSentTime, now, rtt, limited);
        timer.onAcked(space);
        probes[space.index()] = 0;
        packets.prune(now - retention(), config.maxLostRetained());
        timer.set(now);
        return true;
    }

    /**
     * When the largest acknowledged packet was sent, for a sample; NO_TIME if it is not newly acknowledged or went over another
     * path (RFC 9002 section 5.1, RFC 9000 section 9.4). Asked before the packets are closed.
     */
    private long largestSentTime(SentPackets packets, long largestAcked, FrameFate fate) {
        long slot = packets.slotAtOrAbove(largestAcked);
        if (slot < packets.tail() && packets.numberOf(slot) == largestAcked) {
            boolean fresh = packets.isOpen(slot) && packets.pathOf(slot) == path;
            return fresh ? packets.sentTimeOf(slot) : SentPackets.NO_TIME;
        }
        return packets.takeAckOnly(largestAcked, fate);
    }

    private void ackRange(SentPackets packets, long smallest, long largest, FrameFate fate) throws TransportException {
        if (packets.skippedAny(smallest, largest)) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, FrameType.ACK, "acknowledges a packet number that was skipped");
        }
        long end = packets.slotAtOrAbove(largest + 1);
        long slot = packets.nextOpen(packets.slotAtOrAbove(smallest), end);
        while (slot < end) {
            onPacketAcked(packets, slot, fate);
            slot = packets.nextOpen(slot + 1, end);
        }
    }

    private void onPacketAcked(SentPackets packets, long slot, FrameFate fate) {
        boolean samePath = packets.pathOf(slot) == path;
        long sentTime = packets.sentTimeOf(slot);
        ackedPackets++;
        ackedEliciting |= packets.has(slot, SentPackets.ACK_ELICITING);
        if (packets.has(slot, SentPackets.ECT0)) {
            ackedEct0++;
        }
        if (packets.has(slot, SentPackets.LOST)) {
            onSpuriousLoss(packets, slot, samePath);
        } else if (samePath) {
            bytesInFlight -= packets.bytesOf(slot);
            if (sentTime > congestion.recoveryStartTime()) {
                ackedBytes += packets.bytesOf(slot);
                ackedSentTime = Math.max(ackedSentTime, sentTime);
            }
        }
        packets.close(slot);
        packets.reportAcked(slot, fate);
    }

    /** Whether the window, not the application, limits what is sent (RFC 9002 section 7.8). A paced slow start never fills it. */
    private boolean windowLimited(long inFlight) {
        long window = congestion.window();
        boolean slowStart = congestion.phase() == CongestionController.Phase.SLOW_START;
        return slowStart ? 2 * inFlight >= window : inFlight + 3L * maxDatagramSize >= window;
    }

    // ---- loss ----

    /** How long a lost packet is remembered after it was sent. */
    private long retention() {
        return 3 * timer.pto();
    }

    /**
     * RFC 9002 appendix A.10. Packets are in the order of number and time, so the first that is not lost ends the walk: this
     * costs as much as there is loss.
     */
    private void detectLost(PacketSpaceId space, long now, FrameFate fate) {
        SentPackets packets = sent(space);
        packets.lossTime = NONE;
        long delay = reordering.lossDelay(rtt);
        long newestLoss = Long.MIN_VALUE;
        boolean persistent = false;
        long persistentDuration = timer.pto() * config.persistentCongestionThreshold();
        for (long slot = packets.nextOutstanding(); slot < packets.tail(); slot = packets.nextOutstanding()) {
            long number = packets.numberOf(slot);
            if (number >= packets.largestAcked) {
                break;
            }
            boolean byCount = reordering.isBeyond(packets, number);
            long sentTime = packets.sentTimeOf(slot);
            if (!byCount && sentTime > now - delay) {
                packets.lossTime = sentTime + delay;
                break;
            }
            boolean counts = onPacketLost(packets, slot, !byCount);
            if (counts) {
                newestLoss = sentTime;
                persistent |= LostRun.extend(packets, slot, rtt, persistentDuration);
                episode.onLost(sentTime);
            }
            if (!packets.has(slot, SentPackets.REQUEUED)) {
                packets.reportLost(slot, fate);
            }
        }
        if (newestLoss != Long.MIN_VALUE) {
            congestionEvent(newestLoss, now, true);
        }
        if (persistent) {
            congestion.onPersistentCongestion();
            rtt.resetMin();
            episode.close();
        }
    }

    /** Returns whether the loss is one that congestion may have caused. */
    private boolean onPacketLost(SentPackets packets, long slot, boolean byTime) {
        packets.markLost(slot, byTime);
        packetsLost++;
        if (packets.has(slot, SentPackets.ECT0)) {
            ecn.onMarkedLost();
        }
        if (packets.pathOf(slot) != path) {
            return false;
        }
        bytesInFlight -= packets.bytesOf(slot);
        return !packets.has(slot, SentPackets.MTU_PROBE);
    }

    private void onSpuriousLoss(SentPackets packets, long slot, boolean samePath) {
        spuriousLosses++;
        LostRun.end(packets);
        reordering.onSpuriousLoss(packets, slot);
        if (samePath && episode.onSpurious(packets.sentTimeOf(slot))) {
            congestion.onSpuriousCongestion();
        }
    }

    private void congestionEvent(long sentTime, long now, boolean byLoss) {
        if (sentTime > congestion.recoveryStartTime()) {
            congestion.onCongestionEvent(sentTime, now);
            episode.begin(now, byLoss);
        }
    }

    // ---- timer ----

    /** When {@link #onTimeout} is to be called, or {@link #NONE}. May be in the past: then at once. */
    public long deadline() {
        return timer.deadline();
    }

    /** Time passed (RFC 9002 appendix A.9). Calling it too early does nothing. */
    public Timeout onTimeout(long now, FrameFate fate) {
        if (timer.deadline() == NONE || now < timer.deadline()) {
            return Timeout.NOT_DUE;
        }
        PacketSpaceId lossSpace = timer.earliestLossSpace();
        if (lossSpace != null) {
            detectLost(lossSpace, now, fate);
            sent(lossSpace).prune(now - retention(), config.maxLostRetained());
            timer.set(now);
            return Timeout.LOSS;
        }
        if (timer.isAntiDeadlock()) {
            probes[timer.antiDeadlockSpace().index()] = 1;
        } else {
            requestProbes(fate);
        }
        timer.onProbeTimeout(now);
        return Timeout.PROBE;
    }

    /**
     * Probes in each space that has data in flight and may be probed (RFC 9002 section 6.2.4), and their oldest packets' frames
     * are queued again, for want of new data to send.
     */
    private void requestProbes(FrameFate fate) {
        for (PacketSpaceId space : SPACES) {
            if (timer.mayProbe(space)) {
                probes[space.index()] = PROBES;
                ProbeContent.requeueOldest(sent(space), PROBES, fate);
            }
        }
    }

    // ---- what the connection tells ----

    /** Handshake keys are there: an anti-deadlock probe is a Handshake packet from now on. */
    public void onHandshakeKeys() {
        timer.advance(LossTimer.Progress.HANDSHAKE_KEYS);
    }

    /** The handshake is confirmed (RFC 9001 section 4.1.2). */
    public void onHandshakeConfirmed(long now) {
        timer.advance(LossTimer.Progress.CONFIRMED);
        timer.set(now);
    }

    /**
     * A server may not send more until it receives (RFC 9000 section 8.1): the timer waits. Call with false when a datagram
     * came; the deadline may then be in the past.
     */
    public void onAmplificationLimited(boolean limited, long now) {
        timer.onAmplificationLimited(limited, now);
    }

    /** The peer's max_ack_delay transport parameter, in nanoseconds. */
    public void peerMaxAckDelay(long nanos) {
        timer.peerMaxAckDelay(nanos);
    }

    /** The keys of a space are discarded, and its packets with them (RFC 9002 appendix A.11). */
    public void discard(PacketSpaceId space, long now) {
        if (isDiscarded(space)) {
            return;
        }
        SentPackets packets = sent(space);
        for (long slot = packets.nextOutstanding();
                slot < packets.tail();
                slot = packets.nextOpen(slot + 1, packets.tail())) {
            removeFromFlight(packets, slot);
        }
        packets.clear();
        sent[space.index()] = SentPackets.NONE;
        probes[space.index()] = 0;
        timer.restart(now);
    }

    @SuppressWarnings("ReferenceEquality") // the very object stands for "discarded"
    private boolean isDiscarded(PacketSpaceId space) {
        return sent(space) == SentPackets.NONE;
    }

    private void removeFromFlight(SentPackets packets, long slot) {
        if (!packets.has(slot, SentPackets.LOST) && packets.pathOf(slot) == path) {
            bytesInFlight -= packets.bytesOf(slot);
        }
    }

    /**
     * Everything sent in a space was for nothing, and its frames are queued again: a client received Retry (RFC 9002 section
     * 6.3), or 0-RTT was rejected (section 6.4). No sign of congestion.
     */
    public void resend(PacketSpaceId space, long now, FrameFate fate) {
        SentPackets packets = sent(space);
        for (long slot = packets.nextOutstanding();
                slot < packets.tail();
                slot = packets.nextOpen(slot + 1, packets.tail())) {
            removeFromFlight(packets, slot);
            if (!packets.has(slot, SentPackets.LOST)) {
                packets.reportLost(slot, fate);
            }
        }
        packets.clear();
        probes[space.index()] = 0;
        timer.restart(now);
    }

    /**
     * The peer is reached over another path now: controller, round-trip time and ECN state begin anew, and packets sent before
     * count no more (RFC 9000 section 9.4).
     *
     * @param keepEstimates whether just the peer's port changed, so that the old estimates hold
     */
    public void onPathChanged(long now, boolean keepEstimates) {
        if (!keepEstimates) {
            path++;
            bytesInFlight = 0;
            congestion = CongestionController.of(config, maxDatagramSize);
            rtt.reset();
            ecn.restart();
            episode.close();
            timer.restart(now);
            reordering.reset();
        }
        timer.set(now);
    }

    /** The size of datagrams on the path changed. */
    public void onMaxDatagramSize(int bytes) {
        maxDatagramSize = bytes;
        congestion.onMaxDatagramSize(bytes);
    }

    // ---- figures ----

    public Rtt rtt() {
        return rtt;
    }

    public EcnValidator ecn() {
        return ecn;
    }

    public CongestionController congestion() {
        return congestion;
    }

    /** Bytes of packets on this path that are neither acknowledged nor lost. */
    public long bytesInFlight() {
        return bytesInFlight;
    }

    /** Probe timeouts in a row. */
    public int ptoCount() {
        return timer.ptoCount();
    }

    /** The probe timeout of the Application space without backoff: the unit of many other timers. */
    public long pto() {
        return timer.pto();
    }

    /** Packets declared lost. */
    public long packetsLost() {
        return packetsLost;
    }

    /** Packets declared lost that were acknowledged later. */
    public long spuriousLosses() {
        return spuriousLosses;
    }

    /** Adds what a packet needs of it. */
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(probes);
        to.add(rtt);
        to.add(timer);
        to.add(ranges);
        to.add(sent);
        to.add(ecn);
        to.add(reordering);
        to.add(congestion);
        sent(PacketSpaceId.APPLICATION).collect(to);
    }
}

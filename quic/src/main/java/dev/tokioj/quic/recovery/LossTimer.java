package dev.tokioj.quic.recovery;

import org.jspecify.annotations.Nullable;

/**
 * The one timer of loss detection (RFC 9002 appendices A.8 and A.9): for packets that will be lost by age, else for a probe. It
 * knows how far the handshake came, as far as that decides which spaces are probed.
 */
final class LossTimer {
    static final long NONE = Long.MAX_VALUE;

    private static final int MAX_BACKOFF = 16;
    /** RFC 9000 section 18.2: the default of max_ack_delay. */
    private static final long DEFAULT_MAX_ACK_DELAY = 25_000_000;

    private static final PacketSpaceId[] SPACES = PacketSpaceId.values();

    /** How far the handshake came. Just goes forward. */
    enum Progress {
        START,
        HANDSHAKE_KEYS,
        /** The peer has validated our address. */
        ADDRESS_VALIDATED,
        CONFIRMED
    }

    private final SentPackets[] sent;
    private final Rtt rtt;
    private final boolean client;
    private Progress progress = Progress.START;
    private boolean amplificationLimited;
    private long peerMaxAckDelay = DEFAULT_MAX_ACK_DELAY;
    private int ptoCount;
    private long deadline = NONE;

    LossTimer(SentPackets[] sent, Rtt rtt, boolean client) {
        this.sent = sent;
        this.rtt = rtt;
        this.client = client;
    }

    long deadline() {
        return deadline;
    }

    int ptoCount() {
        return ptoCount;
    }

    long pto() {
        return rtt.pto(peerMaxAckDelay);
    }

    /** The delay to subtract from a sample: the peer keeps its limit once the handshake is confirmed (RFC 9002 section 5.3). */
    long limited(long ackDelay) {
        return progress == Progress.CONFIRMED ? Math.min(ackDelay, peerMaxAckDelay) : ackDelay;
    }

    void peerMaxAckDelay(long nanos) {
        peerMaxAckDelay = nanos;
    }

    void advance(Progress to) {
        if (to.compareTo(progress) > 0) {
            progress = to;
        }
    }

    void onAmplificationLimited(boolean limited, long now) {
        if (amplificationLimited != limited) {
            amplificationLimited = limited;
            set(now);
        }
    }

    /** Something was newly acknowledged; a client's backoff ends only when its address is validated (section 6.2.1). */
    void onAcked(PacketSpaceId space) {
        if (client && space == PacketSpaceId.HANDSHAKE) {
            advance(Progress.ADDRESS_VALIDATED);
        }
        if (peerCompletedAddressValidation()) {
            ptoCount = 0;
        }
    }

    void onProbeTimeout(long now) {
        ptoCount++;
        set(now);
    }

    /** Without backoff: there was progress of another kind. */
    void restart(long now) {
        ptoCount = 0;
        set(now);
    }

    void set(long now) {
        PacketSpaceId lossSpace = earliestLossSpace();
        if (lossSpace != null) {
            deadline = sent[lossSpace.index()].lossTime;
        } else if (amplificationLimited) {
            deadline = NONE;
        } else {
            deadline = ptoDeadline();
            if (deadline == NONE && !peerCompletedAddressValidation()) {
                // Even with nothing in flight, or 0-RTT alone: the server may wait for bytes to be allowed to answer.
                deadline = now + backoff(rtt.pto(0));
            }
        }
    }

    /** The space whose packets are lost by age first; null if there are none. */
    @Nullable PacketSpaceId earliestLossSpace() {
        PacketSpaceId earliest = null;
        long time = NONE;
        for (PacketSpaceId space : SPACES) {
            long lossTime = sent[space.index()].lossTime;
            if (lossTime < time) {
                time = lossTime;
                earliest = space;
            }
        }
        return earliest;
    }

    /** Whether the probe is there to let the server send, not to find out about packets (section 6.2.2.1). */
    boolean isAntiDeadlock() {
        return ptoDeadline() == NONE;
    }

    PacketSpaceId antiDeadlockSpace() {
        return progress == Progress.START ? PacketSpaceId.INITIAL : PacketSpaceId.HANDSHAKE;
    }

    /** Whether a space has packets to find out about; Application's wait until the handshake is confirmed (section 6.2.1). */
    boolean mayProbe(PacketSpaceId space) {
        return sent[space.index()].hasAckElicitingInFlight()
                && (space != PacketSpaceId.APPLICATION || progress == Progress.CONFIRMED);
    }

    private long ptoDeadline() {
        long earliest = NONE;
        for (PacketSpaceId space : SPACES) {
            if (mayProbe(space)) {
                long duration = backoff(rtt.pto(space == PacketSpaceId.APPLICATION ? peerMaxAckDelay : 0));
                earliest = Math.min(earliest, sent[space.index()].lastAckElicitingTime + duration);
            }
        }
        return earliest;
    }

    private long backoff(long duration) {
        return duration << Math.min(ptoCount, MAX_BACKOFF);
    }

    private boolean peerCompletedAddressValidation() {
        return !client || progress.compareTo(Progress.ADDRESS_VALIDATED) >= 0;
    }
}

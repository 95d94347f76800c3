package dev.tokioj.quic.recovery;

/**
 * Whether packets are marked ECT(0), and whether what the peer reports about marks is believable (RFC 9000 section 13.4.2 and
 * appendix A.4). One a connection; {@link #restart} for a new path, since the peer's counts go on over paths.
 */
public final class EcnValidator {
    /** The codepoint of packets that are not marked. */
    public static final int NOT_ECT = 0;

    public static final int ECT1 = 1;
    /** The codepoint that is set while testing and when capable. */
    public static final int ECT0 = 2;

    public static final int CE = 3;

    private static final int TEST_PACKETS = 10;

    /** The state of the path. Marks are set in TESTING and CAPABLE. */
    public enum State {
        TESTING,
        UNKNOWN,
        CAPABLE,
        FAILED
    }

    private final boolean on;
    private State state;
    // By space, over all paths: what was sent with a mark, and what the peer reported last.
    private final long[] sentEct0 = new long[PacketSpaceId.COUNT];
    private final long[] ect0 = new long[PacketSpaceId.COUNT];
    private final long[] ect1 = new long[PacketSpaceId.COUNT];
    private final long[] ce = new long[PacketSpaceId.COUNT];
    // On this path while it is not decided.
    private int testSent;
    private int testLost;
    private int testAcked;
    private int testCe;

    /** @param on whether this platform can mark at all; otherwise the state is FAILED from the start */
    public EcnValidator(boolean on) {
        this.on = on;
        this.state = on ? State.TESTING : State.FAILED;
    }

    /** A new path is tested. */
    public void restart() {
        transition(on ? State.TESTING : State.FAILED);
        testSent = 0;
        testLost = 0;
        testAcked = 0;
        testCe = 0;
    }

    public State state() {
        return state;
    }

    /** The ECN codepoint for the next datagram: {@link #ECT0} or {@link #NOT_ECT}. */
    public int codepoint() {
        return state == State.TESTING || state == State.CAPABLE ? ECT0 : NOT_ECT;
    }

    private void transition(State to) {
        state = to;
    }

    /** A packet went out in a datagram marked ECT(0). */
    void onMarkedSent(PacketSpaceId space) {
        sentEct0[space.index()]++;
        if (state == State.TESTING && ++testSent >= TEST_PACKETS) {
            transition(State.UNKNOWN);
        }
    }

    /** A marked packet was lost; if all of the test are, something on the path drops marked packets. */
    void onMarkedLost() {
        testLost++;
        if (state == State.UNKNOWN && testAcked == 0 && testLost >= testSent) {
            transition(State.FAILED);
        }
    }

    /**
     * An ACK frame came that raised the largest acknowledged packet number. Others are not shown to this: reordered frames have
     * old counts (section 13.4.2.1).
     *
     * @param newlyAckedEct0 packets that were sent with a mark and are newly acknowledged
     * @param newEct0 the count in the frame, -1 if it has none
     * @return whether the peer reports new congestion
     */
    boolean onAck(PacketSpaceId space, int newlyAckedEct0, long newEct0, long newEct1, long newCe) {
        if (state == State.FAILED) {
            return false;
        }
        int s = space.index();
        if (newEct0 < 0) {
            if (newlyAckedEct0 > 0) {
                transition(State.FAILED);
            }
            return false;
        }
        long deltaEct0 = newEct0 - ect0[s];
        long deltaCe = newCe - ce[s];
        boolean bleached = deltaEct0 < 0 || deltaCe < 0 || deltaEct0 + deltaCe < newlyAckedEct0;
        boolean remarked = newEct1 != ect1[s] || newEct0 > sentEct0[s] || newCe > sentEct0[s] - newEct0;
        if (bleached || remarked) {
            transition(State.FAILED);
            return false;
        }
        ect0[s] = newEct0;
        ect1[s] = newEct1;
        ce[s] = newCe;
        if (state != State.CAPABLE && newlyAckedEct0 > 0) {
            decide(newlyAckedEct0, deltaCe);
        }
        return deltaCe > 0 && state != State.FAILED;
    }

    private void decide(int newlyAckedEct0, long deltaCe) {
        testAcked += newlyAckedEct0;
        testCe += (int) Math.min(deltaCe, newlyAckedEct0);
        if (testCe < testAcked) {
            transition(State.CAPABLE);
        } else if (state == State.UNKNOWN && testAcked + testLost >= testSent) {
            // Every packet marked CE is no congestion but a broken box.
            transition(State.FAILED);
        }
    }
}

package dev.tokioj.quic.recovery;

/**
 * How many bytes may be in flight on a path (RFC 9002 section 7). It is told of events and counts nothing: the bytes in flight
 * are {@link LossDetector}'s. One a path; one thread owns it. Times are nanoseconds, sizes bytes.
 */
public sealed interface CongestionController permits NewReno, Cubic {
    /** The time of a recovery that never was: before every packet. */
    long NEVER = Long.MIN_VALUE;

    /** Where the controller is (RFC 9002 section 7.3). */
    enum Phase {
        SLOW_START,
        RECOVERY,
        CONGESTION_AVOIDANCE
    }

    /** The controller that the configuration names, for a path of this datagram size. */
    static CongestionController of(RecoveryConfig config, int maxDatagramSize) {
        return switch (config.algorithm()) {
            case NEW_RENO -> new NewReno(config, maxDatagramSize);
            case CUBIC -> new Cubic(config, maxDatagramSize);
        };
    }

    /**
     * An ACK newly acknowledged packets in flight.
     *
     * @param bytes of those that were sent after {@link #recoveryStartTime}
     * @param sentTime of the latest of them
     * @param rtt of the path, this ACK's sample already taken
     * @param windowLimited whether the window kept more from being sent: otherwise it does not grow (RFC 9002 section 7.8)
     */
    void onAck(long bytes, long sentTime, long now, Rtt rtt, boolean windowLimited);

    /** A packet sent at {@code sentTime} was lost or marked ECN-CE: at most one reduction a round trip. */
    void onCongestionEvent(long sentTime, long now);

    /** Everything sent over a long time was lost (RFC 9002 section 7.6). */
    void onPersistentCongestion();

    /** Every loss that led to the latest reduction turned out to be a late packet. */
    void onSpuriousCongestion();

    /** The path carries datagrams of another size now (RFC 9002 section 7.2). */
    void onMaxDatagramSize(int bytes);

    /** The congestion window. */
    long window();

    /** The slow start threshold; Long.MAX_VALUE before the first congestion. */
    long slowStartThreshold();

    /** When the latest recovery period began; packets sent until then do not let the window grow. {@link #NEVER} if there was none. */
    long recoveryStartTime();

    /** Where the controller is. */
    Phase phase();
}

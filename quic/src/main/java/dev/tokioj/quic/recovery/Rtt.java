package dev.tokioj.quic.recovery;

/** The round-trip time of a path (RFC 9002 section 5). Nanoseconds. */
public final class Rtt {
    private final long granularity;
    private final long initial;
    private long latest;
    private long smoothed;
    private long variance;
    private long min;
    private boolean sampled;
    private long firstSampleTime = Long.MAX_VALUE;

    /**
     * @param initial what is assumed before the first sample (kInitialRtt)
     * @param granularity the least that a timer can tell apart (kGranularity)
     */
    public Rtt(long initial, long granularity) {
        this.initial = initial;
        this.granularity = granularity;
        reset();
    }

    /** Forgets every sample: the path is new (RFC 9000 section 9.4). */
    public void reset() {
        latest = 0;
        smoothed = initial;
        variance = initial / 2;
        min = 0;
        sampled = false;
        firstSampleTime = Long.MAX_VALUE;
    }

    /**
     * Takes a sample.
     *
     * @param sample time between sending the largest acknowledged packet and its acknowledgement
     * @param ackDelay what the peer says it waited, already limited by its max_ack_delay where that counts
     */
    public void update(long sample, long ackDelay, long now) {
        latest = Math.max(sample, 1);
        if (!sampled) {
            sampled = true;
            firstSampleTime = now;
            min = latest;
            smoothed = latest;
            variance = latest / 2;
            return;
        }
        min = Math.min(min, latest);
        long adjusted = latest - min >= ackDelay ? latest - ackDelay : latest;
        variance = (3 * variance + Math.abs(smoothed - adjusted)) / 4;
        smoothed = (7 * smoothed + adjusted) / 8;
    }

    /** Lets min follow a path that became longer (RFC 9002 section 5.2, after persistent congestion). */
    void resetMin() {
        min = latest;
    }

    /** Whether there was a sample. */
    public boolean hasSample() {
        return sampled;
    }

    /** When the first sample was taken, Long.MAX_VALUE before. */
    public long firstSampleTime() {
        return firstSampleTime;
    }

    /** The latest sample, 0 before the first. */
    public long latest() {
        return latest;
    }

    /** The smoothed round-trip time; the initial one before the first sample. */
    public long smoothed() {
        return smoothed;
    }

    /** The mean deviation. */
    public long variance() {
        return variance;
    }

    /** The least sample, 0 before the first. */
    public long min() {
        return min;
    }

    /** The probe timeout without backoff (RFC 9002 section 6.2.1); {@code maxAckDelay} is 0 for Initial and Handshake. */
    public long pto(long maxAckDelay) {
        return smoothed + Math.max(4 * variance, granularity) + maxAckDelay;
    }
}

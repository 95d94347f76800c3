package dev.tokioj.quic.recovery;

/**
 * Says when bytes may leave, so that a window is spread over a round trip (RFC 9002 section 7.7). A leaky bucket: it fills at the
 * rate, up to a burst, and sending empties it. Knows no packet; bytes that are not paced (ACKs, probes) may be taken too and are
 * owed. One thread owns it; nanoseconds and bytes.
 */
public final class Pacer {
    // How much faster than a window a round trip, so that variations of the round-trip time leave no window unused.
    private static final double SLOW_START_FACTOR = 2;
    private static final double FACTOR = 1.25;

    private final RecoveryConfig config;
    private int maxDatagramSize;
    // Bytes a nanosecond.
    private double rate;
    private double capacity;
    private double tokens;
    private long filled;

    /** A full bucket. */
    public Pacer(RecoveryConfig config, int maxDatagramSize, long now) {
        this.config = config;
        this.maxDatagramSize = maxDatagramSize;
        this.filled = now;
        this.capacity = (double) config.burstPackets() * maxDatagramSize;
        this.tokens = capacity;
    }

    /** The rate follows the window; call after the window or the round-trip time changed. */
    public void update(long now, CongestionController congestion, Rtt rtt) {
        fill(now);
        boolean slowStart = congestion.phase() == CongestionController.Phase.SLOW_START;
        rate = (slowStart ? SLOW_START_FACTOR : FACTOR) * congestion.window() / rtt.smoothed();
        capacity = (double) config.burstPackets() * maxDatagramSize;
        if (rtt.hasSample()) {
            capacity = Math.max(capacity, rate * config.burstTime());
        }
        tokens = Math.min(tokens, capacity);
    }

    public void onMaxDatagramSize(int bytes) {
        maxDatagramSize = bytes;
    }

    /** The bytes that may leave now; at most a burst, 0 if it must wait. */
    public long available(long now) {
        fill(now);
        return Math.max(0, (long) tokens);
    }

    /**
     * When {@code bytes} (or a burst, if that is less) may leave: {@code now} if at once. When it must wait it waits for half of
     * {@link RecoveryConfig#burstTime} at least, since a timer and a batch of packets have their price.
     */
    public long nextSendTime(long now, long bytes) {
        fill(now);
        double wanted = Math.min((double) bytes, capacity);
        if (tokens >= wanted || rate <= 0) {
            return now;
        }
        double worthwhile = Math.min(Math.max(wanted, rate * config.burstTime() / 2), capacity);
        return now + (long) Math.ceil((worthwhile - tokens) / rate);
    }

    /** Bytes left; more than {@link #available} are owed, up to a burst. */
    public void onSent(long now, long bytes) {
        fill(now);
        tokens = Math.max(tokens - bytes, -capacity);
    }

    private void fill(long now) {
        if (now > filled) {
            tokens = Math.min(capacity, tokens + (now - filled) * rate);
            filled = now;
        }
    }
}

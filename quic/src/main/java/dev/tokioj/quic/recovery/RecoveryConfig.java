package dev.tokioj.quic.recovery;

/**
 * The settings of loss detection, acknowledging and congestion control. Times are nanoseconds, sizes bytes.
 *
 * @param initialRtt the round-trip time assumed before a sample (kInitialRtt)
 * @param granularity the least time a timer can tell apart (kGranularity)
 * @param packetThreshold packets after which an earlier one is lost (kPacketThreshold)
 * @param maxPacketThreshold up to where spurious losses may raise that threshold
 * @param persistentCongestionThreshold PTOs without an acknowledgement that mean persistent congestion
 * @param algorithm the congestion controller
 * @param hyStart whether slow start ends early when delay grows (HyStart++)
 * @param initialWindowPackets the initial congestion window in datagrams
 * @param minimumWindowPackets the least congestion window in datagrams
 * @param maximumWindow the greatest congestion window
 * @param burstPackets datagrams that may leave at once when nothing was sent for a while
 * @param burstTime time whose share of the rate may leave at once
 * @param maxLostRetained lost packets remembered to notice that they were only late
 * @param maxSkipsRemembered skipped packet numbers remembered to notice that the peer acknowledges what it never got
 * @param ackElicitingThreshold ack-eliciting packets after which an ACK is sent at once
 * @param maxAckRanges ranges of received packet numbers remembered and reported
 * @param ackOnlyBeforePing ACK-only packets after which one should elicit an acknowledgement itself
 */
public record RecoveryConfig(
        long initialRtt,
        long granularity,
        int packetThreshold,
        int maxPacketThreshold,
        int persistentCongestionThreshold,
        Algorithm algorithm,
        boolean hyStart,
        int initialWindowPackets,
        int minimumWindowPackets,
        long maximumWindow,
        int burstPackets,
        long burstTime,
        int maxLostRetained,
        int maxSkipsRemembered,
        int ackElicitingThreshold,
        int maxAckRanges,
        int ackOnlyBeforePing) {

    /** Which congestion controller. */
    public enum Algorithm {
        NEW_RENO,
        CUBIC
    }

    public RecoveryConfig {
        require(granularity > 0 && initialRtt >= granularity, "initialRtt >= granularity > 0");
        require(packetThreshold >= 3, "packetThreshold >= 3 (RFC 9002 section 6.1.1)");
        require(maxPacketThreshold >= packetThreshold, "maxPacketThreshold >= packetThreshold");
        require(persistentCongestionThreshold >= 1, "persistentCongestionThreshold >= 1");
        require(minimumWindowPackets >= 1, "minimumWindowPackets >= 1");
        require(initialWindowPackets >= minimumWindowPackets, "initialWindowPackets >= minimumWindowPackets");
        require(maximumWindow >= 14_720, "maximumWindow >= 14720");
        require(burstPackets >= 1 && burstTime >= 0, "burstPackets >= 1, burstTime >= 0");
        require(maxLostRetained >= 0 && maxSkipsRemembered >= 1, "maxLostRetained >= 0, maxSkipsRemembered >= 1");
        require(ackElicitingThreshold >= 1 && maxAckRanges >= 1, "ackElicitingThreshold >= 1, maxAckRanges >= 1");
        require(ackOnlyBeforePing >= 2, "ackOnlyBeforePing >= 2: a PING in every packet is an endless loop");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what);
        }
    }

    /** The defaults. */
    public static RecoveryConfig defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects settings; each default says why. One thread. */
    public static final class Builder {
        /** RFC 9002 section 6.2.2: a first PTO of a second, as TCP. */
        private long initialRtt = 333_000_000;
        /** RFC 9002 section 6.1.2. */
        private long granularity = 1_000_000;
        /** RFC 9002 section 6.1.1. */
        private int packetThreshold = 3;
        /** Enough for links that reorder whole batches; bounds the packets looked at again with each ACK. */
        private int maxPacketThreshold = 64;
        /** RFC 9002 section 7.6.1. */
        private int persistentCongestionThreshold = 3;
        /** What the Internet's senders use. */
        private Algorithm algorithm = Algorithm.CUBIC;
        /** Leaves slow start before the queue overflows, at the price of a comparison an ACK. */
        private boolean hyStart = true;
        /** RFC 9002 section 7.2. */
        private int initialWindowPackets = 10;
        /** RFC 9002 section 7.2. */
        private int minimumWindowPackets = 2;
        /** 2.5 Gbit/s over 100 ms; bounds what the sender of one connection remembers. */
        private long maximumWindow = 32L << 20;
        /** The initial window, the burst that RFC 9002 section 7.7 allows. */
        private int burstPackets = 10;
        /** Timers are not finer, and a batch for segmentation offload needs some packets. */
        private long burstTime = 1_000_000;
        /** About a window's worth of loss at 12 MB in flight. */
        private int maxLostRetained = 10_000;
        /** Skips are rare: these reach back several windows. */
        private int maxSkipsRemembered = 64;
        /** RFC 9000 section 13.2.2. */
        private int ackElicitingThreshold = 2;
        /** An ACK frame of at most about 250 bytes; a peer that leaves every second number out cannot make it grow. */
        private int maxAckRanges = 64;
        /** RFC 9000 section 13.2.4: now and then, so that received ranges can be forgotten. */
        private int ackOnlyBeforePing = 32;

        private Builder() {}

        public Builder initialRtt(long nanos) {
            this.initialRtt = nanos;
            return this;
        }

        public Builder granularity(long nanos) {
            this.granularity = nanos;
            return this;
        }

        public Builder packetThreshold(int packets) {
            this.packetThreshold = packets;
            return this;
        }

        public Builder maxPacketThreshold(int packets) {
            this.maxPacketThreshold = packets;
            return this;
        }

        public Builder persistentCongestionThreshold(int ptos) {
            this.persistentCongestionThreshold = ptos;
            return this;
        }

        public Builder algorithm(Algorithm algorithm) {
            this.algorithm = algorithm;
            return this;
        }

        public Builder hyStart(boolean on) {
            this.hyStart = on;
            return this;
        }

        public Builder initialWindowPackets(int packets) {
            this.initialWindowPackets = packets;
            return this;
        }

        public Builder minimumWindowPackets(int packets) {
            this.minimumWindowPackets = packets;
            return this;
        }

        public Builder maximumWindow(long bytes) {
            this.maximumWindow = bytes;
            return this;
        }

        public Builder burstPackets(int packets) {
            this.burstPackets = packets;
            return this;
        }

        public Builder burstTime(long nanos) {
            this.burstTime = nanos;
            return this;
        }

        public Builder maxLostRetained(int packets) {
            this.maxLostRetained = packets;
            return this;
        }

        public Builder maxSkipsRemembered(int skips) {
            this.maxSkipsRemembered = skips;
            return this;
        }

        public Builder ackElicitingThreshold(int packets) {
            this.ackElicitingThreshold = packets;
            return this;
        }

        public Builder maxAckRanges(int ranges) {
            this.maxAckRanges = ranges;
            return this;
        }

        public Builder ackOnlyBeforePing(int packets) {
            this.ackOnlyBeforePing = packets;
            return this;
        }

        public RecoveryConfig build() {
            return new RecoveryConfig(
                    initialRtt,
                    granularity,
                    packetThreshold,
                    maxPacketThreshold,
                    persistentCongestionThreshold,
                    algorithm,
                    hyStart,
                    initialWindowPackets,
                    minimumWindowPackets,
                    maximumWindow,
                    burstPackets,
                    burstTime,
                    maxLostRetained,
                    maxSkipsRemembered,
                    ackElicitingThreshold,
                    maxAckRanges,
                    ackOnlyBeforePing);
        }
    }
}

package dev.tokioj.quic.connection;

import dev.tokioj.quic.recovery.RecoveryConfig;
import dev.tokioj.quic.stream.StreamsConfig;
import dev.tokioj.quic.wire.VarInt;
import org.jspecify.annotations.Nullable;

/**
 * Every limit and choice of a connection. Immutable; times in ns, sizes in bytes. Each default names its reason at the
 * builder's method.
 *
 * @param connectionWindow bytes the peer may send on all streams at first
 * @param maxConnectionWindow bytes the connection's window may grow to
 * @param streamWindow bytes the peer may send on one stream at first
 * @param maxStreamWindow bytes a stream's window may grow to
 * @param maxBidiStreams bidirectional streams the peer may have open
 * @param maxUniStreams unidirectional streams the peer may have open
 * @param sendBuffer bytes a stream holds that are unsent or unacknowledged, at most
 * @param connectionSendBuffer bytes all streams hold that are unsent or unacknowledged, at most
 * @param maxAckRanges ranges of received packet numbers kept and reported
 * @param idleTimeout ns without a packet until the connection is dropped in silence; 0: never (RFC 9000 10.1)
 * @param handshakeTimeout ns a handshake may take
 * @param keepAlive ns without a packet until a PING is sent; 0: never (RFC 9000 10.1.2)
 * @param maxDatagramSize bytes of UDP payload we send, at most
 * @param maxUdpPayload bytes of UDP payload we receive (RFC 9000 18.2)
 * @param congestion the congestion controller
 * @param initialWindowPackets datagrams in the first congestion window
 * @param maxCongestionWindow bytes the congestion window may grow to
 * @param initialRtt ns assumed for a round trip before the first sample
 * @param ackDelayExponent scale of the ACK Delay field (RFC 9000 18.2)
 * @param maxAckDelay ns we may hold back an ACK (RFC 9000 13.2.1)
 * @param ackEvery ack-eliciting packets until an ACK is sent at once (RFC 9000 13.2.2)
 * @param cryptoBuffer bytes of CRYPTO data past the first hole, per level (RFC 9000 7.5)
 * @param undecryptableBuffer bytes of packets kept until their keys come or the handshake work is done
 * @param activeConnectionIdLimit connection IDs of the peer that we keep (RFC 9000 18.2)
 * @param issuedConnectionIds connection IDs that we give the peer, at most
 * @param pathResponses PATH_CHALLENGE frames remembered until they are answered
 * @param pathProbesPerRtt new paths a peer may show in three probe timeouts, at most
 * @param activeMigration whether the peer may migrate on purpose (RFC 9000 18.2, disable_active_migration)
 * @param keyUpdatePackets packets sealed with one key until we update it
 * @param forgedPackets packets that may fail authentication until the connection is closed; the AEAD has a limit of its own
 * @param nonProgressFrames frames that move nothing forward that a peer may send without one that does
 * @param ackOnlyPing ACK-only packets until one carries a PING
 * @param maxSegments segments in one Transmit, at most
 * @param ecn whether packets are marked ECT(0) and the marking validated (RFC 9000 13.4)
 * @param grease whether the quic bit, a reserved transport parameter and reserved versions are used (RFC 9287)
 * @param listener hears every event, or null: then no event is built
 */
public record QuicConfig(
        long connectionWindow,
        long maxConnectionWindow,
        long streamWindow,
        long maxStreamWindow,
        long maxBidiStreams,
        long maxUniStreams,
        int sendBuffer,
        long connectionSendBuffer,
        int maxAckRanges,
        long idleTimeout,
        long handshakeTimeout,
        long keepAlive,
        int maxDatagramSize,
        int maxUdpPayload,
        CongestionAlgorithm congestion,
        int initialWindowPackets,
        long maxCongestionWindow,
        long initialRtt,
        int ackDelayExponent,
        long maxAckDelay,
        int ackEvery,
        int cryptoBuffer,
        int undecryptableBuffer,
        int activeConnectionIdLimit,
        int issuedConnectionIds,
        int pathResponses,
        int pathProbesPerRtt,
        boolean activeMigration,
        long keyUpdatePackets,
        long forgedPackets,
        int nonProgressFrames,
        int ackOnlyPing,
        int maxSegments,
        boolean ecn,
        boolean grease,
        @Nullable QuicEventListener listener) {

    /** Which congestion controller a connection uses. */
    public enum CongestionAlgorithm {
        /** RFC 9002 7. */
        NEW_RENO,
        /** RFC 9438. */
        CUBIC
    }

    /** Checks every value against its range. */
    public QuicConfig {
        check("connectionWindow", connectionWindow, 0, VarInt.MAX);
        check("maxConnectionWindow", maxConnectionWindow, 0, VarInt.MAX);
        check("streamWindow", streamWindow, 0, VarInt.MAX);
        check("maxStreamWindow", maxStreamWindow, 0, VarInt.MAX);
        check("maxBidiStreams", maxBidiStreams, 0, 1L << 60);
        check("maxUniStreams", maxUniStreams, 0, 1L << 60);
        check("sendBuffer", sendBuffer, 1, Integer.MAX_VALUE);
        check("connectionSendBuffer", connectionSendBuffer, 1, Long.MAX_VALUE);
        check("maxAckRanges", maxAckRanges, 2, 1024);
        check("idleTimeout", idleTimeout, 0, Long.MAX_VALUE);
        check("handshakeTimeout", handshakeTimeout, 1, Long.MAX_VALUE);
        check("keepAlive", keepAlive, 0, Long.MAX_VALUE);
        check("maxDatagramSize", maxDatagramSize, 1200, 65527);
        check("maxUdpPayload", maxUdpPayload, 1200, 65527);
        check("initialWindowPackets", initialWindowPackets, 2, 1000);
        check("maxCongestionWindow", maxCongestionWindow, 14720, Long.MAX_VALUE);
        check("initialRtt", initialRtt, 1000000, 10_000_000_000L);
        check("ackDelayExponent", ackDelayExponent, 0, 20);
        check("maxAckDelay", maxAckDelay, 0, 16_383_000_000L);
        check("ackEvery", ackEvery, 1, 64);
        check("cryptoBuffer", cryptoBuffer, 4096, 1 << 24);
        check("undecryptableBuffer", undecryptableBuffer, 0, 1 << 24);
        check("activeConnectionIdLimit", activeConnectionIdLimit, 2, 64);
        check("issuedConnectionIds", issuedConnectionIds, 1, 64);
        check("pathResponses", pathResponses, 1, 1024);
        check("pathProbesPerRtt", pathProbesPerRtt, 1, 1024);
        check("keyUpdatePackets", keyUpdatePackets, 1, 1L << 62);
        check("forgedPackets", forgedPackets, 1, 1L << 52);
        check("nonProgressFrames", nonProgressFrames, 16, Integer.MAX_VALUE);
        check("ackOnlyPing", ackOnlyPing, 2, 1 << 20);
        check("maxSegments", maxSegments, 1, 64);
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " = " + value + ": not in [" + min + ", " + max + "]");
        }
    }

    StreamsConfig streams() {
        return StreamsConfig.builder()
                .connectionWindow(connectionWindow)
                .maxConnectionWindow(maxConnectionWindow)
                .streamWindow(streamWindow)
                .maxStreamWindow(maxStreamWindow)
                .maxBidiStreams(maxBidiStreams)
                .maxUniStreams(maxUniStreams)
                .sendBuffer(sendBuffer)
                .connectionSendBuffer(connectionSendBuffer)
                .build();
    }

    RecoveryConfig recovery() {
        var algorithm = switch (congestion) {
            case NEW_RENO -> RecoveryConfig.Algorithm.NEW_RENO;
            case CUBIC -> RecoveryConfig.Algorithm.CUBIC;
        };
        return RecoveryConfig.builder()
                .algorithm(algorithm)
                .initialRtt(initialRtt)
                .initialWindowPackets(initialWindowPackets)
                .maximumWindow(maxCongestionWindow)
                .ackElicitingThreshold(ackEvery)
                .maxAckRanges(maxAckRanges)
                .ackOnlyBeforePing(ackOnlyPing)
                .build();
    }

    /** The defaults. */
    public static QuicConfig defaults() {
        return builder().build();
    }

    /** A builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these values. */
    public Builder toBuilder() {
        var b = new Builder();
        b.connectionWindow = connectionWindow;
        b.maxConnectionWindow = maxConnectionWindow;
        b.streamWindow = streamWindow;
        b.maxStreamWindow = maxStreamWindow;
        b.maxBidiStreams = maxBidiStreams;
        b.maxUniStreams = maxUniStreams;
        b.sendBuffer = sendBuffer;
        b.connectionSendBuffer = connectionSendBuffer;
        b.maxAckRanges = maxAckRanges;
        b.idleTimeout = idleTimeout;
        b.handshakeTimeout = handshakeTimeout;
        b.keepAlive = keepAlive;
        b.maxDatagramSize = maxDatagramSize;
        b.maxUdpPayload = maxUdpPayload;
        b.congestion = congestion;
        b.initialWindowPackets = initialWindowPackets;
        b.maxCongestionWindow = maxCongestionWindow;
        b.initialRtt = initialRtt;
        b.ackDelayExponent = ackDelayExponent;
        b.maxAckDelay = maxAckDelay;
        b.ackEvery = ackEvery;
        b.cryptoBuffer = cryptoBuffer;
        b.undecryptableBuffer = undecryptableBuffer;
        b.activeConnectionIdLimit = activeConnectionIdLimit;
        b.issuedConnectionIds = issuedConnectionIds;
        b.pathResponses = pathResponses;
        b.pathProbesPerRtt = pathProbesPerRtt;
        b.activeMigration = activeMigration;
        b.keyUpdatePackets = keyUpdatePackets;
        b.forgedPackets = forgedPackets;
        b.nonProgressFrames = nonProgressFrames;
        b.ackOnlyPing = ackOnlyPing;
        b.maxSegments = maxSegments;
        b.ecn = ecn;
        b.grease = grease;
        b.listener = listener;
        return b;
    }

    /** Builds a {@link QuicConfig}; one thread at a time. */
    public static final class Builder {
        private long connectionWindow = 384L << 10;
        private long maxConnectionWindow = 16L << 20;
        private long streamWindow = 256L << 10;
        private long maxStreamWindow = 10L << 20;
        private long maxBidiStreams = 100;
        private long maxUniStreams = 16;
        private int sendBuffer = 1 << 20;
        private long connectionSendBuffer = 8L << 20;
        private int maxAckRanges = 64;
        private long idleTimeout = 30_000_000_000L;
        private long handshakeTimeout = 5_000_000_000L;
        private long keepAlive = 0L;
        private int maxDatagramSize = 1200;
        private int maxUdpPayload = 65527;
        private CongestionAlgorithm congestion = CongestionAlgorithm.CUBIC;
        private int initialWindowPackets = 10;
        private long maxCongestionWindow = 32L << 20;
        private long initialRtt = 333_000_000L;
        private int ackDelayExponent = 3;
        private long maxAckDelay = 25_000_000L;
        private int ackEvery = 2;
        private int cryptoBuffer = 64 << 10;
        private int undecryptableBuffer = 32 << 10;
        private int activeConnectionIdLimit = 4;
        private int issuedConnectionIds = 4;
        private int pathResponses = 16;
        private int pathProbesPerRtt = 4;
        private boolean activeMigration = true;
        private long keyUpdatePackets = 1L << 22;
        private long forgedPackets = 1L << 36;
        private int nonProgressFrames = 10_000;
        private int ackOnlyPing = 32;
        private int maxSegments = 64;
        private boolean ecn = true;
        private boolean grease = true;
        private @Nullable QuicEventListener listener;

        Builder() {}

        /** Bytes the peer may send on all streams at first. Default: one and a half stream windows; it grows with use. */
        public Builder connectionWindow(long value) {
            connectionWindow = value;
            return this;
        }

        /** Bytes the connection's window may grow to. Default: 1 Gbit/s at 130 ms. */
        public Builder maxConnectionWindow(long value) {
            maxConnectionWindow = value;
            return this;
        }

        /** Bytes the peer may send on one stream at first. Default: 100 Mbit/s over 20 ms; it grows with use. */
        public Builder streamWindow(long value) {
            streamWindow = value;
            return this;
        }

        /** Bytes a stream's window may grow to. Default: two thirds of the connection's, so that one stream cannot starve the rest. */
        public Builder maxStreamWindow(long value) {
            maxStreamWindow = value;
            return this;
        }

        /** Bidirectional streams the peer may have open. Default: RFC 9114 6.1 wants at least 100. */
        public Builder maxBidiStreams(long value) {
            maxBidiStreams = value;
            return this;
        }

        /** Unidirectional streams the peer may have open. Default: HTTP/3 needs 3; the rest is room. */
        public Builder maxUniStreams(long value) {
            maxUniStreams = value;
            return this;
        }

        /** Bytes a stream holds that are unsent or unacknowledged, at most. Default: 1 Gbit/s over 8 ms. */
        public Builder sendBuffer(int value) {
            sendBuffer = value;
            return this;
        }

        /** Bytes all streams hold that are unsent or unacknowledged, at most. Default: a slow reader pins no more than this. */
        public Builder connectionSendBuffer(long value) {
            connectionSendBuffer = value;
            return this;
        }

        /** Ranges of received packet numbers kept and reported. Default: more than any sane network makes; a hostile one is forgotten from the oldest on. */
        public Builder maxAckRanges(int value) {
            maxAckRanges = value;
            return this;
        }

        /** Ns without a packet until the connection is dropped in silence; 0: never (RFC 9000 10.1). Default: what most deployments say. */
        public Builder idleTimeout(long value) {
            idleTimeout = value;
            return this;
        }

        /** Ns a handshake may take. Default: a half-open connection is cheap to make and must be cheap to hold. */
        public Builder handshakeTimeout(long value) {
            handshakeTimeout = value;
            return this;
        }

        /** Ns without a packet until a PING is sent; 0: never (RFC 9000 10.1.2). Default: only the application knows whether it waits for something. */
        public Builder keepAlive(long value) {
            keepAlive = value;
            return this;
        }

        /** Bytes of UDP payload we send, at most. Default: every QUIC path carries it (RFC 9000 14); the host raises it where it knows better. */
        public Builder maxDatagramSize(int value) {
            maxDatagramSize = value;
            return this;
        }

        /** Bytes of UDP payload we receive (RFC 9000 18.2). Default: the protocol's own limit; receive buffers are 64 KB. */
        public Builder maxUdpPayload(int value) {
            maxUdpPayload = value;
            return this;
        }

        /** The congestion controller. Default: RFC 9438, what the Internet runs. */
        public Builder congestion(CongestionAlgorithm value) {
            congestion = value;
            return this;
        }

        /** Datagrams in the first congestion window. Default: RFC 9002 7.2. */
        public Builder initialWindowPackets(int value) {
            initialWindowPackets = value;
            return this;
        }

        /** Bytes the congestion window may grow to. Default: 2.5 Gbit/s over 100 ms. */
        public Builder maxCongestionWindow(long value) {
            maxCongestionWindow = value;
            return this;
        }

        /** Ns assumed for a round trip before the first sample. Default: RFC 9002 6.2.2. */
        public Builder initialRtt(long value) {
            initialRtt = value;
            return this;
        }

        /** Scale of the ACK Delay field (RFC 9000 18.2). Default: the RFC's default. */
        public Builder ackDelayExponent(int value) {
            ackDelayExponent = value;
            return this;
        }

        /** Ns we may hold back an ACK (RFC 9000 13.2.1). Default: the RFC's default. */
        public Builder maxAckDelay(long value) {
            maxAckDelay = value;
            return this;
        }

        /** Ack-eliciting packets until an ACK is sent at once (RFC 9000 13.2.2). Default: the RFC's recommendation. */
        public Builder ackEvery(int value) {
            ackEvery = value;
            return this;
        }

        /** Bytes of CRYPTO data past the first hole, per level (RFC 9000 7.5). Default: a large certificate chain; the RFC asks for 4096. */
        public Builder cryptoBuffer(int value) {
            cryptoBuffer = value;
            return this;
        }

        /** Bytes of packets kept until their keys come or the handshake work is done. Default: an initial window's worth and some. */
        public Builder undecryptableBuffer(int value) {
            undecryptableBuffer = value;
            return this;
        }

        /** Connection IDs of the peer that we keep (RFC 9000 18.2). Default: one in use, one to migrate to, two to spare. */
        public Builder activeConnectionIdLimit(int value) {
            activeConnectionIdLimit = value;
            return this;
        }

        /** Connection IDs that we give the peer, at most. Default: enough for a few rebindings; each costs an entry in the table. */
        public Builder issuedConnectionIds(int value) {
            issuedConnectionIds = value;
            return this;
        }

        /** PATH_CHALLENGE frames remembered until they are answered. Default: no honest peer probes more at once; the oldest is dropped. */
        public Builder pathResponses(int value) {
            pathResponses = value;
            return this;
        }

        /** New paths a peer may show in three probe timeouts, at most. Default: a rebinding is rare; a storm of them is an attack. */
        public Builder pathProbesPerRtt(int value) {
            pathProbesPerRtt = value;
            return this;
        }

        /** Whether the peer may migrate on purpose (RFC 9000 18.2, disable_active_migration). Default: phones change networks. */
        public Builder activeMigration(boolean value) {
            activeMigration = value;
            return this;
        }

        /** Packets sealed with one key until we update it. Default: half of AES-GCM's 2^23 (RFC 9001 6.6). */
        public Builder keyUpdatePackets(long value) {
            keyUpdatePackets = value;
            return this;
        }

        /** Packets that may fail authentication until the connection is closed; the AEAD has a limit of its own. Default: the lower of what RFC 9001 6.6 allows its AEADs. */
        public Builder forgedPackets(long value) {
            forgedPackets = value;
            return this;
        }

        /** Frames that move nothing forward that a peer may send without one that does. Default: a ping each 10 ms for 100 s; a flood of them is closed. */
        public Builder nonProgressFrames(int value) {
            nonProgressFrames = value;
            return this;
        }

        /** ACK-only packets until one carries a PING. Default: so that the peer acknowledges our ACKs and we can forget ranges (RFC 9000 13.2.4). */
        public Builder ackOnlyPing(int value) {
            ackOnlyPing = value;
            return this;
        }

        /** Segments in one Transmit, at most. Default: UDP GSO's limit on Linux. */
        public Builder maxSegments(int value) {
            maxSegments = value;
            return this;
        }

        /** Whether packets are marked ECT(0) and the marking validated (RFC 9000 13.4). Default: congestion without loss. */
        public Builder ecn(boolean value) {
            ecn = value;
            return this;
        }

        /** Whether the quic bit, a reserved transport parameter and reserved versions are used (RFC 9287). Default: what is not used rusts. */
        public Builder grease(boolean value) {
            grease = value;
            return this;
        }

        /** Hears every event. Default: nobody, and no event is built. */
        public Builder listener(@Nullable QuicEventListener value) {
            listener = value;
            return this;
        }

        /** The configuration; {@link IllegalArgumentException} names a value that is out of range. */
        public QuicConfig build() {
            return new QuicConfig(
                    connectionWindow,
                    maxConnectionWindow,
                    streamWindow,
                    maxStreamWindow,
                    maxBidiStreams,
                    maxUniStreams,
                    sendBuffer,
                    connectionSendBuffer,
                    maxAckRanges,
                    idleTimeout,
                    handshakeTimeout,
                    keepAlive,
                    maxDatagramSize,
                    maxUdpPayload,
                    congestion,
                    initialWindowPackets,
                    maxCongestionWindow,
                    initialRtt,
                    ackDelayExponent,
                    maxAckDelay,
                    ackEvery,
                    cryptoBuffer,
                    undecryptableBuffer,
                    activeConnectionIdLimit,
                    issuedConnectionIds,
                    pathResponses,
                    pathProbesPerRtt,
                    activeMigration,
                    keyUpdatePackets,
                    forgedPackets,
                    nonProgressFrames,
                    ackOnlyPing,
                    maxSegments,
                    ecn,
                    grease,
                    listener);
        }
    }
}

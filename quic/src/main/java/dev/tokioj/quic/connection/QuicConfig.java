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
 * @param quietAfter ns without a packet until ciphers and rings that only a busy connection needs are given back; 0: never
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
 * @param cryptoPieces pieces of CRYPTO data past the first hole, per level
 * @param undecryptableBuffer bytes of packets kept until their keys come or the handshake work is done
 * @param activeConnectionIdLimit connection IDs of the peer that we keep (RFC 9000 18.2)
 * @param issuedConnectionIds connection IDs that we give the peer, at most
 * @param connectionIdHoles connection IDs of the peer whose sequence number came before a lower one did
 * @param maxTokenLength bytes of a NEW_TOKEN token that a client keeps (RFC 9000 19.7)
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
        long quietAfter,
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
        int cryptoPieces,
        int undecryptableBuffer,
        int activeConnectionIdLimit,
        int issuedConnectionIds,
        int connectionIdHoles,
        int maxTokenLength,
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
        check("quietAfter", quietAfter, 0, Long.MAX_VALUE);
        check("maxDatagramSize", maxDatagramSize, 1200, 65527);
        check("maxUdpPayload", maxUdpPayload, 1200, 65527);
        check("initialWindowPackets", initialWindowPackets, 2, 1000);
        check("maxCongestionWindow", maxCongestionWindow, 14720, Long.MAX_VALUE);
        check("initialRtt", initialRtt, 1000000, 10_000_000_000L);
        check("ackDelayExponent", ackDelayExponent, 0, 20);
        check("maxAckDelay", maxAckDelay, 0, 16_383_000_000L);
        check("ackEvery", ackEvery, 1, 64);
        check("cryptoBuffer", cryptoBuffer, 4096, 1 << 24);
        check("cryptoPieces", cryptoPieces, 1, 1 << 16);
        check("undecryptableBuffer", undecryptableBuffer, 0, 1 << 24);
        check("activeConnectionIdLimit", activeConnectionIdLimit, 2, 64);
        check("issuedConnectionIds", issuedConnectionIds, 1, 64);
        check("connectionIdHoles", connectionIdHoles, 1, 1 << 16);
        check("maxTokenLength", maxTokenLength, 0, 1 << 14);
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
    public static QuicConfigBuilder builder() {
        return new QuicConfigBuilder();
    }

    /** A builder that starts from these values. */
    public QuicConfigBuilder toBuilder() {
        return QuicConfigBuilder.from(this);
    }
}

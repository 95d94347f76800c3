package dev.tokioj.quic.wire;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The transport parameters of one endpoint (RFC 9000 section 18.2; RFC 9221 section 3; RFC 9287 section 3; RFC 9368 section 3). What
 * was absent has its default. Numbers are as on the wire, up to 2^62-1; {@link #maxIdleTimeoutNanos} and the like saturate.
 * Immutable as long as nobody writes to its array; any thread.
 *
 * @param originalDestinationConnectionId server only; a server always sends it
 * @param maxIdleTimeout milliseconds; 0: none
 * @param statelessResetToken server only; 16 bytes
 * @param maxUdpPayloadSize bytes, at least 1200
 * @param ackDelayExponent at most 20
 * @param maxAckDelay milliseconds, below 2^14
 * @param preferredAddress server only
 * @param activeConnectionIdLimit at least 2
 * @param initialSourceConnectionId always sent, by both
 * @param retrySourceConnectionId server only, and only after a Retry
 * @param maxDatagramFrameSize bytes; 0: no DATAGRAM frames are taken
 * @param greaseQuicBit whether packets with a cleared Fixed Bit are taken
 */
@SuppressWarnings("ArrayRecordComponent") // equality is never asked for
public record TransportParameters(
        @Nullable ConnectionId originalDestinationConnectionId,
        long maxIdleTimeout,
        byte @Nullable [] statelessResetToken,
        long maxUdpPayloadSize,
        long initialMaxData,
        long initialMaxStreamDataBidiLocal,
        long initialMaxStreamDataBidiRemote,
        long initialMaxStreamDataUni,
        long initialMaxStreamsBidi,
        long initialMaxStreamsUni,
        int ackDelayExponent,
        int maxAckDelay,
        boolean disableActiveMigration,
        @Nullable PreferredAddress preferredAddress,
        long activeConnectionIdLimit,
        @Nullable ConnectionId initialSourceConnectionId,
        @Nullable ConnectionId retrySourceConnectionId,
        long maxDatagramFrameSize,
        boolean greaseQuicBit,
        @Nullable VersionInformation versionInformation) {
    /** The default of max_udp_payload_size: the most that UDP carries. */
    public static final int DEFAULT_MAX_UDP_PAYLOAD_SIZE = 65527;
    /** The default of ack_delay_exponent. */
    public static final int DEFAULT_ACK_DELAY_EXPONENT = 3;
    /** The default of max_ack_delay, in milliseconds. */
    public static final int DEFAULT_MAX_ACK_DELAY = 25;
    /** The default of active_connection_id_limit. */
    public static final int DEFAULT_ACTIVE_CONNECTION_ID_LIMIT = 2;

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** A builder that has the defaults of section 18.2. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads what a peer sent. Refused are values and combinations that section 18.2 forbids, duplicates (section 7.4), what only
     * a server may send if a client did, and that a connection ID is missing which must be there (section 7.3); unknown
     * parameters are skipped.
     *
     * @param encoded the body of the TLS extension
     * @throws TransportException TRANSPORT_PARAMETER_ERROR
     */
    public static TransportParameters decode(byte[] encoded, boolean fromServer) throws TransportException {
        return TransportParametersCodec.decode(encoded, fromServer);
    }

    /** The body of the TLS extension; parameters that have their default are left out. */
    public byte[] encode() {
        return TransportParametersCodec.encode(this, null);
    }

    /** As {@link #encode()}, with one reserved parameter of random number and content that the peer has to skip (section 18.1). */
    public byte[] encode(SecureRandom grease) {
        return TransportParametersCodec.encode(this, grease);
    }

    /** The idle timeout in nanoseconds; 0: none; Long.MAX_VALUE if it is longer than that. */
    public long maxIdleTimeoutNanos() {
        return maxIdleTimeout > Long.MAX_VALUE / NANOS_PER_MILLI ? Long.MAX_VALUE : maxIdleTimeout * NANOS_PER_MILLI;
    }

    /** The longest delay of an acknowledgment in nanoseconds. */
    public long maxAckDelayNanos() {
        return maxAckDelay * NANOS_PER_MILLI;
    }

    /**
     * What an ACK Delay field of this endpoint means, in nanoseconds (RFC 9000 section 19.3); saturates.
     *
     * @param ackDelay as on the wire
     */
    public long ackDelayNanos(long ackDelay) {
        long most = (Long.MAX_VALUE / 1000) >>> ackDelayExponent;
        return ackDelay > most ? Long.MAX_VALUE : (ackDelay << ackDelayExponent) * 1000;
    }

    /** The largest UDP payload this endpoint takes, at most 65527. */
    public int udpPayloadLimit() {
        return (int) Math.min(DEFAULT_MAX_UDP_PAYLOAD_SIZE, maxUdpPayloadSize);
    }

    /** A builder that has these values. */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.originalDestinationConnectionId = originalDestinationConnectionId;
        b.maxIdleTimeout = maxIdleTimeout;
        b.statelessResetToken = statelessResetToken;
        b.maxUdpPayloadSize = maxUdpPayloadSize;
        b.initialMaxData = initialMaxData;
        b.initialMaxStreamDataBidiLocal = initialMaxStreamDataBidiLocal;
        b.initialMaxStreamDataBidiRemote = initialMaxStreamDataBidiRemote;
        b.initialMaxStreamDataUni = initialMaxStreamDataUni;
        b.initialMaxStreamsBidi = initialMaxStreamsBidi;
        b.initialMaxStreamsUni = initialMaxStreamsUni;
        b.ackDelayExponent = ackDelayExponent;
        b.maxAckDelay = maxAckDelay;
        b.disableActiveMigration = disableActiveMigration;
        b.preferredAddress = preferredAddress;
        b.activeConnectionIdLimit = activeConnectionIdLimit;
        b.initialSourceConnectionId = initialSourceConnectionId;
        b.retrySourceConnectionId = retrySourceConnectionId;
        b.maxDatagramFrameSize = maxDatagramFrameSize;
        b.greaseQuicBit = greaseQuicBit;
        b.versionInformation = versionInformation;
        return b;
    }

    /** Collects the parameters; each setter is named as the parameter in RFC 9000 section 18.2, and null leaves it out. One thread owns it. */
    public static final class Builder {
        @Nullable ConnectionId originalDestinationConnectionId;

        long maxIdleTimeout;
        byte @Nullable [] statelessResetToken;
        long maxUdpPayloadSize = DEFAULT_MAX_UDP_PAYLOAD_SIZE;
        long initialMaxData;
        long initialMaxStreamDataBidiLocal;
        long initialMaxStreamDataBidiRemote;
        long initialMaxStreamDataUni;
        long initialMaxStreamsBidi;
        long initialMaxStreamsUni;
        int ackDelayExponent = DEFAULT_ACK_DELAY_EXPONENT;
        int maxAckDelay = DEFAULT_MAX_ACK_DELAY;
        boolean disableActiveMigration;

        @Nullable PreferredAddress preferredAddress;

        long activeConnectionIdLimit = DEFAULT_ACTIVE_CONNECTION_ID_LIMIT;

        @Nullable ConnectionId initialSourceConnectionId;

        @Nullable ConnectionId retrySourceConnectionId;

        long maxDatagramFrameSize;
        boolean greaseQuicBit;

        @Nullable VersionInformation versionInformation;

        private Builder() {}

        /** A server: the Destination Connection ID of the client's first Initial packet. */
        public Builder originalDestinationConnectionId(@Nullable ConnectionId value) {
            this.originalDestinationConnectionId = value;
            return this;
        }

        /** Milliseconds. */
        public Builder maxIdleTimeout(long value) {
            this.maxIdleTimeout = value;
            return this;
        }

        /** A server: 16 bytes. */
        public Builder statelessResetToken(byte @Nullable [] value) {
            this.statelessResetToken = value;
            return this;
        }

        /** Bytes. */
        public Builder maxUdpPayloadSize(long value) {
            this.maxUdpPayloadSize = value;
            return this;
        }

        /** Bytes. */
        public Builder initialMaxData(long value) {
            this.initialMaxData = value;
            return this;
        }

        /** Bytes, for bidirectional streams that the sender of this opens. */
        public Builder initialMaxStreamDataBidiLocal(long value) {
            this.initialMaxStreamDataBidiLocal = value;
            return this;
        }

        /** Bytes, for bidirectional streams that the receiver of this opens. */
        public Builder initialMaxStreamDataBidiRemote(long value) {
            this.initialMaxStreamDataBidiRemote = value;
            return this;
        }

        /** Bytes, for unidirectional streams that the receiver of this opens. */
        public Builder initialMaxStreamDataUni(long value) {
            this.initialMaxStreamDataUni = value;
            return this;
        }

        /** Streams. */
        public Builder initialMaxStreamsBidi(long value) {
            this.initialMaxStreamsBidi = value;
            return this;
        }

        /** Streams. */
        public Builder initialMaxStreamsUni(long value) {
            this.initialMaxStreamsUni = value;
            return this;
        }

        /** At most 20. */
        public Builder ackDelayExponent(int value) {
            this.ackDelayExponent = value;
            return this;
        }

        /** Milliseconds. */
        public Builder maxAckDelay(int value) {
            this.maxAckDelay = value;
            return this;
        }

        /** Whether the peer must stay at its address. */
        public Builder disableActiveMigration(boolean value) {
            this.disableActiveMigration = value;
            return this;
        }

        /** A server: where it would rather be reached. */
        public Builder preferredAddress(@Nullable PreferredAddress value) {
            this.preferredAddress = value;
            return this;
        }

        /** Connection IDs of the peer, at least 2. */
        public Builder activeConnectionIdLimit(long value) {
            this.activeConnectionIdLimit = value;
            return this;
        }

        /** The Source Connection ID of the sender's first Initial packet. */
        public Builder initialSourceConnectionId(@Nullable ConnectionId value) {
            this.initialSourceConnectionId = value;
            return this;
        }

        /** A server that sent Retry: its Source Connection ID there. */
        public Builder retrySourceConnectionId(@Nullable ConnectionId value) {
            this.retrySourceConnectionId = value;
            return this;
        }

        /** Bytes of a DATAGRAM frame; 0: none are taken (RFC 9221). */
        public Builder maxDatagramFrameSize(long value) {
            this.maxDatagramFrameSize = value;
            return this;
        }

        /** Whether a cleared Fixed Bit is taken (RFC 9287). */
        public Builder greaseQuicBit(boolean value) {
            this.greaseQuicBit = value;
            return this;
        }

        /** RFC 9368. */
        public Builder versionInformation(@Nullable VersionInformation value) {
            this.versionInformation = value;
            return this;
        }

        /** The parameters as they are now. */
        public TransportParameters build() {
            return new TransportParameters(
                    originalDestinationConnectionId,
                    maxIdleTimeout,
                    statelessResetToken,
                    maxUdpPayloadSize,
                    initialMaxData,
                    initialMaxStreamDataBidiLocal,
                    initialMaxStreamDataBidiRemote,
                    initialMaxStreamDataUni,
                    initialMaxStreamsBidi,
                    initialMaxStreamsUni,
                    ackDelayExponent,
                    maxAckDelay,
                    disableActiveMigration,
                    preferredAddress,
                    activeConnectionIdLimit,
                    initialSourceConnectionId,
                    retrySourceConnectionId,
                    maxDatagramFrameSize,
                    greaseQuicBit,
                    versionInformation);
        }
    }
}

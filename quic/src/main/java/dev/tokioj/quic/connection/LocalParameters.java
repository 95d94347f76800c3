package dev.tokioj.quic.connection;

import dev.tokioj.quic.wire.TransportParameters;

/** The transport parameters that we send (RFC 9000 18.2). */
final class LocalParameters {
    private LocalParameters() {}

    /** Encodes them, as the TLS extension has them (RFC 9001 8.2). */
    static byte[] encode(ConnectionSetup setup, boolean client) {
        QuicConfig config = setup.config();
        var b = TransportParameters.builder()
                .initialSourceConnectionId(setup.sourceId())
                .maxIdleTimeout(config.idleTimeout() / 1_000_000)
                .maxUdpPayloadSize(config.maxUdpPayload())
                .initialMaxData(config.connectionWindow())
                .initialMaxStreamDataBidiLocal(config.streamWindow())
                .initialMaxStreamDataBidiRemote(config.streamWindow())
                .initialMaxStreamDataUni(config.streamWindow())
                .initialMaxStreamsBidi(config.maxBidiStreams())
                .initialMaxStreamsUni(config.maxUniStreams())
                .ackDelayExponent(config.ackDelayExponent())
                .maxAckDelay((int) (config.maxAckDelay() / 1_000_000))
                .disableActiveMigration(!config.activeMigration())
                .activeConnectionIdLimit(config.activeConnectionIdLimit())
                .greaseQuicBit(config.grease());
        if (!client) {
            b.originalDestinationConnectionId(setup.originalDestinationId())
                    .statelessResetToken(setup.owner().resetToken(setup.sourceId()));
            if (setup.retrySourceId() != null) {
                b.retrySourceConnectionId(setup.retrySourceId());
            }
        }
        TransportParameters own = b.build();
        return config.grease() ? own.encode(setup.random()) : own.encode();
    }
}

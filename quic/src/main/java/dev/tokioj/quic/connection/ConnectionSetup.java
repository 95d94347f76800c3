package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.stream.ChunkPool;
import dev.tokioj.quic.stream.Intake;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Version;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint knows when a connection begins; for endpoints alone.
 *
 * @param number the connection's number in its endpoint
 * @param config limits and choices
 * @param version the version of its packets
 * @param owner the endpoint
 * @param random unpredictable bytes
 * @param pool memory for stream data
 * @param bench what the endpoint's connections share while they work
 * @param intake whether the endpoint keeps up with what comes
 * @param path the way the first datagram goes or came
 * @param originalDestinationId the Destination Connection ID of the client's very first packet
 * @param keyId the ID that the Initial keys derive from: the same, or that of a Retry (RFC 9001 5.2)
 * @param sourceId our own first ID
 * @param peerId a server: the client's Source Connection ID; a client: {@code originalDestinationId}
 * @param retrySourceId a server that sent a Retry: its Source Connection ID there
 * @param token a client: a token of an earlier connection, empty if there is none
 * @param addressValidated a server: whether a token has proved the client's address
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record ConnectionSetup(
        long number,
        QuicConfig config,
        Version version,
        ConnectionOwner owner,
        SecureRandom random,
        ChunkPool pool,
        Workbench bench,
        Intake intake,
        NetPath path,
        ConnectionId originalDestinationId,
        ConnectionId keyId,
        ConnectionId sourceId,
        ConnectionId peerId,
        @Nullable ConnectionId retrySourceId,
        byte[] token,
        boolean addressValidated) {}

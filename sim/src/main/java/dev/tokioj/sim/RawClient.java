package dev.tokioj.sim;

import dev.tokioj.quic.crypto.InitialKeys;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsEngine;
import java.net.InetSocketAddress;

/** A client that misbehaves on demand, against a production server. */
public final class RawClient extends RawPeer {
    private final ConnectionId originalDestination;

    /** A client at a fresh address; nothing is sent yet. */
    public RawClient(Simulation simulation, Network network, LinkProfile link, InetSocketAddress server) {
        super(simulation, network, link);
        originalDestination = ConnectionId.random(random, CID_LENGTH);
        begin(
                server,
                originalDestination,
                InitialKeys.server(originalDestination, Version.V1),
                InitialKeys.client(originalDestination, Version.V1));
    }

    /** Sends its ClientHello, with these transport parameters. */
    public void start(TlsClientConfig config, String serverName, byte[] transportParameters) {
        shakeHands(TlsEngine.client(config, serverName, transportParameters));
    }

    /** The connection ID that it made up for the server. */
    public ConnectionId originalDestination() {
        return originalDestination;
    }

    @Override
    void onDatagram(Datagram datagram) {}

    @Override
    void onLongHeader(PacketHeader seen) {
        if (destination().equals(originalDestination)) {
            destination(seen.scid());
        }
    }

    @Override
    void onComplete() {}
}

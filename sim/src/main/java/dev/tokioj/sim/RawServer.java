package dev.tokioj.sim;

import dev.tokioj.quic.crypto.InitialKeys;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.TlsEngine;
import dev.tokioj.tls.TlsServerConfig;

/** A server of one connection that misbehaves on demand, against a production client. */
public final class RawServer extends RawPeer {
    private final TlsServerConfig config;
    private boolean begun;

    /** A server at a fresh address; it waits for a client. */
    public RawServer(Simulation simulation, Network network, LinkProfile link, TlsServerConfig config) {
        super(simulation, network, link);
        this.config = config;
    }

    @Override
    void onDatagram(Datagram datagram) {
        byte[] bytes = datagram.bytes();
        if (begun || header.parse(bytes, 0, bytes.length, CID_LENGTH) != PacketHeader.Outcome.PACKET) {
            return;
        }
        begun = true;
        ConnectionId original = header.dcid();
        begin(
                datagram.from(),
                header.scid(),
                InitialKeys.client(original, Version.V1),
                InitialKeys.server(original, Version.V1));
        shakeHands(TlsEngine.server(
                config,
                parameters().originalDestinationConnectionId(original).build().encode()));
    }

    @Override
    void onLongHeader(PacketHeader seen) {}

    @Override
    void onComplete() {
        send(PacketType.ONE_RTT, FrameCodec::writeHandshakeDone);
    }
}

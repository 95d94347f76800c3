package dev.tokioj.quic.connection;

import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.StreamFrame;

/**
 * What the connections of one endpoint share, since only one of them works at a time: what holds nothing between two packets. It is
 * always in the cache, where each connection's own would not be. For endpoints; their thread only.
 */
public final class Workbench {
    final PacketHeader header = new PacketHeader();
    final ByteReader reader = new ByteReader();
    final StreamFrame stream = new StreamFrame();
    final ByteWriter writer = new ByteWriter();
    final PacketAssembler.Draft[] drafts = {
        new PacketAssembler.Draft(), new PacketAssembler.Draft(), new PacketAssembler.Draft()
    };

    /** One for an endpoint. */
    public Workbench() {}
}

package dev.tokioj.quic.connection;

import dev.tokioj.quic.wire.PacketHeader;

/** A Version Negotiation packet came: a client that may believe it closes (RFC 9000 6.2). */
final class VersionNegotiation {
    private VersionNegotiation() {}

    /** The packet whose header was just parsed. */
    static void onReceived(Transport t, byte[] buf, PacketHeader header, long now) {
        boolean ours = t.client
                && t.counters.packetsReceived == 0
                && !t.handshake.retried()
                && answersFirstPacket(t, buf, header);
        for (int i = 0; ours && i < header.versionCount(); i++) {
            ours = header.versionAt(i) != t.version.number();
        }
        if (!ours) {
            t.drop(DropReason.BAD_VERSION_NEGOTIATION, header.packetEnd() - header.start(), now);
            return;
        }
        var offered = new StringBuilder("the server speaks");
        for (int i = 0; i < header.versionCount(); i++) {
            offered.append(" 0x").append(Integer.toHexString(header.versionAt(i)));
        }
        t.connection.closeFor(CloseReasons.versionNegotiation(offered.toString()));
    }

    /** It has the IDs of our first packet the other way round. */
    private static boolean answersFirstPacket(Transport t, byte[] buf, PacketHeader header) {
        return t.sourceId.matches(buf, header.dcidOffset(), header.dcidLength())
                && t.paths.active().cid().id().matches(buf, header.scidOffset(), header.scidLength());
    }
}

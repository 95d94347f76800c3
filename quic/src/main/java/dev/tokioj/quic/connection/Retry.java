package dev.tokioj.quic.connection;

import dev.tokioj.quic.crypto.RetryIntegrity;
import dev.tokioj.quic.recovery.PacketSpaceId;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.PacketHeader;
import java.util.Arrays;

/**
 * A Retry packet came: a client begins again, once, under the connection ID that the server chose and with its token (RFC 9000
 * 17.2.5, RFC 9001 5.8).
 */
final class Retry {
    private Retry() {}

    /** The packet whose header was just parsed. */
    static void onReceived(Transport t, byte[] buf, PacketHeader header, long now) {
        boolean good = t.client
                && t.counters.packetsReceived == 0
                && !t.handshake.retried()
                && header.tokenLength() > 0
                && isGenuine(t, buf, header);
        if (good) {
            beginAgain(t, buf, header, now);
        } else {
            t.drop(DropReason.BAD_RETRY, header.packetEnd() - header.start(), now);
        }
    }

    private static boolean isGenuine(Transport t, byte[] buf, PacketHeader header) {
        ConnectionId used = t.paths.active().cid().id();
        return t.sourceId.matches(buf, header.dcidOffset(), header.dcidLength())
                && !used.matches(buf, header.scidOffset(), header.scidLength())
                && RetryIntegrity.verify(buf, header.start(), header.packetEnd(), used, t.version);
    }

    private static void beginAgain(Transport t, byte[] buf, PacketHeader header, long now) {
        ConnectionId retry = header.scid();
        t.handshake.retrySourceId(retry);
        t.paths.active().cid(t.remoteCids.replaceFirst(retry));
        t.token = Arrays.copyOfRange(buf, header.tokenOffset(), header.tokenOffset() + header.tokenLength());
        t.installInitialKeys(retry);
        t.loss.resend(PacketSpaceId.INITIAL, now, t.retransmitter.of(t.initial));
        t.idle.onReceived(now);
        if (t.listener != null) {
            t.listener.onEvent(now, t.connection, new QuicEvent.RetryReceived());
        }
    }
}

package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.path.Paths;
import dev.tokioj.quic.wire.TransportParameters;
import org.jspecify.annotations.Nullable;

/** What a change of paths means for the connection: who may change, and what begins anew (RFC 9000 9). */
final class Migration {
    private final Transport t;

    Migration(Transport t) {
        this.t = t;
    }

    /** The path a datagram came on, or null. A client may not know its own address, so it goes by the peer's. */
    @Nullable Path find(NetPath net) {
        return t.client ? t.paths.findByPeer(net) : t.paths.find(net);
    }

    /** Whether a client may show up at a new address now: a server neither moves nor is moved. */
    boolean mayComeFrom(NetPath net, long now) {
        return !t.client
                && t.handshake.isConfirmed()
                && t.paths.mayAdmit(now)
                && (t.config.activeMigration()
                        || net.samePeerAddress(t.paths.active().net()));
    }

    /** A packet from a new path is authentic; its datagram has this many bytes. */
    Path admit(NetPath net, boolean newId, int datagram, long now) {
        Path path = t.paths.admit(net, newId, now, t.loss.pto());
        path.limit().received(datagram);
        return path;
    }

    /** The peer's newest packet came on another path (RFC 9000 9.3 and 9.4). */
    void follow(Path path, long now) {
        boolean keepEstimates = path.net().samePeerAddress(t.paths.active().net());
        t.paths.follow(path, now, t.loss.pto());
        changed(keepEstimates, now);
        if (!path.isValidated()) {
            event(new QuicEvent.PathChallenged(path.net()), now);
        }
    }

    /** A client moves to another address of its own once the path from there is proved; false: it cannot now. */
    boolean begin(NetPath net, long now) {
        TransportParameters peer = t.handshake.peerParameters();
        if (!t.client || !t.handshake.isConfirmed() || peer == null || peer.disableActiveMigration()) {
            return false;
        }
        if (t.paths.tryPath(net, now, t.loss.pto()) == null) {
            return false;
        }
        event(new QuicEvent.PathChallenged(net), now);
        return true;
    }

    void onPathResponse(long data, long now) {
        onOutcome(t.paths.response(data), now);
    }

    void onTimeout(long now) {
        onOutcome(t.paths.onTimeout(now), now);
    }

    private void onOutcome(Paths.Outcome outcome, long now) {
        NetPath current = t.paths.active().net();
        switch (outcome) {
            case NONE -> {}
            case ACTIVE_VALIDATED -> event(new QuicEvent.PathValidated(current), now);
            case MIGRATED -> {
                changed(false, now);
                event(new QuicEvent.PathValidated(current), now);
            }
            case REVERTED -> {
                changed(false, now);
                event(new QuicEvent.PathAbandoned(current), now);
            }
            case CANDIDATE_FAILED -> event(new QuicEvent.PathAbandoned(current), now);
            case NO_PATH -> t.connection.closeFor(CloseReasons.noPath());
        }
    }

    private void changed(boolean keepEstimates, long now) {
        t.loss.onPathChanged(now, keepEstimates);
        t.pacer.update(now, t.loss.congestion(), t.loss.rtt());
    }

    private void event(QuicEvent event, long now) {
        if (t.listener != null) {
            t.listener.onEvent(now, t.connection, event);
        }
    }
}

package dev.tokioj.quic.connection;

/** Everything in a connection that happens because time passed, behind one deadline. */
final class Timers {
    private final Transport t;
    private final long handshakeDeadline;
    private long pacedUntil = Long.MAX_VALUE;

    Timers(Transport t, long handshakeDeadline) {
        this.t = t;
        this.handshakeDeadline = handshakeDeadline;
    }

    /** Something waits for the pacer; {@link Long#MAX_VALUE}: nothing does. */
    void pacedUntil(long time) {
        pacedUntil = time;
    }

    /** When {@link #onTimeout} has something to do. */
    long deadline(long now) {
        long at = Math.min(t.loss.deadline(), t.idle.deadline(t.loss.pto()));
        if (t.handshake.isComplete()) {
            at = Math.min(at, Math.min(t.idle.keepAliveDeadline(), t.idle.quietDeadline()));
        } else {
            at = Math.min(at, handshakeDeadline);
        }
        for (PacketSpace space : t.spaces) {
            long ack = space.acks.deadline();
            if (space.canWrite() && ack > now) { // one that is due and not sent waits for more than time
                at = Math.min(at, ack);
            }
        }
        var phase = t.application.phase();
        if (phase != null) {
            at = Math.min(at, phase.oldKeysDeadline());
        }
        at = Math.min(at, t.paths.deadline());
        return Math.min(at, pacedUntil);
    }

    /** Time passed: what is due happens. */
    void onTimeout(long now) {
        if (now >= t.idle.deadline(t.loss.pto())) {
            t.connection.closeFor(CloseReasons.timedOut(CloseReason.Kind.IDLE_TIMEOUT));
            return;
        }
        if (!t.handshake.isComplete() && now >= handshakeDeadline) {
            t.connection.closeFor(CloseReasons.timedOut(CloseReason.Kind.HANDSHAKE_TIMEOUT));
            return;
        }
        switch (t.loss.onTimeout(now, t.retransmitter)) {
            case NOT_DUE -> {}
            case LOSS -> t.onLoss(now);
            case PROBE -> {
                if (t.listener != null) {
                    t.listener.onEvent(now, t.connection, new QuicEvent.ProbeTimeout(t.loss.ptoCount()));
                }
            }
        }
        if (t.handshake.isComplete() && now >= t.idle.keepAliveDeadline()) {
            t.idle.onKeepAlive();
            t.application.requestPing();
        }
        var phase = t.application.phase();
        if (phase != null) {
            phase.discardOldKeys(now);
        }
        t.migration.onTimeout(now);
        if (t.handshake.isComplete() && now >= t.idle.quietDeadline()) {
            t.idle.onQuiet();
            t.rest();
        }
    }
}

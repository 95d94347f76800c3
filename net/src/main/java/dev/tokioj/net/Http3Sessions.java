package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.runtime.Timer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The HTTP/3 connections of one of a server's loops. That loop's thread only, but for the methods that say so. */
final class Http3Sessions implements Function<Connection, @Nullable ConnectionHandler> {
    private final Http3Server server;
    private final Shard shard;
    private final Duration headTimeout;
    private final Set<Http3ServerSession> sessions = new HashSet<>();
    private final Timer sweeper;

    private final Timer bound;

    /** Who waits for the last session to end, until {@link #bound}. */
    private @Nullable Reply<Boolean> afterLast;

    Http3Sessions(Http3Server server, Shard shard, Duration headTimeout) {
        this.server = server;
        this.shard = shard;
        this.headTimeout = headTimeout;
        this.sweeper = shard.loop().newTimer(this::sweep);
        this.bound = shard.loop().newTimer(() -> tell(false));
    }

    /** Any thread. */
    Shard shard() {
        return shard;
    }

    @Override
    public @Nullable ConnectionHandler apply(Connection connection) {
        if (server.isClosing()) {
            return null;
        }
        if (!sweeper.isArmed()) {
            armSweeper();
        }
        Http3ServerSession session =
                new Http3ServerSession(server, this, connection.path().remote());
        sessions.add(session);
        return session.attach(connection);
    }

    private void armSweeper() {
        sweeper.arm(shard.loop().now() + headTimeout.toNanos());
    }

    private void sweep() {
        sessions.forEach(Http3ServerSession::sweep);
        if (!sessions.isEmpty()) {
            armSweeper();
        }
    }

    void closed(Http3ServerSession session) {
        sessions.remove(session);
        tellIfLast();
    }

    /** Any thread: tells the clients to make no new requests. */
    void announceEnd() {
        shard.execute(() -> List.copyOf(sessions).forEach(Http3ServerSession::announceGoAway));
    }

    /**
     * Any thread: refuses what still comes; the answer says whether every connection has delivered its answers and closed in time.
     */
    Reply<Boolean> drain() {
        Reply<Boolean> reply = new Reply<>();
        shard.execute(() -> {
            afterLast = reply;
            // If its loop has ended it has no sessions, and can have no timer.
            if (!sessions.isEmpty()) {
                bound.arm(shard.loop().now() + shard.settings().closeTimeout().toNanos());
            }
            List.copyOf(sessions).forEach(Http3ServerSession::drain);
            tellIfLast();
        });
        return reply;
    }

    private void tellIfLast() {
        if (sessions.isEmpty()) {
            sweeper.disarm();
            bound.disarm();
            tell(true);
        }
    }

    private void tell(boolean all) {
        if (afterLast != null) {
            afterLast.complete(all);
        }
    }
}

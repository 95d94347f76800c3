package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionOwner;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.ConnectionId;
import org.jspecify.annotations.Nullable;

/** What an endpoint keeps of one connection: how it is found, whether it waits to send, for when its timer is set. */
final class Registration implements ConnectionOwner {

    /** Where it waits to send. */
    enum Queued {
        NOWHERE,
        BULK,
        URGENT,
        /** For room on its socket. */
        STALLED
    }

    private final Endpoint endpoint;
    private @Nullable Connection connection;

    /** The ID that a client chose for us, by which its first packets come; null at a client. */
    final byte @Nullable [] alias;

    Queued queued = Queued.NOWHERE;
    long armed = Long.MAX_VALUE;
    /** Changed by {@link Population#move} alone. */
    Population.Life life = Population.Life.NEW;

    Registration(Endpoint endpoint, byte @Nullable [] alias) {
        this.endpoint = endpoint;
        this.alias = alias;
    }

    /** Its connection is made after it. */
    void connection(Connection c) {
        connection = c;
    }

    Connection connection() {
        if (connection == null) {
            throw new IllegalStateException("the connection is being made");
        }
        return connection;
    }

    @Override
    public void dirty(Connection c) {
        connection = c;
        endpoint.enqueue(this);
    }

    @Override
    public ConnectionId issueConnectionId(Connection c) {
        return endpoint.issue(this);
    }

    @Override
    public void retireConnectionId(Connection c, ConnectionId id) {
        endpoint.retire(this, id);
    }

    @Override
    public byte[] resetToken(ConnectionId id) {
        return endpoint.resetToken(id);
    }

    @Override
    public void addPeerResetToken(Connection c, byte[] token) {
        endpoint.addPeerToken(this, token);
    }

    @Override
    public void removePeerResetToken(Connection c, byte[] token) {
        endpoint.removePeerToken(this, token);
    }

    @Override
    public byte[] newToken(long now, NetPath path) {
        return endpoint.newToken(now, path);
    }

    @Override
    public void handshakeComplete(Connection c) {
        endpoint.handshakeComplete(this);
    }

    @Override
    public void closed(Connection c, boolean addressProved) {
        endpoint.closed(this, addressProved);
    }

    @Override
    public System.Logger logger(System.Logger logger) {
        return endpoint.logger(logger);
    }
}

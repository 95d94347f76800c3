package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.ConnectionId;

/** What a connection asks of the endpoint it lives in. The owner's thread calls; no method calls the connection back. */
public interface ConnectionOwner {

    /** The connection may have something to send. Cheap, and idempotent until it was asked. */
    void dirty(Connection c);

    /** A fresh connection ID under which packets reach this connection from now on (RFC 9000 5.1.1). */
    ConnectionId issueConnectionId(Connection c);

    /** An ID of ours is out of use (RFC 9000 5.1.2). */
    void retireConnectionId(Connection c, ConnectionId id);

    /** The stateless reset token that belongs to an ID of ours (RFC 9000 10.3.2). */
    byte[] resetToken(ConnectionId id);

    /** The peer would reset this connection with this token (RFC 9000 10.3.1). */
    void addPeerResetToken(Connection c, byte[] token);

    /** The peer's ID that the token came with is out of use. */
    void removePeerResetToken(Connection c, byte[] token);

    /** A token that lets the peer of this path skip address validation next time (RFC 9000 8.1.3). */
    byte[] newToken(long now, NetPath path);

    /** The handshake is complete. */
    void handshakeComplete(Connection c);

    /**
     * The connection is closed; it may have that to say yet.
     *
     * @param addressProved whether the peer has ever proved that it is where its packets come from (RFC 9000 8.1)
     */
    void closed(Connection c, boolean addressProved);

    /** What is to be used in place of this logger, whose destination may make the caller wait. */
    System.Logger logger(System.Logger logger);
}

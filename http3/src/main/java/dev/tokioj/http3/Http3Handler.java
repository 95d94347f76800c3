package dev.tokioj.http3;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.tls.Delegated;

/** The owner of an {@link Http3Connection}. Called on the connection's owner thread. */
public interface Http3Handler {
    /** The handshake is complete and our control streams are open. Once; a client may make requests from now on. */
    void onReady(Http3Connection connection);

    /**
     * The peer shuts down gracefully (RFC 9114 section 5.2). A client makes no new requests on this connection; those that the
     * server will not process were told so already, with H3_REQUEST_REJECTED, and may be tried elsewhere.
     *
     * @param id of a server the first stream that it does not process; of a client a push ID, which means nothing here
     */
    void onGoAway(Http3Connection connection, long id);

    /** Handshake work that may be slow: run it anywhere, then {@link Connection#resume} on the owner's thread. */
    void onDelegated(Connection connection, Delegated work);

    /** A chunk given to {@link RequestStream#writeOwned} is no longer needed. */
    void recycle(byte[] chunk);

    /** The connection ended; its requests were told before. Once, and the last call. */
    void onClosed(Http3Connection connection, CloseReason reason);
}

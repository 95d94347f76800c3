package dev.tokioj.net;

import dev.tokioj.quic.connection.CloseReason;

/** The connection has ended: by us, by the peer, or because nothing was heard any more. */
public final class ConnectionClosedException extends QuicException {
    private static final long serialVersionUID = 1;

    private final transient CloseReason reason;

    ConnectionClosedException(String message, CloseReason reason) {
        super(message, null);
        this.reason = reason;
    }

    /** How it ended. */
    public CloseReason reason() {
        return reason;
    }

    /** The application's code, or a transport error code (RFC 9000 section 20.1). */
    public long code() {
        return reason.code();
    }

    /** Whether the peer closed it. */
    public boolean byPeer() {
        return switch (reason.kind()) {
            case PEER_APPLICATION, PEER_TRANSPORT, STATELESS_RESET -> true;
            case LOCAL_APPLICATION,
                    LOCAL_TRANSPORT,
                    IDLE_TIMEOUT,
                    HANDSHAKE_TIMEOUT,
                    VERSION_NEGOTIATION,
                    ENDPOINT_CLOSED -> false;
        };
    }
}

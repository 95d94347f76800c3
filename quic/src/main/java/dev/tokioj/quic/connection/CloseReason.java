package dev.tokioj.quic.connection;

import dev.tokioj.quic.wire.TransportError;

/**
 * Why a connection ended; said once, to {@link ConnectionHandler#onClosed}.
 *
 * @param kind who or what ended it
 * @param code the application's error code, or a transport error code (RFC 9000 20); 0 where there is none
 * @param frameType the frame type that triggered a transport error, or -1
 * @param reason text for people; may be empty. The peer's text is untrusted
 */
public record CloseReason(Kind kind, long code, long frameType, String reason) {

    /** Who or what ended a connection. */
    public enum Kind {
        /** We closed it with an application code. */
        LOCAL_APPLICATION,
        /** The peer closed it with an application code. */
        PEER_APPLICATION,
        /** We closed it for a fault of the peer's or our own, with a transport code. */
        LOCAL_TRANSPORT,
        /** The peer closed it with a transport code. */
        PEER_TRANSPORT,
        /** Nothing was heard for the idle timeout (RFC 9000 10.1). */
        IDLE_TIMEOUT,
        /** The handshake was not complete in time. */
        HANDSHAKE_TIMEOUT,
        /** The peer has lost the connection and said so (RFC 9000 10.3). */
        STATELESS_RESET,
        /** The server speaks no version that we speak (RFC 9000 6.2). */
        VERSION_NEGOTIATION,
        /** The endpoint was closed without time for more. */
        ENDPOINT_CLOSED
    }

    /** Whether an application's code ended it rather than the transport. */
    public boolean isApplication() {
        return kind == Kind.LOCAL_APPLICATION || kind == Kind.PEER_APPLICATION;
    }

    @Override
    public String toString() {
        var text = new StringBuilder(kind.name());
        switch (kind) {
            case LOCAL_APPLICATION, PEER_APPLICATION -> text.append(" 0x").append(Long.toHexString(code));
            case LOCAL_TRANSPORT, PEER_TRANSPORT -> {
                text.append(' ').append(TransportError.name(code));
                if (frameType >= 0) {
                    text.append(" (frame 0x")
                            .append(Long.toHexString(frameType))
                            .append(')');
                }
            }
            case IDLE_TIMEOUT, HANDSHAKE_TIMEOUT, STATELESS_RESET, VERSION_NEGOTIATION, ENDPOINT_CLOSED -> {}
        }
        if (!reason.isEmpty()) {
            text.append(": ").append(reason);
        }
        return text.toString();
    }
}

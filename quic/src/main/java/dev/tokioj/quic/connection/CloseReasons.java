package dev.tokioj.quic.connection;

import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;

/** What a connection is closed for: by an application, by the peer, by a fault, or because nobody is there any more. */
final class CloseReasons {
    private CloseReasons() {}

    static CloseReason application(long code, String reason) {
        return new CloseReason(CloseReason.Kind.LOCAL_APPLICATION, code, -1, reason);
    }

    static CloseReason endpointClosed(long code, String reason) {
        return new CloseReason(CloseReason.Kind.ENDPOINT_CLOSED, code, -1, reason);
    }

    static CloseReason peer(Frame.ConnectionClose f) {
        return new CloseReason(
                f.application() ? CloseReason.Kind.PEER_APPLICATION : CloseReason.Kind.PEER_TRANSPORT,
                f.errorCode(),
                f.frameType(),
                f.reason());
    }

    /** A fault of the peer's. */
    static CloseReason fault(TransportException e) {
        return new CloseReason(CloseReason.Kind.LOCAL_TRANSPORT, e.code(), e.frameType(), e.reason());
    }

    /** A bug, ours or the handler's. */
    static CloseReason bug() {
        return transport(TransportError.INTERNAL_ERROR, "internal error");
    }

    static CloseReason noPath() {
        return transport(TransportError.NO_VIABLE_PATH, "no path to the peer");
    }

    static CloseReason keysExhausted() {
        return transport(TransportError.AEAD_LIMIT_REACHED, "keys are used up");
    }

    private static CloseReason transport(TransportError error, String reason) {
        return new CloseReason(CloseReason.Kind.LOCAL_TRANSPORT, error.code(), 0, reason);
    }

    static CloseReason statelessReset() {
        return new CloseReason(CloseReason.Kind.STATELESS_RESET, 0, -1, "the peer has lost the connection");
    }

    static CloseReason versionNegotiation(String offered) {
        return new CloseReason(CloseReason.Kind.VERSION_NEGOTIATION, 0, -1, offered);
    }

    static CloseReason timedOut(CloseReason.Kind kind) {
        return new CloseReason(kind, 0, -1, "");
    }

    /** Where in its life a connection is once it is closed for this. */
    static Connection.State stateAfter(CloseReason.Kind kind) {
        return switch (kind) {
            case LOCAL_APPLICATION, LOCAL_TRANSPORT, ENDPOINT_CLOSED -> Connection.State.CLOSING;
            case PEER_APPLICATION, PEER_TRANSPORT, STATELESS_RESET -> Connection.State.DRAINING;
            case IDLE_TIMEOUT, HANDSHAKE_TIMEOUT, VERSION_NEGOTIATION -> Connection.State.CLOSED;
        };
    }
}

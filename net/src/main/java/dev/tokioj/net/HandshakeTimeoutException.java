package dev.tokioj.net;

/** Nobody answered, or the handshake was not complete in time. */
public final class HandshakeTimeoutException extends QuicException {
    private static final long serialVersionUID = 1;

    HandshakeTimeoutException(String message) {
        super(message, null);
    }
}

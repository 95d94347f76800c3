package dev.tokioj.net;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.tls.TlsAlert;
import org.jspecify.annotations.Nullable;

/** A connection that ended before its handshake was complete, for another reason than time. */
public final class HandshakeFailedException extends QuicException {
    private static final long serialVersionUID = 1;

    private final transient CloseReason reason;

    HandshakeFailedException(String message, CloseReason reason) {
        super(message, null);
        this.reason = reason;
    }

    /** How the connection ended. */
    public CloseReason reason() {
        return reason;
    }

    /** The transport error code, ours or the peer's (RFC 9000 section 20.1). */
    public long code() {
        return reason.code();
    }

    /** The TLS alert in the code (RFC 9001 section 4.8), or null if the code is another. */
    public @Nullable TlsAlert alert() {
        return alertOf(reason.code());
    }

    static @Nullable TlsAlert alertOf(long code) {
        for (TlsAlert alert : TlsAlert.values()) {
            if (TransportError.crypto(alert.code()) == code) {
                return alert;
            }
        }
        return null;
    }
}

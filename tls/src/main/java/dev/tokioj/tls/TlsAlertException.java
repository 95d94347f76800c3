package dev.tokioj.tls;

import org.jspecify.annotations.Nullable;

/**
 * The handshake has failed, almost always by the peer's fault, and cannot go on. It has no stack trace: a peer may cause
 * it at will.
 */
public final class TlsAlertException extends Exception {
    private static final long CRYPTO_ERROR = 0x0100;
    private static final long PROTOCOL_VIOLATION = 0x0a;
    private static final long CRYPTO_BUFFER_EXCEEDED = 0x0d;

    private final TlsAlert alert;
    private final long quicErrorCode;

    private TlsAlertException(TlsAlert alert, long quicErrorCode, String reason, @Nullable Throwable cause) {
        super(reason, cause, false, false);
        this.alert = alert;
        this.quicErrorCode = quicErrorCode;
    }

    TlsAlertException(TlsAlert alert, String reason) {
        this(alert, CRYPTO_ERROR + alert.code(), reason, null);
    }

    TlsAlertException(TlsAlert alert, String reason, @Nullable Throwable cause) {
        this(alert, CRYPTO_ERROR + alert.code(), reason, cause);
    }

    /** A rule of RFC 9001 that names PROTOCOL_VIOLATION instead of an alert. */
    static TlsAlertException protocolViolation(TlsAlert alert, String reason) {
        return new TlsAlertException(alert, PROTOCOL_VIOLATION, reason, null);
    }

    /** More handshake bytes than this side is ready to keep (RFC 9000 section 7.5). */
    static TlsAlertException bufferExceeded(String reason) {
        return new TlsAlertException(TlsAlert.INTERNAL_ERROR, CRYPTO_BUFFER_EXCEEDED, reason, null);
    }

    /** The alert that names the fault. */
    public TlsAlert alert() {
        return alert;
    }

    /**
     * The code for QUIC's CONNECTION_CLOSE: 0x100 plus the alert (RFC 9001 section 4.8), or, where QUIC has a rule of its
     * own, PROTOCOL_VIOLATION (RFC 9001 sections 4.1.3, 8.3 and 8.4) or CRYPTO_BUFFER_EXCEEDED.
     */
    public long quicErrorCode() {
        return quicErrorCode;
    }

    /** What was wrong, for the close frame's reason phrase; no secrets, no bytes of the peer. */
    public String reason() {
        String message = getMessage();
        return message == null ? alert.name() : message;
    }
}

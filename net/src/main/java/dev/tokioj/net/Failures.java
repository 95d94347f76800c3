package dev.tokioj.net;

import dev.tokioj.http3.Http3Error;
import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.tls.TlsAlert;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Locale;

/** Words the exceptions: who the peer is, which connection, what the code is called in the RFC, and what to try. */
final class Failures {
    private Failures() {}

    /** Whose codes an application's error codes are. */
    enum Codes {
        /** The application's own: a number. */
        RAW,
        /** HTTP/3's (RFC 9114 section 8.1). */
        HTTP3;

        String name(long code) {
            return switch (this) {
                case RAW -> "application code 0x" + Long.toHexString(code);
                case HTTP3 -> Http3Error.name(code);
            };
        }
    }

    /** The end of a connection, as an exception for whoever waits on it. */
    static QuicException closed(String who, CloseReason reason, boolean established, Codes codes) {
        String how = describe(reason, codes);
        if (established) {
            return new ConnectionClosedException(who + ": " + how + adviceAfter(reason), reason);
        }
        return switch (reason.kind()) {
            case HANDSHAKE_TIMEOUT, IDLE_TIMEOUT ->
                new HandshakeTimeoutException(who + ": the handshake was not complete in time. Is a QUIC server"
                        + " listening there, and does a firewall let UDP through? Or raise handshakeTimeout.");
            case LOCAL_APPLICATION,
                    PEER_APPLICATION,
                    LOCAL_TRANSPORT,
                    PEER_TRANSPORT,
                    STATELESS_RESET,
                    VERSION_NEGOTIATION,
                    ENDPOINT_CLOSED ->
                new HandshakeFailedException(
                        who + ": the handshake failed: " + how + adviceDuringHandshake(reason), reason);
        };
    }

    static StreamResetException reset(String who, long streamId, long code, Codes codes) {
        return new StreamResetException(
                who + ": the peer gave up sending on stream " + streamId + " (RESET_STREAM, " + codes.name(code) + ")",
                code);
    }

    static StreamResetException stopped(String who, long streamId, long code, Codes codes) {
        return new StreamResetException(
                who + ": the peer wants no more on stream " + streamId + " (STOP_SENDING, " + codes.name(code) + ")",
                code);
    }

    static InterruptedIOException interrupted(String what) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(what + " was interrupted; nothing was lost, it can be called again");
    }

    /**
     * A failure that was recorded by another thread, thrown in this one: a new object of the same kind, so that the trace is
     * the caller's and two callers never share one.
     */
    static IOException rethrown(IOException recorded) {
        String message = String.valueOf(recorded.getMessage());
        return switch (recorded) {
            case HandshakeFailedException e -> new HandshakeFailedException(message, e.reason());
            case HandshakeTimeoutException _ -> new HandshakeTimeoutException(message);
            case ConnectionClosedException e -> new ConnectionClosedException(message, e.reason());
            case StreamResetException e -> new StreamResetException(message, e.code());
            case StreamClosedException _ -> new StreamClosedException(message);
            case StreamTimeoutException e -> new StreamTimeoutException(message, e.bytesTransferred());
            case Http3Exception e -> new Http3Exception(message, e.code());
            default -> recorded; // of the operating system, for one caller only
        };
    }

    private static String describe(CloseReason reason, Codes codes) {
        String text = switch (reason.kind()) {
            case LOCAL_APPLICATION -> "closed by us with " + codes.name(reason.code());
            case PEER_APPLICATION -> "closed by the peer with " + codes.name(reason.code());
            case LOCAL_TRANSPORT -> "closed by us with " + transport(reason);
            case PEER_TRANSPORT -> "closed by the peer with " + transport(reason);
            case IDLE_TIMEOUT -> "nothing was heard for the idle timeout";
            case HANDSHAKE_TIMEOUT -> "the handshake was not complete in time";
            case STATELESS_RESET -> "the peer has forgotten it (stateless reset, RFC 9000 section 10.3)";
            case VERSION_NEGOTIATION -> "the server speaks no version of QUIC that we speak";
            case ENDPOINT_CLOSED -> "our endpoint was closed";
        };
        return reason.reason().isEmpty() ? text : text + " (\"" + printable(reason.reason()) + "\")";
    }

    private static String transport(CloseReason reason) {
        TlsAlert alert = HandshakeFailedException.alertOf(reason.code());
        String name = TransportError.name(reason.code());
        return alert == null ? name : name + " = " + alert.name().toLowerCase(Locale.ROOT);
    }

    /** The peer's words: shown, but never as control characters. */
    private static String printable(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .limit(200)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .forEach(out::appendCodePoint);
        return out.toString();
    }

    private static String adviceAfter(CloseReason reason) {
        return switch (reason.kind()) {
            case IDLE_TIMEOUT -> ". If silence is normal here, set keepAlive or a longer idleTimeout.";
            case STATELESS_RESET -> ". It was probably restarted: connect again.";
            case LOCAL_APPLICATION,
                    PEER_APPLICATION,
                    LOCAL_TRANSPORT,
                    PEER_TRANSPORT,
                    HANDSHAKE_TIMEOUT,
                    VERSION_NEGOTIATION,
                    ENDPOINT_CLOSED -> "";
        };
    }

    private static String adviceDuringHandshake(CloseReason reason) {
        if (reason.code() == TransportError.CONNECTION_REFUSED.code()
                && reason.kind() == CloseReason.Kind.PEER_TRANSPORT) {
            return ". The server is full or closing: try again later.";
        }
        TlsAlert alert = HandshakeFailedException.alertOf(reason.code());
        if (reason.isApplication() || alert == null) {
            return "";
        }
        boolean ours = reason.kind() == CloseReason.Kind.LOCAL_TRANSPORT;
        return switch (alert) {
            case UNKNOWN_CA, CERTIFICATE_UNKNOWN, BAD_CERTIFICATE, CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED ->
                ours
                        ? ". The server's certificate is not trusted for this name: is it the right server, does its"
                                + " certificate name it, and is its authority given to trust(...)?"
                        : ". The client does not trust our certificate for the name it asked for.";
            case NO_APPLICATION_PROTOCOL -> ". The two sides have no ALPN name in common: compare alpn(...) on both.";
            case UNRECOGNIZED_NAME -> ". The server has no identity for this name.";
            case UNEXPECTED_MESSAGE,
                    HANDSHAKE_FAILURE,
                    UNSUPPORTED_CERTIFICATE,
                    ILLEGAL_PARAMETER,
                    ACCESS_DENIED,
                    DECODE_ERROR,
                    DECRYPT_ERROR,
                    PROTOCOL_VERSION,
                    INSUFFICIENT_SECURITY,
                    INTERNAL_ERROR,
                    MISSING_EXTENSION,
                    UNSUPPORTED_EXTENSION,
                    CERTIFICATE_REQUIRED -> "";
        };
    }
}

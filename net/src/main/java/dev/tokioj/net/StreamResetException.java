package dev.tokioj.net;

/**
 * The peer gave up one direction of a stream: what it sent (RESET_STREAM, thrown by a read) or what we send (STOP_SENDING,
 * thrown by a write). The other direction may go on.
 */
public final class StreamResetException extends QuicException {
    private static final long serialVersionUID = 1;

    private final long code;

    StreamResetException(String message, long code) {
        super(message, null);
        this.code = code;
    }

    /** The peer's application error code (RFC 9000 section 20.2). */
    public long code() {
        return code;
    }
}

package dev.tokioj.net;

/** A read after the end of the stream, a write after {@code finish}, or either after {@code close} or {@code reset}. */
public final class StreamClosedException extends QuicException {
    private static final long serialVersionUID = 1;

    StreamClosedException(String message) {
        super(message, null);
    }
}

package dev.tokioj.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong on a QUIC or HTTP/3 connection. The subclasses say what and carry the data; the message names the peer,
 * the connection, the code by its RFC name, and what to try. Each throw is a new object with the caller's stack trace.
 */
public sealed class QuicException extends IOException
        permits HandshakeFailedException,
                HandshakeTimeoutException,
                ConnectionClosedException,
                StreamResetException,
                StreamClosedException,
                StreamTimeoutException,
                Http3Exception {
    private static final long serialVersionUID = 1;

    QuicException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

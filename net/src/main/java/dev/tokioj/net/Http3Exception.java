package dev.tokioj.net;

import dev.tokioj.http3.Http3Error;

/** An HTTP/3 exchange or connection that failed with a code of RFC 9114 section 8.1. */
public final class Http3Exception extends QuicException {
    private static final long serialVersionUID = 1;

    private final long code;

    Http3Exception(String message, long code) {
        super(message, null);
        this.code = code;
    }

    /** The code on the wire; {@link Http3Error#name} names it. */
    public long code() {
        return code;
    }
}

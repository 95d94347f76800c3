package dev.tokioj.http3;

import dev.tokioj.http3.qpack.QpackException;

/**
 * A stream error or a connection error (RFC 9114 section 8). It has no stack trace: whoever sends garbage chooses how often one
 * is made.
 */
public final class Http3Exception extends Exception {
    private static final long serialVersionUID = 1L;

    /** What an error ends. */
    public enum Scope {
        /** The one request. */
        STREAM,
        /** The connection with all its requests. */
        CONNECTION
    }

    private final Scope scope;
    private final Http3Error error;
    private final String reason;

    private Http3Exception(Scope scope, Http3Error error, String reason) {
        super(error + ": " + reason, null, false, false);
        this.scope = scope;
        this.error = error;
        this.reason = reason;
    }

    /** An error that ends one request; {@code reason} is for people, in ASCII. */
    public static Http3Exception stream(Http3Error error, String reason) {
        return new Http3Exception(Scope.STREAM, error, reason);
    }

    /** An error that ends the connection; {@code reason} is for people, in ASCII. */
    public static Http3Exception connection(Http3Error error, String reason) {
        return new Http3Exception(Scope.CONNECTION, error, reason);
    }

    /**
     * What a QPACK fault means here: a connection error, as decoding has lost its footing (RFC 9204 sections 2.2.3 and 6); but
     * a section above our own limit costs that request only (RFC 9114 section 4.2.2).
     */
    static Http3Exception of(QpackException fault) {
        String reason = fault.reason();
        return switch (fault.error()) {
            case QPACK_DECOMPRESSION_FAILED -> connection(Http3Error.QPACK_DECOMPRESSION_FAILED, reason);
            case QPACK_ENCODER_STREAM_ERROR -> connection(Http3Error.QPACK_ENCODER_STREAM_ERROR, reason);
            case QPACK_DECODER_STREAM_ERROR -> connection(Http3Error.QPACK_DECODER_STREAM_ERROR, reason);
            case FIELD_SECTION_TOO_LARGE -> stream(Http3Error.H3_EXCESSIVE_LOAD, reason);
        };
    }

    /** Whether it ends the request or the connection. */
    public Scope scope() {
        return scope;
    }

    /** Which error. */
    public Http3Error error() {
        return error;
    }

    /** Its code on the wire. */
    public long code() {
        return error.code();
    }

    /** What happened, in ASCII; goes into the reason phrase of CONNECTION_CLOSE. */
    public String reason() {
        return reason;
    }
}

package dev.tokioj.quic.wire;

import java.util.Objects;

/**
 * A fault of the peer that ends the connection: what CONNECTION_CLOSE of type 0x1c says about it (RFC 9000 sections 11.1 and
 * 19.19). It is caught once, where a connection receives. It has no stack trace: whoever sends garbage chooses how often
 * one is made.
 */
public final class TransportException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long code;
    private final long frameType;
    private final String reason;

    /** A fault that no frame is to blame for (frame type 0). */
    public TransportException(TransportError error, String reason) {
        this(error.code(), 0, reason);
    }

    /** A fault in a frame of type {@code frameType}; 0 if it is unknown. */
    public TransportException(TransportError error, long frameType, String reason) {
        this(error.code(), frameType, reason);
    }

    /** A fault by its code, as for a TLS alert ({@link TransportError#crypto}). */
    public TransportException(long code, long frameType, String reason) {
        super(
                TransportError.name(code) + " (frame type 0x" + Long.toHexString(frameType) + "): " + reason,
                null,
                false,
                false);
        this.code = code;
        this.frameType = frameType;
        this.reason = Objects.requireNonNull(reason);
    }

    /** The transport error code. */
    public long code() {
        return code;
    }

    /** The type of the frame at fault, 0 if unknown. */
    public long frameType() {
        return frameType;
    }

    /** What happened, in ASCII; goes into the reason phrase. */
    public String reason() {
        return reason;
    }
}

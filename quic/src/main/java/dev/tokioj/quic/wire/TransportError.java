package dev.tokioj.quic.wire;

/** The transport error codes of RFC 9000 section 20.1 and RFC 9368 section 10.2. Immutable; any thread. */
public enum TransportError {
    NO_ERROR(0x00),
    INTERNAL_ERROR(0x01),
    CONNECTION_REFUSED(0x02),
    FLOW_CONTROL_ERROR(0x03),
    STREAM_LIMIT_ERROR(0x04),
    STREAM_STATE_ERROR(0x05),
    FINAL_SIZE_ERROR(0x06),
    FRAME_ENCODING_ERROR(0x07),
    TRANSPORT_PARAMETER_ERROR(0x08),
    CONNECTION_ID_LIMIT_ERROR(0x09),
    PROTOCOL_VIOLATION(0x0a),
    INVALID_TOKEN(0x0b),
    APPLICATION_ERROR(0x0c),
    CRYPTO_BUFFER_EXCEEDED(0x0d),
    KEY_UPDATE_ERROR(0x0e),
    AEAD_LIMIT_REACHED(0x0f),
    NO_VIABLE_PATH(0x10),
    VERSION_NEGOTIATION_ERROR(0x11);

    /** The first of the 256 codes that carry a TLS alert (RFC 9001 section 4.8). */
    public static final long CRYPTO_ERROR = 0x100;

    private static final TransportError[] BY_CODE = values();

    private final long code;

    TransportError(long code) {
        this.code = code;
    }

    /** The code as it travels in CONNECTION_CLOSE. */
    public long code() {
        return code;
    }

    /** The code that carries the TLS alert {@code alert}, 0 to 255 (RFC 9001 section 4.8). */
    public static long crypto(int alert) {
        if (alert < 0 || alert > 0xff) {
            throw new IllegalArgumentException("not a TLS alert: " + alert);
        }
        return CRYPTO_ERROR + alert;
    }

    /** A name for logs: of the constant, {@code CRYPTO_ERROR(n)} with the alert, or the number in hexadecimal. */
    public static String name(long code) {
        if (code >= 0 && code < BY_CODE.length) {
            return BY_CODE[(int) code].name();
        }
        if (code >= CRYPTO_ERROR && code <= CRYPTO_ERROR + 0xff) {
            return "CRYPTO_ERROR(" + (code - CRYPTO_ERROR) + ")";
        }
        return "0x" + Long.toHexString(code);
    }
}

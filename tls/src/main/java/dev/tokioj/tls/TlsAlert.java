package dev.tokioj.tls;

/** The error alerts of TLS 1.3 (RFC 8446 section 6.2); QUIC carries them as CRYPTO_ERROR codes (RFC 9001 section 4.8). */
public enum TlsAlert {
    /** A message that does not belong here. */
    UNEXPECTED_MESSAGE(10),
    /** No acceptable set of parameters. */
    HANDSHAKE_FAILURE(40),
    /** A certificate that is corrupt, badly signed, or not for this host. */
    BAD_CERTIFICATE(42),
    /** A certificate of a kind that is not supported. */
    UNSUPPORTED_CERTIFICATE(43),
    /** A certificate that its signer took back. */
    CERTIFICATE_REVOKED(44),
    /** A certificate that is no longer, or not yet, valid. */
    CERTIFICATE_EXPIRED(45),
    /** A certificate that is not acceptable for another reason. */
    CERTIFICATE_UNKNOWN(46),
    /** A field with a value that contradicts the protocol or another field. */
    ILLEGAL_PARAMETER(47),
    /** A chain that ends at no trusted authority. */
    UNKNOWN_CA(48),
    /** Credentials are valid, but access is refused. */
    ACCESS_DENIED(49),
    /** A message that does not parse. */
    DECODE_ERROR(50),
    /** A signature or a Finished that does not verify. */
    DECRYPT_ERROR(51),
    /** A version of TLS that is not supported. */
    PROTOCOL_VERSION(70),
    /** Parameters too weak to accept. */
    INSUFFICIENT_SECURITY(71),
    /** A fault of this endpoint. */
    INTERNAL_ERROR(80),
    /** A message lacks an extension that it must have. */
    MISSING_EXTENSION(109),
    /** An extension that was not offered. */
    UNSUPPORTED_EXTENSION(110),
    /** No identity for the name the client asked for. */
    UNRECOGNIZED_NAME(112),
    /** The client must present a certificate and did not. */
    CERTIFICATE_REQUIRED(116),
    /** No application protocol in common (RFC 7301). */
    NO_APPLICATION_PROTOCOL(120);

    private final int code;

    TlsAlert(int code) {
        this.code = code;
    }

    /** The alert's description byte on the wire. */
    public int code() {
        return code;
    }
}

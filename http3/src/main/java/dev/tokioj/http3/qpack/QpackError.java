package dev.tokioj.http3.qpack;

/** What can be wrong with the peer's QPACK (RFC 9204 section 6), and the one limit that the codec enforces while decoding. */
public enum QpackError {
    /** A field section that cannot be decoded. */
    QPACK_DECOMPRESSION_FAILED(0x200),
    /** An instruction on the peer's encoder stream that cannot be followed. */
    QPACK_ENCODER_STREAM_ERROR(0x201),
    /** An instruction on the peer's decoder stream that makes no sense. */
    QPACK_DECODER_STREAM_ERROR(0x202),
    /** A field section that decodes to more than the limit; no code of QPACK's: HTTP/3 decides what to say. */
    FIELD_SECTION_TOO_LARGE(-1);

    private final long code;

    QpackError(long code) {
        this.code = code;
    }

    /** The error code on the wire, or -1 if QPACK has none for it. */
    public long code() {
        return code;
    }
}

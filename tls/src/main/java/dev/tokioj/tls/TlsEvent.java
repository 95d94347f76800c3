package dev.tokioj.tls;

/** What a {@link TlsEngine} hands out, in the order in which it must be acted upon (RFC 9001 section 4.1). */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public sealed interface TlsEvent {
    /** Handshake bytes to send at this level. The receiver owns the array. */
    record CryptoData(EncryptionLevel level, byte[] data) implements TlsEvent {}

    /** The secret for packets of this level that the peer sends. The receiver owns the array and wipes it. */
    record ReadSecret(EncryptionLevel level, CipherSuite suite, byte[] secret) implements TlsEvent {}

    /** The secret for packets of this level that this side sends. The receiver owns the array and wipes it. */
    record WriteSecret(EncryptionLevel level, CipherSuite suite, byte[] secret) implements TlsEvent {}

    /**
     * The body of the peer's quic_transport_parameters extension (RFC 9001 section 8.2). It comes before any secret of
     * {@link EncryptionLevel#APPLICATION}; it is authenticated only once {@link Complete} came.
     */
    record PeerTransportParameters(byte[] encoded) implements TlsEvent {}

    /** The engine waits: run the work on any thread, then call {@link TlsEngine#resume}. */
    record NeedsWork(Delegated work) implements TlsEvent {}

    /** The handshake is complete (RFC 9001 section 4.1.1): the peer's Finished is verified and our own was handed out. */
    record Complete() implements TlsEvent {}
}

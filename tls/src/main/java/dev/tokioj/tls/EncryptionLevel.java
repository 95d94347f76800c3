package dev.tokioj.tls;

/** The levels at which QUIC carries handshake bytes, in the order they are reached (RFC 9001 section 4.1.3). */
public enum EncryptionLevel {
    /** ClientHello, HelloRetryRequest and ServerHello. */
    INITIAL,
    /** 0-RTT: it has keys, but never carries handshake bytes (RFC 9001 section 8.3). */
    EARLY_DATA,
    /** EncryptedExtensions to the client's Finished. */
    HANDSHAKE,
    /** 1-RTT: what follows the handshake, such as session tickets. */
    APPLICATION
}

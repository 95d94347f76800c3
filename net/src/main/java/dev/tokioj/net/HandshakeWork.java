package dev.tokioj.net;

/** Where the slow parts of a TLS handshake run: a server's signature, a client's check of the certificate chain. */
public enum HandshakeWork {
    /**
     * On the runtime's threads for blocking work; the default for both. A check of a chain takes milliseconds and may ask the
     * network (OCSP). A signature takes 0.1 ms (P-256) to 2 ms (RSA), or waits for an HSM: on the loop it would hold up every
     * other connection, and the way to another thread and back is about 20 us, once a handshake.
     */
    OFFLOADED,
    /** On the loop: a little less latency where nothing else runs and the key is in memory. */
    INLINE
}

package dev.tokioj.tls;

import org.jspecify.annotations.Nullable;

/** The cipher suites of TLS 1.3 that QUIC may use (RFC 8446 appendix B.4, RFC 9001 section 5.3). */
public enum CipherSuite {
    /** AES-128-GCM with SHA-256; also protects QUIC's Initial packets. */
    TLS_AES_128_GCM_SHA256(0x1301, HashAlgorithm.SHA256, 16),
    /** AES-256-GCM with SHA-384. */
    TLS_AES_256_GCM_SHA384(0x1302, HashAlgorithm.SHA384, 32),
    /** ChaCha20-Poly1305 with SHA-256. */
    TLS_CHACHA20_POLY1305_SHA256(0x1303, HashAlgorithm.SHA256, 32);

    private final int id;
    private final HashAlgorithm hash;
    private final int keyLength;

    CipherSuite(int id, HashAlgorithm hash, int keyLength) {
        this.id = id;
        this.hash = hash;
        this.keyLength = keyLength;
    }

    /** The code point on the wire. */
    public int id() {
        return id;
    }

    /** The hash of this suite's key schedule. */
    public HashAlgorithm hash() {
        return hash;
    }

    /** Length in bytes of the AEAD key and of the header protection key. */
    public int keyLength() {
        return keyLength;
    }

    /** Length in bytes of the AEAD nonce. */
    public int ivLength() {
        return 12;
    }

    /** Length in bytes of the AEAD tag. */
    public int tagLength() {
        return 16;
    }

    static @Nullable CipherSuite of(int id) {
        for (CipherSuite suite : values()) {
            if (suite.id == id) {
                return suite;
            }
        }
        return null;
    }
}

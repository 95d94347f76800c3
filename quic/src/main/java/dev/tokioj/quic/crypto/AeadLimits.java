package dev.tokioj.quic.crypto;

import dev.tokioj.tls.CipherSuite;

/**
 * How much one may do with an AEAD (RFC 9001 section 6.6). Immutable; any thread.
 *
 * @param confidentiality the most packets sealed with one key
 * @param integrity the most packets of a connection that fail to open
 */
public record AeadLimits(long confidentiality, long integrity) {
    public AeadLimits {
        if (confidentiality < 1 || integrity < 1) {
            throw new IllegalArgumentException(confidentiality + " " + integrity);
        }
    }

    /** The limits of section 6.6; what has none there is limited by its packet numbers, 2^62. */
    public static AeadLimits of(CipherSuite suite) {
        return switch (suite) {
            case TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 -> new AeadLimits(1L << 23, 1L << 52);
            case TLS_CHACHA20_POLY1305_SHA256 -> new AeadLimits(1L << 62, 1L << 36);
        };
    }
}

package dev.tokioj.tls;

import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a client shakes hands. Immutable; may be shared by many connections if its parts may.
 *
 * @param alpn application protocols, preferred first (RFC 7301); at least one
 * @param cipherSuites preferred first
 * @param groups preferred first
 * @param keyShares for how many of the groups, from the first, the ClientHello brings a key share
 * @param verifier decides whether to trust the server
 * @param random source of all randomness; used also by delegated work, so it must be safe for that thread
 * @param crypto does the arithmetic of key agreement and signatures
 * @param keyLog receives the secrets, or null
 */
public record TlsClientConfig(
        List<String> alpn,
        List<CipherSuite> cipherSuites,
        List<NamedGroup> groups,
        int keyShares,
        CertificateVerifier verifier,
        SecureRandom random,
        CryptoProvider crypto,
        @Nullable KeyLog keyLog,
        TlsLimits limits) {
    /** Copies the lists and checks them. */
    public TlsClientConfig {
        alpn = TlsServerConfig.checkedAlpn(alpn);
        cipherSuites = TlsServerConfig.checkedList(cipherSuites, "cipher suite");
        groups = TlsServerConfig.checkedList(groups, "group");
        if (keyShares < 0) {
            throw new IllegalArgumentException("keyShares must not be negative");
        }
    }

    /** A builder; everything but its arguments has a default. */
    public static Builder builder(List<String> alpn, CertificateVerifier verifier, SecureRandom random) {
        return new Builder(alpn, verifier, random);
    }

    /** Sets the optional parts. */
    public static final class Builder {
        private final List<String> alpn;
        private final CertificateVerifier verifier;
        private final SecureRandom random;
        private List<CipherSuite> cipherSuites = TlsServerConfig.DEFAULT_CIPHER_SUITES;
        private List<NamedGroup> groups = TlsServerConfig.DEFAULT_GROUPS;
        private int keyShares = 2; // the post-quantum hybrid, and X25519 for servers that lack it: no retry with either
        private CryptoProvider crypto = CryptoProvider.JDK; // nothing else is sure to be there
        private @Nullable KeyLog keyLog;
        private TlsLimits limits = TlsLimits.DEFAULT;

        private Builder(List<String> alpn, CertificateVerifier verifier, SecureRandom random) {
            this.alpn = alpn;
            this.verifier = verifier;
            this.random = random;
        }

        /** Cipher suites, preferred first; default AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305. */
        public Builder cipherSuites(List<CipherSuite> value) {
            cipherSuites = value;
            return this;
        }

        /** Groups, preferred first; default X25519MLKEM768, X25519, P-256, P-384. */
        public Builder groups(List<NamedGroup> value) {
            groups = value;
            return this;
        }

        /** How many groups get a key share at once; default 2. */
        public Builder keyShares(int value) {
            keyShares = value;
            return this;
        }

        /** Who does key agreement and signatures; default {@link CryptoProvider#JDK}. */
        public Builder cryptoProvider(CryptoProvider value) {
            crypto = value;
            return this;
        }

        /** Receiver of the secrets; default none. */
        public Builder keyLog(@Nullable KeyLog value) {
            keyLog = value;
            return this;
        }

        /** Bounds on the peer; default {@link TlsLimits#DEFAULT}. */
        public Builder limits(TlsLimits value) {
            limits = value;
            return this;
        }

        /** The configuration. */
        public TlsClientConfig build() {
            return new TlsClientConfig(alpn, cipherSuites, groups, keyShares, verifier, random, crypto, keyLog, limits);
        }
    }
}

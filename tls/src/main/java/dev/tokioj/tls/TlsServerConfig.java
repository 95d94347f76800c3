package dev.tokioj.tls;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a server shakes hands. Immutable; may be shared by many connections if its parts may.
 *
 * @param alpn application protocols, preferred first (RFC 7301); the server's order decides
 * @param cipherSuites preferred first; the server's order decides
 * @param groups preferred first; the server's order decides among those the client brought a key share for
 * @param identities the certificates and keys by server name
 * @param random source of all randomness; used also by delegated work, so it must be safe for that thread
 * @param crypto does the arithmetic of key agreement and signatures
 * @param keyLog receives the secrets, or null
 */
public record TlsServerConfig(
        List<String> alpn,
        List<CipherSuite> cipherSuites,
        List<NamedGroup> groups,
        IdentitySelector identities,
        SecureRandom random,
        CryptoProvider crypto,
        @Nullable KeyLog keyLog,
        TlsLimits limits) {
    /** AES-128 first: the fastest in the JDK on processors with AES instructions. */
    static final List<CipherSuite> DEFAULT_CIPHER_SUITES = List.of(CipherSuite.values());

    /** The post-quantum hybrid first, so that what is recorded today stays closed. */
    static final List<NamedGroup> DEFAULT_GROUPS = List.of(NamedGroup.values());

    /** Copies the lists and checks them. */
    public TlsServerConfig {
        alpn = checkedAlpn(alpn);
        cipherSuites = checkedList(cipherSuites, "cipher suite");
        groups = checkedList(groups, "group");
        identities = identities.with(crypto);
    }

    static List<String> checkedAlpn(List<String> names) {
        for (String name : names) {
            int length = name.getBytes(StandardCharsets.UTF_8).length;
            if (length == 0 || length > 255) {
                throw new IllegalArgumentException("an ALPN name has 1 to 255 bytes: '" + name + "'");
            }
        }
        return checkedList(names, "ALPN name");
    }

    static <T> List<T> checkedList(List<T> list, String what) {
        List<T> copy = List.copyOf(list);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("at least one " + what + " is needed");
        }
        if (new HashSet<>(copy).size() != copy.size()) {
            throw new IllegalArgumentException("a " + what + " is named twice: " + copy);
        }
        return copy;
    }

    /** A builder; everything but its arguments has a default. */
    public static Builder builder(List<String> alpn, IdentitySelector identities, SecureRandom random) {
        return new Builder(alpn, identities, random);
    }

    /** Sets the optional parts. */
    public static final class Builder {
        private final List<String> alpn;
        private final IdentitySelector identities;
        private final SecureRandom random;
        private List<CipherSuite> cipherSuites = DEFAULT_CIPHER_SUITES;
        private List<NamedGroup> groups = DEFAULT_GROUPS;
        private CryptoProvider crypto = CryptoProvider.JDK; // nothing else is sure to be there
        private @Nullable KeyLog keyLog;
        private TlsLimits limits = TlsLimits.DEFAULT;

        private Builder(List<String> alpn, IdentitySelector identities, SecureRandom random) {
            this.alpn = alpn;
            this.identities = identities;
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
        public TlsServerConfig build() {
            return new TlsServerConfig(alpn, cipherSuites, groups, identities, random, crypto, keyLog, limits);
        }
    }
}

package dev.tokioj.runtime.net;

import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TlsStream} is to be secured.
 *
 * @param context keys and trust; null: the JDK's default
 * @param alpn the application protocols, best first (RFC 7301); empty: not negotiated
 * @param protocols the versions of TLS; empty: the JDK's default
 * @param verifyHostname a client checks that the certificate is the host's (RFC 6125)
 * @param clientAuth a server demands a certificate of the client
 * @param handshakeTimeout for the handshake
 */
public record TlsOptions(
        @Nullable SSLContext context,
        List<String> alpn,
        List<String> protocols,
        boolean verifyHostname,
        boolean clientAuth,
        Duration handshakeTimeout) {
    /** The defaults, with the JDK's keys and trust. */
    public static final TlsOptions DEFAULT = builder().build();

    /** Copies the lists. */
    public TlsOptions {
        alpn = List.copyOf(alpn);
        protocols = List.copyOf(protocols);
        Objects.requireNonNull(handshakeTimeout);
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    SSLContext contextOrDefault() {
        try {
            return context != null ? context : SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no default SSLContext: give one", e);
        }
    }

    /** Collects options. */
    public static final class Builder {
        private @Nullable SSLContext context;
        private List<String> alpn = List.of();
        private List<String> protocols = List.of();
        /** Without it anybody with any certificate is the host. */
        private boolean verifyHostname = true;

        private boolean clientAuth;
        /** Two round trips of the slowest links, and a busy machine. */
        private Duration handshakeTimeout = Duration.ofSeconds(10);

        private Builder() {}

        /** See {@link TlsOptions#context}. */
        public Builder context(SSLContext value) {
            context = value;
            return this;
        }

        /** See {@link TlsOptions#alpn}. */
        public Builder alpn(String... names) {
            alpn = List.of(names);
            return this;
        }

        /** See {@link TlsOptions#protocols}. */
        public Builder protocols(String... names) {
            protocols = List.of(names);
            return this;
        }

        /** See {@link TlsOptions#verifyHostname}. */
        public Builder verifyHostname(boolean value) {
            verifyHostname = value;
            return this;
        }

        /** See {@link TlsOptions#clientAuth}. */
        public Builder clientAuth(boolean value) {
            clientAuth = value;
            return this;
        }

        /** See {@link TlsOptions#handshakeTimeout}. */
        public Builder handshakeTimeout(Duration value) {
            handshakeTimeout = value;
            return this;
        }

        /** The options. */
        public TlsOptions build() {
            return new TlsOptions(context, alpn, protocols, verifyHostname, clientAuth, handshakeTimeout);
        }
    }
}

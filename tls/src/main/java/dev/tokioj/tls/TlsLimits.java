package dev.tokioj.tls;

/**
 * Bounds on what a peer may make the handshake keep or work on; bytes unless said otherwise.
 *
 * @param maxMessageBytes a handshake message after ClientHello
 * @param maxClientHelloBytes a ClientHello
 * @param maxExtensions extensions in one block (a count)
 * @param maxCertificates certificates in a chain (a count)
 * @param maxSuspendedBytes handshake bytes kept while the engine waits for delegated work
 */
public record TlsLimits(
        int maxMessageBytes, int maxClientHelloBytes, int maxExtensions, int maxCertificates, int maxSuspendedBytes) {
    /** What real peers need, with room. */
    public static final TlsLimits DEFAULT = builder().build();

    /** Checks that every bound is positive. */
    public TlsLimits {
        if (maxMessageBytes <= 0
                || maxClientHelloBytes <= 0
                || maxExtensions <= 0
                || maxCertificates <= 0
                || maxSuspendedBytes <= 0) {
            throw new IllegalArgumentException("a limit must be positive");
        }
        if (maxMessageBytes > 0xffffff || maxClientHelloBytes > 0xffffff) {
            throw new IllegalArgumentException("a handshake message has at most 2^24-1 bytes");
        }
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Sets limits one by one. */
    public static final class Builder {
        private int maxMessageBytes = 64 * 1024; // a chain of 4096-bit RSA certificates with long name lists
        private int maxClientHelloBytes = 16 * 1024; // browsers send 2 kB with a post-quantum share
        private int maxExtensions = 64; // browsers send about 20
        private int maxCertificates = 10; // public chains have 2 to 4
        private int maxSuspendedBytes = 16 * 1024; // an honest peer has only a Finished and a few tickets to send

        private Builder() {}

        /** Largest handshake message after ClientHello; default 64 KiB. */
        public Builder maxMessageBytes(int value) {
            maxMessageBytes = value;
            return this;
        }

        /** Largest ClientHello; default 16 KiB. */
        public Builder maxClientHelloBytes(int value) {
            maxClientHelloBytes = value;
            return this;
        }

        /** Most extensions in one block; default 64. */
        public Builder maxExtensions(int value) {
            maxExtensions = value;
            return this;
        }

        /** Longest certificate chain; default 10. */
        public Builder maxCertificates(int value) {
            maxCertificates = value;
            return this;
        }

        /** Most bytes kept while delegated work runs; default 16 KiB. */
        public Builder maxSuspendedBytes(int value) {
            maxSuspendedBytes = value;
            return this;
        }

        /** The limits. */
        public TlsLimits build() {
            return new TlsLimits(
                    maxMessageBytes, maxClientHelloBytes, maxExtensions, maxCertificates, maxSuspendedBytes);
        }
    }
}

package dev.tokioj.tls;

import java.util.Arrays;
import java.util.List;

/** The handshake messages of TLS 1.3 that QUIC can see, decoded (RFC 8446 section 4). */
@SuppressWarnings("ArrayRecordComponent") // messages are read once, never compared
sealed interface HandshakeMessage {
    /** RFC 8446 section 4.1.2. */
    record ClientHello(
            int legacyVersion,
            byte[] random,
            byte[] legacySessionId,
            int[] cipherSuites,
            byte[] legacyCompressionMethods,
            Extensions extensions)
            implements HandshakeMessage {}

    /** RFC 8446 section 4.1.3; with a special random it is a HelloRetryRequest (section 4.1.4). */
    record ServerHello(
            int legacyVersion,
            byte[] random,
            byte[] legacySessionIdEcho,
            int cipherSuite,
            int legacyCompressionMethod,
            Extensions extensions)
            implements HandshakeMessage {
        /** SHA-256 of "HelloRetryRequest". */
        private static final byte[] RETRY_RANDOM = {
            (byte) 0xCF,
            0x21,
            (byte) 0xAD,
            0x74,
            (byte) 0xE5,
            (byte) 0x9A,
            0x61,
            0x11,
            (byte) 0xBE,
            0x1D,
            (byte) 0x8C,
            0x02,
            0x1E,
            0x65,
            (byte) 0xB8,
            (byte) 0x91,
            (byte) 0xC2,
            (byte) 0xA2,
            0x11,
            0x16,
            0x7A,
            (byte) 0xBB,
            (byte) 0x8C,
            0x5E,
            0x07,
            (byte) 0x9E,
            0x09,
            (byte) 0xE2,
            (byte) 0xC8,
            (byte) 0xA8,
            0x33,
            (byte) 0x9C
        };

        static byte[] retryRandom() {
            return RETRY_RANDOM.clone();
        }

        boolean isHelloRetryRequest() {
            return isRetryRandom(random);
        }

        static boolean isRetryRandom(byte[] random) {
            return Arrays.equals(random, RETRY_RANDOM);
        }
    }

    /** RFC 8446 section 4.3.1. */
    record EncryptedExtensions(Extensions extensions) implements HandshakeMessage {}

    /** RFC 8446 section 4.3.2. */
    record CertificateRequest(byte[] context, Extensions extensions) implements HandshakeMessage {}

    /** RFC 8446 section 4.4.2. */
    record Certificate(byte[] context, List<CertificateEntry> entries) implements HandshakeMessage {}

    /** One certificate of a chain, not yet parsed. */
    record CertificateEntry(byte[] der, Extensions extensions) {}

    /** RFC 8446 section 4.4.3. */
    record CertificateVerify(int scheme, byte[] signature) implements HandshakeMessage {}

    /** RFC 8446 section 4.4.4. */
    record Finished(byte[] verifyData) implements HandshakeMessage {}

    /** RFC 8446 section 4.6.1; lifetime in seconds. */
    record NewSessionTicket(long lifetime, long ageAdd, byte[] nonce, byte[] ticket, Extensions extensions)
            implements HandshakeMessage {}
}

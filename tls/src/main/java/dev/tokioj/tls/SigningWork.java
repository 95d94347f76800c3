package dev.tokioj.tls;

import java.security.PrivateKey;
import java.security.SecureRandom;

/** The server's signature in CertificateVerify: the key may be slow, or in another machine. */
final class SigningWork extends Delegated {
    private final CryptoProvider crypto;
    private final PrivateKey key;
    private final SignatureScheme scheme;
    private final byte[] transcriptHash;
    private final SecureRandom random;
    private byte[] signature = {};

    SigningWork(
            CryptoProvider crypto, PrivateKey key, SignatureScheme scheme, byte[] transcriptHash, SecureRandom random) {
        this.crypto = crypto;
        this.key = key;
        this.scheme = scheme;
        this.transcriptHash = transcriptHash;
        this.random = random;
    }

    @Override
    void perform() throws TlsAlertException {
        signature = CertificateAuth.sign(crypto, key, scheme, transcriptHash, random);
    }

    SignatureScheme scheme() {
        return scheme;
    }

    byte[] signature() {
        return signature;
    }
}

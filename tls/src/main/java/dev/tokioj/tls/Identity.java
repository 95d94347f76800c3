package dev.tokioj.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.List;

/**
 * A private key and the certificate chain for it, the end-entity certificate first. Keys: ECDSA on P-256 or P-384, RSA of
 * at least 2048 bits, Ed25519. The key may live outside the process (an HSM): it is used as delegated work.
 */
public record Identity(PrivateKey key, List<X509Certificate> chain) {
    private static final int MIN_RSA_BITS = 2048; // what the JDK and browsers still accept

    /** Copies the chain and checks that a handshake can be signed with this key. */
    public Identity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("an identity needs at least one certificate");
        }
        X509Certificate leaf = chain.getFirst();
        boolean usable = false;
        for (SignatureScheme scheme : SignatureScheme.values()) {
            usable |= scheme.signsHandshakeWith(leaf.getPublicKey());
        }
        if (!usable) {
            throw new IllegalArgumentException("no TLS 1.3 signature with a key of type "
                    + leaf.getPublicKey().getAlgorithm());
        }
        if (leaf.getPublicKey() instanceof RSAKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
            throw new IllegalArgumentException("an RSA key needs at least " + MIN_RSA_BITS + " bits");
        }
    }

    /**
     * Reads an identity from PEM files (RFC 7468); both may be the same file. The key may be PKCS#8 ("PRIVATE KEY"), SEC1
     * ("EC PRIVATE KEY") or PKCS#1 ("RSA PRIVATE KEY"), not encrypted. Blocks.
     *
     * @throws GeneralSecurityException if a file holds something else, or if the key does not fit the certificate
     */
    public static Identity pem(Path certificateChain, Path privateKey) throws IOException, GeneralSecurityException {
        return Pem.identity(certificateChain, privateKey);
    }

    @Override
    public String toString() {
        return "Identity[" + chain.getFirst().getSubjectX500Principal() + "]"; // never the key
    }
}

package dev.tokioj.tls;

import dev.tokioj.tls.HandshakeMessage.CertificateEntry;
import dev.tokioj.tls.HandshakeMessage.CertificateVerify;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/** The client's check of the server: certificates parse, CertificateVerify is by their key, the chain is trusted. */
final class ServerAuthentication extends Delegated {
    private static final String AUTH_TYPE = "UNKNOWN"; // what JSSE passes for TLS 1.3, where suites name no key type

    private final CryptoProvider crypto;
    private final List<CertificateEntry> entries;
    private final CertificateVerify proof;
    private final byte[] transcriptHash;
    private final CertificateVerifier verifier;
    private final String serverName;
    private List<X509Certificate> chain = List.of();

    ServerAuthentication(
            CryptoProvider crypto,
            List<CertificateEntry> entries,
            CertificateVerify proof,
            byte[] transcriptHash,
            CertificateVerifier verifier,
            String serverName) {
        this.crypto = crypto;
        this.entries = entries;
        this.proof = proof;
        this.transcriptHash = transcriptHash;
        this.verifier = verifier;
        this.serverName = serverName;
    }

    @Override
    void perform() throws TlsAlertException {
        List<X509Certificate> parsed = CertificateAuth.parse(entries);
        CertificateAuth.verify(crypto, parsed.getFirst().getPublicKey(), proof, transcriptHash);
        try {
            verifier.verify(parsed, AUTH_TYPE, serverName);
        } catch (CertificateException e) {
            throw new TlsAlertException(CertificateAuth.alertFor(e), "the server's certificate is refused", e);
        }
        chain = parsed;
    }

    List<X509Certificate> chain() {
        return chain;
    }
}

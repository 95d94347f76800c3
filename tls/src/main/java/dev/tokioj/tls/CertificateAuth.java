package dev.tokioj.tls;

import dev.tokioj.tls.HandshakeMessage.CertificateEntry;
import dev.tokioj.tls.HandshakeMessage.CertificateVerify;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Proof of possession of a certificate's key (RFC 8446 section 4.4.3), and which alert a refused certificate gets. */
final class CertificateAuth {
    private static final byte[] SERVER_CONTEXT =
            "TLS 1.3, server CertificateVerify".getBytes(StandardCharsets.US_ASCII);

    private CertificateAuth() {}

    /** What a server signs: 64 spaces, the context, a zero byte, the transcript hash up to Certificate. */
    static byte[] serverContent(byte[] transcriptHash) {
        byte[] content = new byte[64 + SERVER_CONTEXT.length + 1 + transcriptHash.length];
        Arrays.fill(content, 0, 64, (byte) 0x20);
        System.arraycopy(SERVER_CONTEXT, 0, content, 64, SERVER_CONTEXT.length);
        System.arraycopy(transcriptHash, 0, content, content.length - transcriptHash.length, transcriptHash.length);
        return content;
    }

    static byte[] sign(
            CryptoProvider crypto, PrivateKey key, SignatureScheme scheme, byte[] transcriptHash, SecureRandom random)
            throws TlsAlertException {
        try {
            Signature signature = scheme.signer(crypto, key, random);
            signature.update(serverContent(transcriptHash));
            return signature.sign();
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new TlsAlertException(TlsAlert.INTERNAL_ERROR, "the private key did not sign", e);
        }
    }

    static void verify(CryptoProvider crypto, PublicKey key, CertificateVerify proof, byte[] transcriptHash)
            throws TlsAlertException {
        SignatureScheme scheme = SignatureScheme.of(proof.scheme());
        if (scheme == null || !scheme.signsHandshakeWith(key)) {
            throw new TlsAlertException(
                    TlsAlert.ILLEGAL_PARAMETER, "the signature scheme was not offered or is not for this key");
        }
        boolean valid;
        try {
            Signature signature = scheme.verifier(crypto, key);
            signature.update(serverContent(transcriptHash));
            valid = signature.verify(proof.signature());
        } catch (GeneralSecurityException | RuntimeException e) { // a malformed signature, also
            throw new TlsAlertException(TlsAlert.DECRYPT_ERROR, "CertificateVerify cannot be checked", e);
        }
        if (!valid) {
            throw new TlsAlertException(TlsAlert.DECRYPT_ERROR, "CertificateVerify does not verify");
        }
    }

    static List<X509Certificate> parse(List<CertificateEntry> entries) throws TlsAlertException {
        List<X509Certificate> chain = new ArrayList<>(entries.size());
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (CertificateEntry entry : entries) {
                if (entry.der()[0] != 0x30) { // the JDK would also read PEM
                    throw new CertificateException("not DER");
                }
                ByteArrayInputStream in = new ByteArrayInputStream(entry.der());
                chain.add((X509Certificate) factory.generateCertificate(in));
                if (in.available() > 0) {
                    throw new CertificateException("bytes after the certificate");
                }
            }
            chain.getFirst().getPublicKey();
        } catch (CertificateException | RuntimeException e) { // the JDK's parser throws both kinds at bad DER
            throw new TlsAlertException(TlsAlert.BAD_CERTIFICATE, "a certificate does not parse", e);
        }
        return chain;
    }

    /** The alert for a chain that a verifier refused (RFC 8446 section 6.2). */
    static TlsAlert alertFor(CertificateException refusal) {
        Throwable cause = refusal;
        for (int depth = 0; cause != null && depth < 16; depth++) { // causes may be circular
            switch (cause) {
                case CertificateExpiredException _, CertificateNotYetValidException _ -> {
                    return TlsAlert.CERTIFICATE_EXPIRED;
                }
                case CertificateRevokedException _ -> {
                    return TlsAlert.CERTIFICATE_REVOKED;
                }
                case CertPathValidatorException e -> {
                    TlsAlert alert = alertFor(e.getReason());
                    if (alert != null) {
                        return alert;
                    }
                }
                default -> {}
            }
            if (cause instanceof CertPathBuilderException && cause.getCause() == null) {
                return TlsAlert.UNKNOWN_CA; // no path to an anchor, and no single certificate to blame for it
            }
            cause = cause.getCause();
        }
        return TlsAlert.BAD_CERTIFICATE; // the name does not match, a use is not allowed, ...
    }

    private static @Nullable TlsAlert alertFor(CertPathValidatorException.Reason reason) {
        if (reason == CertPathValidatorException.BasicReason.EXPIRED
                || reason == CertPathValidatorException.BasicReason.NOT_YET_VALID) {
            return TlsAlert.CERTIFICATE_EXPIRED;
        }
        if (reason == CertPathValidatorException.BasicReason.REVOKED) {
            return TlsAlert.CERTIFICATE_REVOKED;
        }
        if (reason == CertPathValidatorException.BasicReason.INVALID_SIGNATURE
                || reason == CertPathValidatorException.BasicReason.ALGORITHM_CONSTRAINED) {
            return TlsAlert.BAD_CERTIFICATE;
        }
        if (reason == PKIXReason.NO_TRUST_ANCHOR) {
            return TlsAlert.UNKNOWN_CA;
        }
        return null;
    }
}

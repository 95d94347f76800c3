package dev.tokioj.net;

import dev.tokioj.tls.CertificateVerifier;
import dev.tokioj.tls.CryptoProvider;
import dev.tokioj.tls.InsecureTrustAnyCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Whom a client trusts. Immutable; the files are read when the client is built, not before. */
sealed interface Trust {

    /** What the JDK's default trust store trusts. */
    record SystemDefault() implements Trust {
        @Override
        public CertificateVerifier open(CryptoProvider crypto) throws GeneralSecurityException {
            return CertificateVerifier.system();
        }
    }

    /** The certificates in a PEM file, and nobody else. */
    record PemFile(Path path) implements Trust {
        @Override
        public CertificateVerifier open(CryptoProvider crypto) throws IOException, GeneralSecurityException {
            return CertificateVerifier.trusting(read(path), crypto);
        }
    }

    /** These authorities, and nobody else. */
    record Authorities(List<X509Certificate> certificates) implements Trust {
        @Override
        public CertificateVerifier open(CryptoProvider crypto) throws GeneralSecurityException {
            return CertificateVerifier.trusting(certificates, crypto);
        }
    }

    /** What the caller's own check says. */
    record Custom(CertificateVerifier verifier) implements Trust {
        @Override
        public CertificateVerifier open(CryptoProvider crypto) {
            return verifier;
        }

        @Override
        public boolean isCheckedByTheJdk() {
            return false;
        }
    }

    /** Everybody. */
    record InsecureAnyCertificate() implements Trust {
        @Override
        public CertificateVerifier open(CryptoProvider crypto) {
            return new InsecureTrustAnyCertificate();
        }

        @Override
        public boolean isCheckedByTheJdk() {
            return false;
        }
    }

    /** The check, its arithmetic by this provider where the authorities are given; may read files. */
    CertificateVerifier open(CryptoProvider crypto) throws IOException, GeneralSecurityException;

    /** Whether the JDK's own check of chains and names is asked. */
    default boolean isCheckedByTheJdk() {
        return true;
    }

    /** As {@link #open}, with words for what is wrong. */
    default CertificateVerifier verifier(CryptoProvider crypto) throws IOException {
        try {
            return open(crypto);
        } catch (GeneralSecurityException e) {
            throw new IOException(unusable(e), e);
        }
    }

    private String unusable(GeneralSecurityException e) {
        String why = String.valueOf(
                e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        if (!(this instanceof SystemDefault)) {
            return "the trusted certificates cannot be used: " + why;
        }
        String named = System.getProperty("javax.net.ssl.trustStore");
        return "the JDK's trust store cannot be read"
                + (named == null ? ": " : " (javax.net.ssl.trustStore is " + named + "): ") + why;
    }

    private static Collection<X509Certificate> read(Path path) throws IOException, GeneralSecurityException {
        List<X509Certificate> certificates = new ArrayList<>();
        try (InputStream in = Files.newInputStream(path)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                if (certificate instanceof X509Certificate x509) {
                    certificates.add(x509);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("no certificate in " + path);
        }
        return certificates;
    }
}

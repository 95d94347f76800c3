package dev.tokioj.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificate authorities and what they sign. Keys are slow to make (RSA above all): once a test class. */
final class TestCertificates {
    /** The key types a server may have. */
    enum KeyType {
        P256,
        P384,
        RSA,
        ED25519;

        KeyPair generate() throws GeneralSecurityException {
            return switch (this) {
                case P256 -> ec("secp256r1");
                case P384 -> ec("secp384r1");
                case RSA -> {
                    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                    generator.initialize(2048);
                    yield generator.generateKeyPair();
                }
                case ED25519 -> KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            };
        }

        private static KeyPair ec(String curve) throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        }

        String signature() {
            return switch (this) {
                case P256 -> "SHA256withECDSA";
                case P384 -> "SHA384withECDSA";
                case RSA -> "SHA256withRSA";
                case ED25519 -> "Ed25519";
            };
        }
    }

    /** Certificates are valid around this moment, which tests inject: no test depends on today's date. */
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private static final Duration MARGIN = Duration.ofDays(30);

    private final KeyType type;
    private final KeyPair key;
    private final X509Certificate certificate;
    private final List<X509Certificate> above;
    private int serial = 1;

    private TestCertificates(KeyType type, KeyPair key, X509Certificate certificate, List<X509Certificate> above) {
        this.type = type;
        this.key = key;
        this.certificate = certificate;
        this.above = above;
    }

    /** A self-signed authority. */
    static TestCertificates authority(String name, KeyType type) {
        try {
            KeyPair key = type.generate();
            X500Principal subject = new X500Principal("CN=" + name);
            JcaX509v3CertificateBuilder builder =
                    builder(subject, 1, NOW.minus(MARGIN), NOW.plus(MARGIN), subject, key);
            constrainAuthority(builder);
            return new TestCertificates(type, key, sign(builder, type, key), List.of());
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An authority that this one has signed. */
    TestCertificates intermediate(String name, KeyType keyType) {
        try {
            KeyPair own = keyType.generate();
            JcaX509v3CertificateBuilder builder = builder(
                    certificate.getSubjectX500Principal(),
                    ++serial,
                    NOW.minus(MARGIN),
                    NOW.plus(MARGIN),
                    new X500Principal("CN=" + name),
                    own);
            constrainAuthority(builder);
            X509Certificate signed = sign(builder, type, key);
            List<X509Certificate> chain = new ArrayList<>();
            chain.add(signed);
            chain.addAll(above);
            return new TestCertificates(keyType, own, signed, chain);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** A server's identity for these host names and IP addresses, valid now. */
    Identity issue(KeyType keyType, String... names) {
        return issue(keyType, NOW.minus(MARGIN), NOW.plus(MARGIN), names);
    }

    Identity issue(KeyType keyType, Instant from, Instant to, String... names) {
        try {
            return issue(keyType.generate(), from, to, names);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For a key of any kind. */
    Identity issue(KeyPair own, Instant from, Instant to, String... names) {
        try {
            JcaX509v3CertificateBuilder builder = builder(
                    certificate.getSubjectX500Principal(), ++serial, from, to, new X500Principal("CN=a server"), own);
            List<GeneralName> all = new ArrayList<>();
            for (String name : names) {
                int kind = ServerName.isAddressLiteral(name) ? GeneralName.iPAddress : GeneralName.dNSName;
                all.add(new GeneralName(kind, name));
            }
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(all.toArray(new GeneralName[0])));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            List<X509Certificate> chain = new ArrayList<>();
            chain.add(sign(builder, type, key));
            chain.addAll(above);
            return new Identity(own.getPrivate(), chain);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void constrainAuthority(JcaX509v3CertificateBuilder builder) throws CertIOException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer, int serial, Instant from, Instant to, X500Principal subject, KeyPair key) {
        return new JcaX509v3CertificateBuilder(
                issuer, BigInteger.valueOf(serial), Date.from(from), Date.from(to), subject, key.getPublic());
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, KeyType type, KeyPair key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(type.signature()).build(key.getPrivate())));
    }
}

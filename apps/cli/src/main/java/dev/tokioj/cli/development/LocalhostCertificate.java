package dev.tokioj.cli.development;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Callable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * Makes a P-256 key and a certificate for {@code localhost} that this key signs itself. Loaded beside Bouncy Castle by a class
 * loader that sees neither the command nor its libraries, so only types of the JDK go in and out.
 */
public final class LocalhostCertificate implements Callable<List<String>> {
    private static final int KEY_BITS = 256;
    private static final int SERIAL_BITS = 127;

    private final String name;
    private final Instant notBefore;
    private final Instant notAfter;

    /**
     * Of the certificate to make.
     *
     * @param name the common name of its subject, who is its issuer too
     */
    public LocalhostCertificate(String name, Instant notBefore, Instant notAfter) {
        this.name = name;
        this.notBefore = notBefore;
        this.notAfter = notAfter;
    }

    /** Returns the certificate and its private key (PKCS #8), each in PEM. */
    @Override
    public List<String> call() throws IOException, GeneralSecurityException, OperatorCreationException {
        SecureRandom random = new SecureRandom();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        X500Name self = new X500NameBuilder().addRDN(BCStyle.CN, name).build();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                self,
                new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1),
                Date.from(notBefore),
                Date.from(notAfter),
                self,
                pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
            new GeneralName(GeneralName.iPAddress, "::1")
        }));
        byte[] certificate = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        return List.of(pem("CERTIFICATE", certificate), pem("PRIVATE KEY", pkcs8(pair)));
    }

    /** With the public key inside, which the JDK's own encoding leaves out and GnuTLS, for one, asks for (RFC 5915). */
    private static byte[] pkcs8(KeyPair pair) throws IOException {
        SubjectPublicKeyInfo spki =
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
        var sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(
                KEY_BITS, ((ECPrivateKey) pair.getPrivate()).getS(), spki.getPublicKeyData(), null);
        return new PrivateKeyInfo(spki.getAlgorithm(), sec1).getEncoded();
    }

    private static String pem(String label, byte[] content) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(label, content));
        }
        return text.toString();
    }
}

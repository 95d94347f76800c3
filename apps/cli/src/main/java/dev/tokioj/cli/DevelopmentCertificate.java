package dev.tokioj.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A certificate for this machine alone ({@code localhost}, 127.0.0.1, ::1), made when none is given, and kept so that a
 * browser told to accept its key once goes on accepting it. It is signed by nobody but itself.
 *
 * @param certificate PEM file of the certificate
 * @param key PEM file of the private key, readable by the owner alone
 * @param fresh whether it was made just now
 * @param spkiHash base64 of SHA-256 over the SubjectPublicKeyInfo: what Chromium's
 *     {@code --ignore-certificate-errors-spki-list} takes
 * @param notAfter when it ends
 */
record DevelopmentCertificate(Path certificate, Path key, boolean fresh, String spkiHash, Instant notAfter) {
    /** Short, because nobody can revoke it; and browsers take no pinned self-signed one of more than two weeks for WebTransport. */
    private static final Duration LIFETIME = Duration.ofDays(13);

    /** One that ends during the next session is replaced now. */
    private static final Duration REMAINING = Duration.ofDays(1);

    private static final int KEY_BITS = 256;

    private static final String ISSUER = "CN=TokioJ development certificate";

    /** Where it is kept when the user names no place: {@code $XDG_CACHE_HOME/tokioj} or {@code ~/.cache/tokioj}. */
    static Path defaultDirectory() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache != null && cache.startsWith("/")
                ? Path.of(cache)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("tokioj");
    }

    /**
     * The one kept in a directory, or a new one when there is none or it is about to end.
     *
     * @throws IOException when the directory cannot be read or written
     */
    static DevelopmentCertificate in(Path directory, Instant now) throws IOException {
        Path certificate = directory.resolve("localhost.crt.pem");
        Path key = directory.resolve("localhost.key.pem");
        try {
            if (Files.isReadable(certificate) && Files.isReadable(key)) {
                X509Certificate kept = read(certificate);
                if (now.plus(REMAINING).isBefore(kept.getNotAfter().toInstant())
                        && now.isAfter(kept.getNotBefore().toInstant())) {
                    return of(certificate, key, false, kept);
                }
            }
            createPrivateDirectory(directory);
            return make(certificate, key, now);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("cannot make a development certificate in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static DevelopmentCertificate make(Path certificate, Path key, Instant now)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        SecureRandom random = new SecureRandom();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        X500Name name = new X500Name(ISSUER);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(127, random),
                // Clocks of guests and hosts differ.
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(LIFETIME)),
                name,
                pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
            new GeneralName(GeneralName.iPAddress, "::1")
        }));
        X509Certificate made = new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        // The key first: a certificate without its key would be taken for whole by the next start.
        writeAtomically(key, pem(new PemObject("PRIVATE KEY", pkcs8(pair))), "rw-------");
        writeAtomically(certificate, pem(made), "rw-r--r--");
        return of(certificate, key, true, made);
    }

    private static DevelopmentCertificate of(Path certificate, Path key, boolean fresh, X509Certificate from)
            throws GeneralSecurityException {
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(from.getPublicKey().getEncoded());
        return new DevelopmentCertificate(
                certificate,
                key,
                fresh,
                Base64.getEncoder().encodeToString(hash),
                from.getNotAfter().toInstant());
    }

    /** The hash that Chromium takes, of the first certificate in a PEM file. */
    static String spkiHashOf(Path certificate) throws IOException {
        try {
            byte[] spki = read(certificate).getPublicKey().getEncoded();
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(spki));
        } catch (GeneralSecurityException e) {
            throw new IOException(certificate + " holds no certificate: " + e.getMessage(), e);
        }
    }

    private static X509Certificate read(Path certificate) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(certificate)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void createPrivateDirectory(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            if (posix(directory)) {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectory(directory);
            }
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    private static boolean posix(Path at) {
        return at.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static void writeAtomically(Path file, String text, String permissions) throws IOException {
        Path directory =
                java.util.Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a directory");
        Path draft = posix(directory)
                ? Files.createTempFile(
                        directory,
                        "draft",
                        ".pem",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)))
                : Files.createTempFile(directory, "draft", ".pem");
        Files.writeString(draft, text, StandardCharsets.US_ASCII);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** With the public key inside, which the JDK's own encoding leaves out and GnuTLS, for one, asks for (RFC 5915). */
    private static byte[] pkcs8(KeyPair pair) throws IOException {
        SubjectPublicKeyInfo spki =
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
        var sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(
                KEY_BITS, ((ECPrivateKey) pair.getPrivate()).getS(), spki.getPublicKeyData(), null);
        return new PrivateKeyInfo(spki.getAlgorithm(), sec1).getEncoded();
    }

    private static String pem(Object what) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(what);
        }
        return text.toString();
    }
}

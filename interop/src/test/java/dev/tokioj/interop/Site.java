package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import javax.imageio.ImageIO;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** What is served in the tests: files of known content, and a certificate for localhost signed by an authority made for it. */
final class Site {
    private static final long SEED = 42;

    final Path root;
    final Path authority;
    final Path certificate;
    final Path key;
    final String spkiHash;

    private Site(Path root, Path authority, Path certificate, Path key, String spkiHash) {
        this.root = root;
        this.authority = authority;
        this.certificate = certificate;
        this.key = key;
        this.spkiHash = spkiHash;
    }

    static Site in(Path directory) throws Exception {
        Path root = Files.createDirectories(directory.resolve("www"));
        random(root.resolve("small.txt"), 1_234);
        random(root.resolve("medium.bin"), 5_000_000);
        random(root.resolve("big.bin"), 50_000_000);
        Files.createFile(root.resolve("empty.bin"));
        for (int i = 0; i < 12; i++) {
            image(root.resolve("image" + i + ".png"), i);
        }
        try (InputStream page = Site.class.getResourceAsStream("browser.html")) {
            Files.write(root.resolve("index.html"), page.readAllBytes());
        }
        KeyPair ca = keyPair();
        X509Certificate issuer = certificate("CN=Interop authority", "CN=Interop authority", ca.getPublic(), ca, true);
        KeyPair leaf = keyPair();
        X509Certificate own = certificate("CN=localhost", "CN=Interop authority", leaf.getPublic(), ca, false);
        return new Site(
                root,
                pem(directory.resolve("ca.pem"), "CERTIFICATE", issuer.getEncoded()),
                pem(directory.resolve("cert.pem"), "CERTIFICATE", own.getEncoded()),
                pem(directory.resolve("key.pem"), "PRIVATE KEY", pkcs8(leaf)),
                Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-256")
                                .digest(leaf.getPublic().getEncoded())));
    }

    static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Content by hash, as every fetch is compared. */
    void assertFetched(String name, Path fetched) throws Exception {
        Path original = root.resolve(name);
        assertEquals(Files.size(original), Files.size(fetched), name);
        assertEquals(sha256(original), sha256(fetched), name);
    }

    /** A port that was free just now for UDP and TCP, and that no system gives to whoever asks for any: those are higher. */
    static int freePort() throws IOException {
        for (int tries = 0; ; tries++) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (DatagramSocket udp = new DatagramSocket(port);
                    ServerSocket tcp = new ServerSocket(port)) {
                return Math.max(udp.getLocalPort(), tcp.getLocalPort());
            } catch (IOException e) {
                if (tries == 20) {
                    throw e;
                }
            }
        }
    }

    private static void random(Path file, int length) throws IOException {
        byte[] content = new byte[length];
        new Random(SEED + length).nextBytes(content);
        Files.write(file, content);
    }

    private static void image(Path file, int number) throws IOException {
        BufferedImage image = new BufferedImage(64 + number, 48, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(SEED + number);
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                image.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        ImageIO.write(image, "png", file.toFile());
    }

    private static KeyPair keyPair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate certificate(
            String subject, String issuer, PublicKey key, KeyPair signer, boolean authority) throws Exception {
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name(issuer),
                BigInteger.valueOf(now.toEpochMilli()).add(authority ? BigInteger.ONE : BigInteger.TWO),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(Duration.ofDays(2))),
                new X500Name(subject),
                key);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (!authority) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                new GeneralName(GeneralName.iPAddress, "::1")
            }));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
    }

    /** With the public key inside, which the JDK's own encoding leaves out and GnuTLS asks for (RFC 5915). */
    private static byte[] pkcs8(KeyPair pair) throws IOException {
        SubjectPublicKeyInfo spki =
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
        var sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, ((ECPrivateKey) pair.getPrivate()).getS(), spki.getPublicKeyData(), null);
        return new PrivateKeyInfo(spki.getAlgorithm(), sec1).getEncoded();
    }

    private static Path pem(Path file, String label, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
    }
}

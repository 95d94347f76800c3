package dev.tokioj.bench.compare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * An authority and a certificate for {@code localhost} that it signed, both P-256, made by the JDK's keytool: a library that
 * makes certificates would sit on the measured programs' class path. It has no key usage: Kwik asks the JDK's check for one that only
 * RSA has.
 */
final class Certificates {
    private static final String PASSWORD = "changeit";
    private static final int COORDINATE = 32;

    /** PrivateKeyInfo of P-256 (RFC 5208) up to the scalar of the ECPrivateKey in it (RFC 5915). */
    private static final byte[] KEY_HEAD =
            HexFormat.of().parseHex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420");
    /** From there to the public point, which the JDK's own encoding leaves out and GnuTLS asks for. */
    private static final byte[] POINT_HEAD = HexFormat.of().parseHex("a144034200" + "04");

    private Certificates() {}

    /** Makes {@code ca.pem}, {@code cert.pem} and {@code key.pem} in a directory. */
    static void make(Path directory) throws IOException, InterruptedException, GeneralSecurityException {
        Files.createDirectories(directory);
        Path authority = directory.resolve("ca.p12");
        Path server = directory.resolve("server.p12");
        Path request = directory.resolve("request.csr");
        Files.deleteIfExists(authority);
        Files.deleteIfExists(server);
        keytool(
                authority,
                "-genkeypair",
                "-sigalg",
                "SHA256withECDSA",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=Bench authority",
                "-ext",
                "bc:critical=ca:true",
                "-ext",
                "ku:critical=keyCertSign",
                "-validity",
                "13");
        keytool(
                server,
                "-genkeypair",
                "-sigalg",
                "SHA256withECDSA",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost");
        keytool(server, "-certreq", "-file", request.toString());
        keytool(
                authority,
                "-gencert",
                "-sigalg",
                "SHA256withECDSA",
                "-infile",
                request.toString(),
                "-outfile",
                directory.resolve("cert.pem").toString(),
                "-rfc",
                "-validity",
                "13",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-ext",
                "eku=serverAuth");
        keytool(
                authority,
                "-exportcert",
                "-rfc",
                "-file",
                directory.resolve("ca.pem").toString());
        Files.writeString(directory.resolve("key.pem"), key(server), StandardCharsets.US_ASCII);
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "own", "-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore"));
        command.add(store.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool " + arguments[0] + " failed: " + said.strip());
        }
    }

    private static String key(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Certificate certificate = keys.getCertificate("own");
        var point = ((ECPublicKey) certificate.getPublicKey()).getW();
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.writeBytes(KEY_HEAD);
        der.writeBytes(fixed(((ECPrivateKey) keys.getKey("own", PASSWORD.toCharArray()))
                .getS()
                .toByteArray()));
        der.writeBytes(POINT_HEAD);
        der.writeBytes(fixed(point.getAffineX().toByteArray()));
        der.writeBytes(fixed(point.getAffineY().toByteArray()));
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der.toByteArray())
                + "\n-----END PRIVATE KEY-----\n";
    }

    /** A number as exactly 32 bytes: without BigInteger's sign byte, with the zeros it leaves out. */
    private static byte[] fixed(byte[] number) {
        byte[] bytes = new byte[COORDINATE];
        int n = Math.min(number.length, COORDINATE);
        System.arraycopy(number, number.length - n, bytes, COORDINATE - n, n);
        return bytes;
    }
}

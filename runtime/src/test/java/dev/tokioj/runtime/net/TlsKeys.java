package dev.tokioj.runtime.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A key with a certificate for {@code localhost}, made by the JDK's keytool: a test's own, for one run. */
final class TlsKeys {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final KeyStore store;

    private TlsKeys(KeyStore store) {
        this.store = store;
    }

    static TlsKeys make(Path dir) throws Exception {
        Path file = dir.resolve("keys.p12");
        run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "localhost",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return new TlsKeys(store);
    }

    static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command + ": " + said);
        }
        return said;
    }

    /** Has the key, and trusts its certificate. */
    SSLContext context() throws Exception {
        return context(question -> {});
    }

    /** As {@link #context()}, and says what its managers are asked, in the thread that asks. */
    SSLContext context(Consumer<String> asked) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                new KeyManager[] {new AskingManagers.Keys((X509ExtendedKeyManager) keys.getKeyManagers()[0], asked)},
                new TrustManager[] {
                    new AskingManagers.Trust((X509ExtendedTrustManager) trust.getTrustManagers()[0], asked)
                },
                null);
        return context;
    }

    /** The key and the certificate as openssl reads them. */
    Path pem(Path dir) throws Exception {
        Path file = dir.resolve("both.pem");
        java.util.Base64.Encoder encoder =
                java.util.Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
        String key = encoder.encodeToString(store.getKey("localhost", PASSWORD).getEncoded());
        String certificate =
                encoder.encodeToString(store.getCertificate("localhost").getEncoded());
        Files.writeString(
                file,
                "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n"
                        + certificate + "\n-----END CERTIFICATE-----\n");
        return file;
    }
}

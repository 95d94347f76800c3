package dev.tokioj.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Bouncy Castle, which makes certificates: its jars are in a directory of their own, and a class loader of its own reads them
 * while a certificate is made. On the class path they would cost every start: the JDK's search for security providers opens
 * them.
 */
final class CertificateLibrary {
    /** By name: loaded here it would not find its library. */
    private static final String MAKER = "dev.tokioj.cli.development.LocalhostCertificate";

    private static final String DIRECTORY = "lib/dev";

    private CertificateLibrary() {}

    /** A certificate and its private key, each the text of a PEM file. */
    record Pem(String certificate, String key) {}

    /**
     * A new P-256 key and a certificate for {@code localhost}, signed by itself.
     *
     * @throws IOException when the library's jars are not there, or cannot do it
     */
    static Pem make(String name, Instant notBefore, Instant notAfter) throws IOException {
        // Above it is the JDK alone: the command's own classes are read once more from where they are.
        try (PlainJars loader = new PlainJars("certificates", jars(), ClassLoader.getPlatformClassLoader())) {
            Callable<?> maker = (Callable<?>) loader.loadClass(MAKER)
                    .getConstructor(String.class, Instant.class, Instant.class)
                    .newInstance(name, notBefore, notAfter);
            List<?> made = (List<?>) maker.call();
            return new Pem((String) made.get(0), (String) made.get(1));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("Bouncy Castle cannot make a certificate: " + e, e);
        }
    }

    private static List<Path> jars() throws IOException, URISyntaxException {
        Path own = Path.of(CertificateLibrary.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path directory = directory(own);
        List<Path> jars = new ArrayList<>(List.of(own));
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.jar")) {
                found.forEach(jars::add);
            }
        }
        if (jars.size() == 1) {
            throw new IOException(
                    "there is no Bouncy Castle in " + directory
                            + ", where it comes with tokioj, to make a development certificate with; --cert and --key name another");
        }
        return jars;
    }

    /** Beside the jar; when run from the build's classes, where the build puts it. */
    private static Path directory(Path own) {
        return Files.isDirectory(own) ? own.resolveSibling("app").resolve(DIRECTORY) : own.resolveSibling(DIRECTORY);
    }
}

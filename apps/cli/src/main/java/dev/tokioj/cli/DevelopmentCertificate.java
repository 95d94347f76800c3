package dev.tokioj.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

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

    private static final String NAME = "TokioJ development certificate";

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
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot make a development certificate in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static DevelopmentCertificate make(Path certificate, Path key, Instant now)
            throws IOException, GeneralSecurityException {
        // Clocks of guests and hosts differ: it is valid from an hour ago.
        CertificateLibrary.Pem made = CertificateLibrary.make(NAME, now.minus(Duration.ofHours(1)), now.plus(LIFETIME));
        // The key first: a certificate without its key would be taken for whole by the next start.
        writeAtomically(key, made.key(), "rw-------");
        writeAtomically(certificate, made.certificate(), "rw-r--r--");
        return of(certificate, key, true, read(certificate));
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
}

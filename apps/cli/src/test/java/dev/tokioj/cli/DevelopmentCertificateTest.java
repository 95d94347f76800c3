package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.tls.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DevelopmentCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    @TempDir
    Path temporary;

    @Test
    void isKeptUntilItIsAboutToEnd() throws IOException {
        Path directory = temporary.resolve("cache/tokioj");
        DevelopmentCertificate first = DevelopmentCertificate.in(directory, NOW);
        assertTrue(first.fresh());
        DevelopmentCertificate second = DevelopmentCertificate.in(directory, NOW.plus(Duration.ofDays(11)));
        assertFalse(second.fresh());
        assertEquals(first.spkiHash(), second.spkiHash());
        DevelopmentCertificate third = DevelopmentCertificate.in(
                directory, NOW.plus(Duration.ofDays(12).plusHours(1)));
        assertTrue(third.fresh());
        assertNotEquals(first.spkiHash(), third.spkiHash());
        assertEquals(third.spkiHash(), DevelopmentCertificate.spkiHashOf(third.certificate()));
    }

    @Test
    void theKeyIsReadableByItsOwnerAlone() throws IOException {
        DevelopmentCertificate made = DevelopmentCertificate.in(temporary.resolve("c"), NOW);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made.key())));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("c"))));
    }

    @Test
    void isWhatAServerOnThisMachineNeeds() throws Exception {
        DevelopmentCertificate made = DevelopmentCertificate.in(temporary.resolve("made"), NOW);
        Identity identity = Identity.pem(made.certificate(), made.key());
        X509Certificate certificate = identity.chain().getFirst();
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(NOW));
        assertEquals(3, certificate.getVersion());
        assertEquals(
                "CN=TokioJ development certificate",
                certificate.getSubjectX500Principal().getName());
        assertEquals(certificate.getSubjectX500Principal(), certificate.getIssuerX500Principal());
        assertEquals(made.notAfter(), certificate.getNotAfter().toInstant());
        assertEquals(-1, certificate.getBasicConstraints());
        assertTrue(certificate.getKeyUsage()[0]);
        assertEquals(List.of("1.3.6.1.5.5.7.3.1"), certificate.getExtendedKeyUsage());
        assertEquals(
                List.of(List.of(2, "localhost"), List.of(7, "127.0.0.1"), List.of(7, "0:0:0:0:0:0:0:1")),
                List.copyOf(certificate.getSubjectAlternativeNames()));
    }
}

package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
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
}

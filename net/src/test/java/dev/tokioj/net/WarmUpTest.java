package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.tls.InsecureTrustAnyCertificate;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    /** One that is refused early would leave the rest of the check cold, and nobody would notice. */
    @Test
    void itsCertificateIsAccepted() {
        assertDoesNotThrow(WarmUp::checkOne);
    }

    @Test
    void onlyTheJdksOwnCheckIsWarmedUp() {
        assertTrue(new Trust.SystemDefault().isCheckedByTheJdk());
        assertTrue(new Trust.PemFile(Path.of("ca.pem")).isCheckedByTheJdk());
        assertTrue(new Trust.Authorities(List.of()).isCheckedByTheJdk());
        assertFalse(new Trust.Custom(new InsecureTrustAnyCertificate()).isCheckedByTheJdk());
        assertFalse(new Trust.InsecureAnyCertificate().isCheckedByTheJdk());
    }
}

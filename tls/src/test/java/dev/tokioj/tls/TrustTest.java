package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

/** Whom a client trusts: chain, dates and host name, by the JDK's trust managers. */
class TrustTest {
    private static final TestCertificates.KeyType TYPE = TestCertificates.KeyType.P256;
    private static final TestCertificates ROOT = TestCertificates.authority("root", TYPE);
    private static final TestCertificates STRANGER = TestCertificates.authority("stranger", TYPE);
    private static final InstantSource CLOCK = () -> TestCertificates.NOW;
    private static final Duration DAY = Duration.ofDays(1);

    private static CertificateVerifier trusting(TestCertificates authority) {
        return CertificateVerifier.trusting(List.of(authority.certificate()), CLOCK);
    }

    private static Pair pair(CertificateVerifier verifier, String name, Identity identity) {
        TlsClientConfig client = TlsClientConfig.builder(List.of("h3"), verifier, new SeededRandom(1))
                .build();
        return new Pair(
                client, name, Parties.server(IdentitySelector.of(identity)).build());
    }

    private static void accepts(CertificateVerifier verifier, String name, Identity identity) {
        assertNull(pair(verifier, name, identity).run(), name);
    }

    private static void refuses(TlsAlert alert, CertificateVerifier verifier, String name, Identity identity) {
        Parties.assertRefused(Pair.Side.CLIENT, alert, pair(verifier, name, identity), name);
    }

    @Test
    void hostNamesMustMatch() {
        Identity identity = ROOT.issue(TYPE, "example.org", "*.wild.example");
        CertificateVerifier verifier = trusting(ROOT);
        for (String name : List.of("example.org", "EXAMPLE.org", "example.org.", "a.wild.example")) {
            accepts(verifier, name, identity);
        }
        for (String name : List.of(
                "www.example.org", "example.com", "a.b.wild.example", "wild.example", "192.0.2.1", "2001:db8::1")) {
            refuses(TlsAlert.BAD_CERTIFICATE, verifier, name, identity);
        }
    }

    @Test
    void addressesMustMatch() {
        Identity identity = ROOT.issue(TYPE, "192.0.2.1", "2001:db8::1");
        CertificateVerifier verifier = trusting(ROOT);
        for (String name : List.of("192.0.2.1", "2001:db8::1", "[2001:db8::1]", "2001:DB8:0::1")) {
            accepts(verifier, name, identity);
        }
        for (String name : List.of("192.0.2.2", "2001:db8::2", "example.org")) {
            refuses(TlsAlert.BAD_CERTIFICATE, verifier, name, identity);
        }
    }

    @Test
    void datesAreCheckedByTheInjectedClock() {
        Instant now = TestCertificates.NOW;
        CertificateVerifier verifier = trusting(ROOT);
        Identity expired = ROOT.issue(TYPE, now.minus(DAY.multipliedBy(9)), now.minus(DAY), "example.org");
        refuses(TlsAlert.CERTIFICATE_EXPIRED, verifier, "example.org", expired);
        Identity future = ROOT.issue(TYPE, now.plus(DAY), now.plus(DAY.multipliedBy(9)), "example.org");
        refuses(TlsAlert.CERTIFICATE_EXPIRED, verifier, "example.org", future);
        Instant[] time = {now};
        CertificateVerifier moving = CertificateVerifier.trusting(List.of(ROOT.certificate()), () -> time[0]);
        Identity identity = ROOT.issue(TYPE, now.minus(DAY), now.plus(DAY), "example.org");
        accepts(moving, "example.org", identity);
        time[0] = now.plus(DAY.multipliedBy(2));
        refuses(TlsAlert.CERTIFICATE_EXPIRED, moving, "example.org", identity);
    }

    @Test
    void chainsMustEndAtATrustedAuthority() {
        refuses(TlsAlert.UNKNOWN_CA, trusting(ROOT), "example.org", STRANGER.issue(TYPE, "example.org"));
        TestCertificates impostor = TestCertificates.authority("root", TYPE);
        refuses(TlsAlert.BAD_CERTIFICATE, trusting(ROOT), "example.org", impostor.issue(TYPE, "example.org"));
        TestCertificates middle = ROOT.intermediate("middle", TYPE);
        Identity whole = middle.issue(TYPE, "example.org");
        accepts(trusting(ROOT), "example.org", whole);
        Identity cut = new Identity(whole.key(), whole.chain().subList(0, 1));
        refuses(TlsAlert.UNKNOWN_CA, trusting(ROOT), "example.org", cut);
    }

    @Test
    void authoritiesMaySignWithAnyKeyType() {
        for (TestCertificates.KeyType type : TestCertificates.KeyType.values()) {
            TestCertificates authority = TestCertificates.authority("root", type);
            TestCertificates middle = authority.intermediate("middle", type);
            accepts(trusting(authority), "example.org", middle.issue(TYPE, "example.org"));
        }
    }

    @Test
    void aServerCannotActAsAnAuthority() {
        Identity server = ROOT.issue(TYPE, "victim.example");
        TestCertificates forger = ROOT.intermediate("middle", TYPE);
        Identity forged = forger.issue(TYPE, "example.org");
        // The chain claims that the server's certificate has signed the next: the names do not fit, nor may it sign.
        Identity chained = new Identity(
                forged.key(), List.of(forged.chain().getFirst(), server.chain().getFirst()));
        refuses(TlsAlert.UNKNOWN_CA, trusting(ROOT), "example.org", chained);
    }

    @Test
    void theWholeChainIsForTheTrustedServerItself() {
        Identity identity = STRANGER.issue(TYPE, "example.org");
        CertificateVerifier pinned =
                CertificateVerifier.trusting(List.of(identity.chain().getFirst()), CLOCK);
        accepts(pinned, "example.org", identity);
        refuses(TlsAlert.BAD_CERTIFICATE, pinned, "other.example", identity);
    }

    @Test
    void aTrustManagerOfTheCallersIsAsked() throws GeneralSecurityException, java.io.IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        TestCertificates current = TestCertificates.authority("now", TYPE);
        store.setCertificateEntry("root", current.certificate());
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        CertificateVerifier verifier =
                new TrustManagerVerifier((X509ExtendedTrustManager) factory.getTrustManagers()[0]);
        refuses(TlsAlert.UNKNOWN_CA, verifier, "example.org", STRANGER.issue(TYPE, "example.org"));
    }

    @Test
    void theSystemsAuthoritiesDoNotKnowOurs() throws GeneralSecurityException {
        refuses(TlsAlert.UNKNOWN_CA, CertificateVerifier.system(), "example.org", STRANGER.issue(TYPE, "example.org"));
    }

    @Test
    void insecureTrustStillWantsTheKey() {
        Identity identity = STRANGER.issue(TYPE, "other.example");
        accepts(new InsecureTrustAnyCertificate(), "example.org", identity);
        Identity thief = new Identity(ROOT.issue(TYPE, "other.example").key(), identity.chain());
        refuses(TlsAlert.DECRYPT_ERROR, new InsecureTrustAnyCertificate(), "example.org", thief);
    }

    @Test
    void aVerifierThatBreaksIsAnInternalError() {
        CertificateVerifier broken = (chain, authType, serverName) -> {
            throw new IllegalStateException("no database");
        };
        Pair pair = pair(broken, "example.org", ROOT.issue(TYPE, "example.org"));
        Pair.Failure failure = pair.run();
        assertNotNull(failure);
        assertEquals(TlsAlert.INTERNAL_ERROR, failure.alert());
        assertEquals(
                "no database",
                assertNotNullAndGet(failure.exception().getCause()).getMessage());
    }

    private static Throwable assertNotNullAndGet(@org.jspecify.annotations.Nullable Throwable cause) {
        assertNotNull(cause);
        return cause;
    }

    @Test
    void revocationHasItsAlert() {
        CertificateException refusal = new CertificateException(
                "no",
                new CertPathValidatorException(
                        "revoked", null, null, -1, CertPathValidatorException.BasicReason.REVOKED));
        assertEquals(TlsAlert.CERTIFICATE_REVOKED, CertificateAuth.alertFor(refusal));
        assertEquals(TlsAlert.BAD_CERTIFICATE, CertificateAuth.alertFor(new CertificateException("the name")));
    }

    @Test
    void namesThatAreNeitherHostsNorAddressesAreRefusedAtOnce() {
        CertificateVerifier verifier = trusting(ROOT);
        for (String name : List.of("", ".", "a..b", "-\u0000", "x y", "a".repeat(64) + ".org")) {
            TlsClientConfig client = TlsClientConfig.builder(List.of("h3"), verifier, new SeededRandom(1))
                    .build();
            assertThrows(IllegalArgumentException.class, () -> TlsEngine.client(client, name, new byte[0]), name);
        }
        assertEquals(
                "xn--bcher-kva.example", ServerName.of("B\u00fccher.example").name());
        assertDoesNotThrow(() -> ServerName.of("_dns.resolver.arpa"));
        List<X509Certificate> none = List.of();
        assertThrows(IllegalArgumentException.class, () -> CertificateVerifier.trusting(none, CLOCK));
    }
}

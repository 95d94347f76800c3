package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;

/** A client and a server that would agree, for tests in which something is wrong. Small groups, to be quick. */
final class Parties {
    static final TestCertificates CA = TestCertificates.authority("root", TestCertificates.KeyType.ED25519);
    static final Identity IDENTITY = CA.issue(TestCertificates.KeyType.ED25519, "example.org");
    static final CertificateVerifier VERIFIER =
            CertificateVerifier.trusting(List.of(CA.certificate()), () -> TestCertificates.NOW);

    private static final List<NamedGroup> GROUPS = List.of(NamedGroup.X25519, NamedGroup.SECP256R1);

    private Parties() {}

    static TlsClientConfig.Builder client() {
        return TlsClientConfig.builder(List.of("h3", "echo"), VERIFIER, new SeededRandom(1))
                .groups(GROUPS)
                .keyShares(1);
    }

    static TlsServerConfig.Builder server() {
        return server(IdentitySelector.of(IDENTITY));
    }

    static TlsServerConfig.Builder server(IdentitySelector identities) {
        return TlsServerConfig.builder(List.of("h3"), identities, new SeededRandom(2))
                .groups(GROUPS);
    }

    static Pair pair() {
        return new Pair(client().build(), "example.org", server().build());
    }

    /** A pair in which the server asks for another key share. */
    static Pair retryingPair() {
        return new Pair(
                client().build(),
                "example.org",
                server().groups(List.of(NamedGroup.SECP256R1)).build());
    }

    static void assertRefused(Pair.Side by, TlsAlert alert, Pair pair, String what) {
        assertRefused(by, alert, 0x100 + alert.code(), pair, what);
    }

    static void assertRefused(Pair.Side by, TlsAlert alert, long quicErrorCode, Pair pair, String what) {
        Pair.Failure failure = pair.run();
        assertNotNull(failure, what + ": nobody refused");
        assertEquals(by + " " + alert, failure.side() + " " + failure.alert(), what + ": " + failure);
        assertEquals(quicErrorCode, failure.exception().quicErrorCode(), what);
        TlsEngine engine = by == Pair.Side.CLIENT ? pair.client : pair.server;
        assertFalse(engine.isComplete(), what);
    }
}

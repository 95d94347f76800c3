package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The optional providers' jars are there for these tests alone; each test of one is skipped, and says so, where its native library does not load. */
class CryptoProviderTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    private static CryptoProvider provider(String name) {
        try {
            return CryptoProvider.named(name, RANDOM);
        } catch (IllegalArgumentException e) {
            return Assumptions.abort("skipped: " + e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "accp, SECP256R1, P256",
        "accp, X25519, P256",
        "accp, SECP384R1, P384",
        "accp, X25519, RSA",
        "accp, X25519, ED25519",
        "accp, X25519MLKEM768, P256",
        "conscrypt, SECP256R1, P256",
        "conscrypt, X25519, P256",
        "conscrypt, SECP384R1, P384",
        "conscrypt, X25519, RSA",
        "conscrypt, X25519, ED25519",
        "conscrypt, X25519MLKEM768, P256",
    })
    void bothSidesShakeHandsWithEachOtherAndWithTheJdk(String name, NamedGroup group, TestCertificates.KeyType key) {
        CryptoProvider other = provider(name);
        assertAgree(other, other, group, key);
        assertAgree(other, CryptoProvider.JDK, group, key);
        assertAgree(CryptoProvider.JDK, other, group, key);
    }

    private static void assertAgree(
            CryptoProvider client, CryptoProvider server, NamedGroup group, TestCertificates.KeyType key) {
        TestCertificates authority = TestCertificates.authority("root", key);
        Identity identity = authority.issue(key, "example.org");
        Pair pair = new Pair(
                TlsClientConfig.builder(
                                List.of("h3"),
                                CertificateVerifier.trusting(
                                        List.of(authority.certificate()), () -> TestCertificates.NOW),
                                RANDOM)
                        .groups(List.of(group))
                        .cryptoProvider(client)
                        .build(),
                "example.org",
                TlsServerConfig.builder(List.of("h3"), IdentitySelector.of(identity), RANDOM)
                        .groups(List.of(group))
                        .cryptoProvider(server)
                        .build());
        assertNull(pair.run(), client + " to " + server);
        assertTrue(pair.client.isComplete() && pair.server.isComplete(), client + " to " + server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"accp", "conscrypt"})
    void refusesTheSharesThatTheJdkRefuses(String name) throws TlsAlertException {
        CryptoProvider other = provider(name);
        for (NamedGroup group : List.of(NamedGroup.SECP256R1, NamedGroup.SECP384R1)) {
            byte[] off = KeyExchange.generate(group, CryptoProvider.JDK, RANDOM).share();
            off[off.length - 1] ^= 1;
            assertIllegal(other, group, off, group + " off the curve");
        }
        assertIllegal(other, NamedGroup.X25519, new byte[32], "a point of order 1");
        byte[] one = new byte[32];
        one[0] = 1;
        assertIllegal(other, NamedGroup.X25519, one, "a point of order 4");
        assertIllegal(other, NamedGroup.X25519, new byte[31], "too short");
    }

    private static void assertIllegal(CryptoProvider crypto, NamedGroup group, byte[] share, String what) {
        TlsAlertException e = assertThrows(
                TlsAlertException.class, () -> KeyExchange.answer(group, share, crypto, RANDOM), crypto + ": " + what);
        assertEquals(TlsAlert.ILLEGAL_PARAMETER, e.alert(), crypto + ": " + what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"accp", "conscrypt"})
    void refusesAChangedSignatureWhateverItsForm(String name) throws TlsAlertException {
        CryptoProvider other = provider(name);
        Identity identity = TestCertificates.authority("root", TestCertificates.KeyType.P256)
                .issue(TestCertificates.KeyType.P256, "example.org");
        byte[] hash = new byte[32];
        SignatureScheme scheme = SignatureScheme.ECDSA_SECP256R1_SHA256;
        byte[] signature = CertificateAuth.sign(other, identity.key(), scheme, hash, RANDOM);
        var key = identity.chain().getFirst().getPublicKey();
        CertificateAuth.verify(other, key, new HandshakeMessage.CertificateVerify(scheme.id(), signature), hash);
        for (int i = 0; i < signature.length; i++) {
            byte[] changed = signature.clone();
            changed[i] ^= 1;
            var proof = new HandshakeMessage.CertificateVerify(scheme.id(), changed);
            TlsAlertException e = assertThrows(
                    TlsAlertException.class, () -> CertificateAuth.verify(other, key, proof, hash), "byte " + i);
            assertEquals(TlsAlert.DECRYPT_ERROR, e.alert(), "byte " + i);
        }
    }

    @Test
    void translatesKeysOnceAndLeavesThoseItCannotTake() {
        CryptoProvider accp = provider("accp");
        PrivateKey key = TestCertificates.authority("root", TestCertificates.KeyType.P256)
                .issue(TestCertificates.KeyType.P256, "example.org")
                .key();
        assertNotSame(key, accp.translated(key));
        assertSame(key, CryptoProvider.JDK.translated(key));
        PrivateKey opaque = new PrivateKey() {
            @Override
            public String getAlgorithm() {
                return "EC";
            }

            @Override
            public String getFormat() {
                return "none";
            }

            @Override
            public byte[] getEncoded() {
                return new byte[0];
            }
        };
        assertSame(opaque, accp.translated(opaque), "a key that lives elsewhere");
    }

    @ParameterizedTest
    @CsvSource({"accp, P256", "accp, P384", "accp, RSA", "conscrypt, P256", "conscrypt, P384", "conscrypt, RSA"})
    void checksTheSignaturesOfAChain(String name, TestCertificates.KeyType key) throws Exception {
        CryptoProvider other = provider(name);
        TestCertificates authority = TestCertificates.authority("root", key);
        X509Certificate root = authority.certificate();
        X509Certificate leaf = authority.issue(key, "example.org").chain().getFirst();
        X509Certificate stranger = TestCertificates.authority("root", key)
                .issue(key, "example.org")
                .chain()
                .getFirst();
        assertTrue(other.verifiesSignaturesIn(List.of(leaf)), leaf.getSigAlgName());
        for (boolean trusted : new boolean[] {true, false}) {
            X509Certificate each = trusted ? leaf : stranger;
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(TestCertificates.NOW));
            parameters.setSigProvider(other.installed());
            CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(each));
            CertPathValidator validator = CertPathValidator.getInstance("PKIX");
            if (trusted) {
                validator.validate(path, parameters);
            } else {
                assertThrows(CertPathValidatorException.class, () -> validator.validate(path, parameters));
            }
        }
    }

    @Test
    void aVerifierWithAProviderStillRefusesWhomItDoesNotTrust() throws Exception {
        CryptoProvider other = provider("accp");
        TestCertificates authority = TestCertificates.authority("root", TestCertificates.KeyType.P256);
        CertificateVerifier verifier = CertificateVerifier.trusting(List.of(authority.certificate()), other);
        List<X509Certificate> stranger = TestCertificates.authority("root", TestCertificates.KeyType.P256)
                .issue(TestCertificates.KeyType.P256, "example.org")
                .chain();
        assertThrows(CertificateException.class, () -> verifier.verify(stranger, "UNKNOWN", "example.org"));
        List<X509Certificate> own =
                authority.issue(TestCertificates.KeyType.P256, "example.org").chain();
        assertThrows(CertificateException.class, () -> verifier.verify(own, "UNKNOWN", "example.com"));
    }

    @Test
    void saysWhatEachProviderDoes() {
        assertEquals("JDK", CryptoProvider.JDK.toString());
        assertEquals(
                "AmazonCorrettoCryptoProvider (P-256, P-384, ECDSA, RSA-PSS, Ed25519), else JDK",
                provider("accp").toString());
        assertTrue(provider("CONSCRYPT").toString().startsWith("Conscrypt (X25519, P-256, P-384, "));
    }

    @Test
    void aProviderThatIsInstalledIsFoundByItsName() {
        assertEquals(
                "SunEC (X25519, P-256, P-384, ECDSA, Ed25519), else JDK",
                CryptoProvider.named("sunec", RANDOM).toString());
    }

    @Test
    void aMissingJarIsNamedAndAnUnknownNameIsExplained() {
        ClassLoader bare = ClassLoader.getPlatformClassLoader();
        String message = assertThrows(IllegalArgumentException.class, () -> CryptoProvider.named("accp", bare, RANDOM))
                .getMessage();
        assertTrue(String.valueOf(message).contains("software.amazon.cryptools:AmazonCorrettoCryptoProvider"), message);
        message = assertThrows(IllegalArgumentException.class, () -> CryptoProvider.named("bogus", RANDOM))
                .getMessage();
        assertTrue(
                String.valueOf(message).contains("'bogus'")
                        && String.valueOf(message).contains("conscrypt"),
                message);
    }

    @Test
    void aProviderWithoutAnythingOfUseIsRefused() {
        Provider empty = new Provider("Empty", "1", "nothing") {
            private static final long serialVersionUID = 1L;
        };
        String message = assertThrows(IllegalArgumentException.class, () -> CryptoProvider.of(empty, RANDOM))
                .getMessage();
        assertTrue(String.valueOf(message).contains("Empty"), message);
    }
}

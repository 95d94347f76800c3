package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Identities from files, and which one a server shows. */
class IdentityTest {
    private static final TestCertificates CA = TestCertificates.authority("root", TestCertificates.KeyType.P256);
    private static final CertificateVerifier VERIFIER =
            CertificateVerifier.trusting(List.of(CA.certificate()), () -> TestCertificates.NOW);

    @TempDir
    Path dir = Path.of("");

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    private static String pem(List<X509Certificate> chain) throws CertificateEncodingException {
        StringBuilder all = new StringBuilder("some text before\n");
        for (X509Certificate certificate : chain) {
            all.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return all.toString();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    private void assertServes(Path chain, Path key, String what) throws IOException, GeneralSecurityException {
        Identity identity = Identity.pem(chain, key);
        TlsClientConfig client = TlsClientConfig.builder(List.of("h3"), VERIFIER, new SeededRandom(3))
                .build();
        Pair pair = new Pair(
                client,
                "example.org",
                Parties.server(IdentitySelector.of(identity)).build());
        assertNull(pair.run(), what);
    }

    @Test
    void readsEveryKeyTypeAndForm() throws Exception {
        TestCertificates middle = CA.intermediate("middle", TestCertificates.KeyType.P384);
        for (TestCertificates.KeyType type : TestCertificates.KeyType.values()) {
            Identity identity = middle.issue(type, "example.org");
            Path chain = file(type + ".crt", pem(identity.chain()));
            byte[] pkcs8 = identity.key().getEncoded();
            assertServes(chain, file(type + ".p8", pem("PRIVATE KEY", pkcs8)), type + " PKCS#8");
            ASN1Object inner = (ASN1Object) PrivateKeyInfo.getInstance(pkcs8).parsePrivateKey();
            switch (type) {
                case RSA -> assertServes(chain, file("rsa.p1", pem("RSA PRIVATE KEY", inner.getEncoded())), "PKCS#1");
                case P256, P384 -> {
                    byte[] bare = new ECPrivateKey(
                                    type == TestCertificates.KeyType.P256 ? 256 : 384,
                                    ECPrivateKey.getInstance(inner).getKey())
                            .getEncoded();
                    String parameters = pem("EC PARAMETERS", new byte[] {6, 1, 0});
                    assertServes(chain, file(type + ".sec1", parameters + pem("EC PRIVATE KEY", bare)), type + " SEC1");
                }
                case ED25519 -> {}
            }
            Path both = file(type + ".pem", pem("PRIVATE KEY", pkcs8) + pem(identity.chain()));
            assertServes(both, both, type + " in one file");
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        Identity identity = CA.issue(TestCertificates.KeyType.P256, "example.org");
        Identity other = CA.issue(TestCertificates.KeyType.P256, "example.org");
        Path chain = file("c.crt", pem(identity.chain()));
        Path key = file("k.p8", pem("PRIVATE KEY", identity.key().getEncoded()));
        assertReason("no certificate", key, key);
        assertReason("no private key", chain, chain);
        assertReason(
                "not the certificate's",
                chain,
                file("o.p8", pem("PRIVATE KEY", other.key().getEncoded())));
        assertReason("encrypted", chain, file("e.p8", pem("ENCRYPTED PRIVATE KEY", new byte[40])));
        assertReason(
                "encrypted",
                chain,
                file("e.pem", pem("EC PRIVATE KEY", new byte[40]).replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\n\n")));
        assertReason("base64", chain, file("b.p8", "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n"));
        assertThrows(
                GeneralSecurityException.class,
                () -> Identity.pem(chain, file("x.p8", pem("PRIVATE KEY", new byte[40]))));
        assertThrows(IOException.class, () -> Identity.pem(chain, dir.resolve("absent")));
        assertFalse(identity.toString().contains("PrivateKey"), identity.toString());
    }

    private static void assertReason(String part, Path chain, Path key) {
        GeneralSecurityException e = assertThrows(GeneralSecurityException.class, () -> Identity.pem(chain, key), part);
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.toString());
    }

    @Test
    void refusesKeysThatNoHandshakeCanUse() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(1024);
        KeyPairGenerator p521 = KeyPairGenerator.getInstance("EC");
        p521.initialize(new ECGenParameterSpec("secp521r1"));
        for (KeyPair key : List.of(
                rsa.generateKeyPair(),
                p521.generateKeyPair(),
                KeyPairGenerator.getInstance("Ed448").generateKeyPair())) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> CA.issue(key, TestCertificates.NOW, TestCertificates.NOW.plusSeconds(9), "example.org"),
                    key.getPublic().getAlgorithm());
            assertFalse(String.valueOf(e.getMessage()).contains("certificate"), e.toString());
        }
        PrivateKey key = CA.issue(TestCertificates.KeyType.P256, "example.org").key();
        assertThrows(IllegalArgumentException.class, () -> new Identity(key, List.of()), "no certificate");
    }

    @Test
    void selectsByExactNameThenWildcardThenDefault() {
        Identity exact = CA.issue(TestCertificates.KeyType.ED25519, "a.example.org");
        Identity wild = CA.issue(TestCertificates.KeyType.ED25519, "*.example.org");
        Identity fallback = CA.issue(TestCertificates.KeyType.ED25519, "example.net");
        IdentitySelector selector = IdentitySelector.builder()
                .add(exact)
                .add("*.Example.org", wild)
                .byDefault(fallback)
                .build();
        assertChoice(exact, true, selector, "A.example.org");
        assertChoice(wild, true, selector, "b.example.org");
        assertChoice(fallback, false, selector, "a.b.example.org");
        assertChoice(fallback, false, selector, "example.org");
        assertChoice(fallback, false, selector, "org");
        assertChoice(fallback, false, selector, null);
        IdentitySelector strict = IdentitySelector.builder().add(exact).build();
        assertTrue(strict.choose("b.example.org").identities().isEmpty());
        assertTrue(strict.choose(null).identities().isEmpty());
        assertThrows(
                IllegalArgumentException.class, () -> IdentitySelector.builder().build());
        assertThrows(
                IllegalArgumentException.class, () -> IdentitySelector.builder().add("*.*.example.org", wild));
    }

    private static void assertChoice(
            Identity expected, boolean matched, IdentitySelector selector, @Nullable String name) {
        IdentitySelector.Choice choice = selector.choose(name);
        assertEquals(List.of(expected), choice.identities(), name);
        assertEquals(matched, choice.nameMatched(), name);
    }

    @Test
    void showsAnIdentityThatTheClientCanVerify() {
        Identity rsa = CA.issue(TestCertificates.KeyType.RSA, "example.org");
        Identity ecdsa = CA.issue(TestCertificates.KeyType.P256, "example.org");
        IdentitySelector both = IdentitySelector.builder().add(rsa).add(ecdsa).build();
        for (int scheme : new int[] {0x0403, 0x0804, 0x0805, 0x0806}) {
            TlsEngine client = TlsEngine.client(Parties.client().build(), "example.org", new byte[0]);
            TlsEngine server = TlsEngine.server(Parties.server(both).build(), new byte[0]);
            Pair pair = new Pair(client, server);
            byte[][] certificate = {new byte[0]};
            pair.path = (from, level, message) -> {
                if (message[0] == 1) {
                    byte[] limited = Edits.setting(
                                    ExtensionType.SIGNATURE_ALGORITHMS, ExtensionCodec.codePoints(0x0a0a, scheme))
                            .apply(message);
                    return List.of(limited);
                }
                if (message[0] == 11) {
                    certificate[0] = message;
                }
                return List.of(message);
            };
            assertNotNull(pair.run(), "the client's transcript has another ClientHello");
            HandshakeMessage.Certificate shown = (HandshakeMessage.Certificate) Edits.decode(certificate[0]);
            Identity expected = scheme == 0x0403 ? ecdsa : rsa;
            try {
                assertEquals(expected.chain(), CertificateAuth.parse(shown.entries()), Integer.toHexString(scheme));
            } catch (TlsAlertException e) {
                throw new AssertionError(e);
            }
        }
    }
}

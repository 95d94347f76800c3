package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Our client against the JDK's TLS server, which somebody else has written: it takes our ClientHellos, and its flight
 * opens and verifies with our keys. There it must end, for that server knows no QUIC transport parameters.
 */
class JsseServerTest {
    private static final TestCertificates CA = TestCertificates.authority("root", TestCertificates.KeyType.P256);
    private static final char[] PASSWORD = "secret".toCharArray();

    private final Transcript transcript = new Transcript();
    private byte @Nullable [] readSecret;

    @Test
    void agreesOnSecretsForEverySuiteGroupAndCertificate() throws Exception {
        for (NamedGroup group : List.of(NamedGroup.X25519, NamedGroup.SECP256R1, NamedGroup.SECP384R1)) {
            for (CipherSuite suite : CipherSuite.values()) {
                new JsseServerTest().check(TestCertificates.KeyType.P256, suite, List.of(group), group);
            }
        }
        for (TestCertificates.KeyType type : TestCertificates.KeyType.values()) {
            new JsseServerTest()
                    .check(type, CipherSuite.TLS_AES_128_GCM_SHA256, List.of(NamedGroup.X25519), NamedGroup.X25519);
        }
    }

    @Test
    void agreesOnSecretsAfterARetry() throws Exception {
        for (CipherSuite suite : CipherSuite.values()) {
            new JsseServerTest()
                    .check(
                            TestCertificates.KeyType.P256,
                            suite,
                            List.of(NamedGroup.X25519MLKEM768, NamedGroup.X25519, NamedGroup.SECP384R1),
                            NamedGroup.SECP384R1);
        }
    }

    private void check(
            TestCertificates.KeyType type, CipherSuite suite, List<NamedGroup> groups, NamedGroup serverGroup)
            throws Exception {
        String what = type + " " + suite + " " + groups;
        Identity identity = CA.issue(type, "example.org");
        SSLEngine jsse = server(identity, suite, serverGroup);
        TlsClientConfig config = TlsClientConfig.builder(List.of("h3"), Parties.VERIFIER, new SeededRandom(1))
                .cipherSuites(List.of(suite))
                .groups(groups)
                .build();
        TlsEngine client = TlsEngine.client(config, "example.org", Pair.CLIENT_PARAMETERS);
        client.start();
        sendClientHello(client, jsse);
        List<byte[]> records = flight(jsse);
        deliver(client, suite, records.removeFirst());
        if (readSecret == null) {
            sendClientHello(client, jsse);
            records.addAll(flight(jsse));
            deliver(client, suite, records.removeFirst());
        }
        byte[] secret = readSecret;
        assertNotNull(secret, what);
        WireWriter all = new WireWriter();
        long number = 0;
        for (byte[] record : records) {
            if (record[0] == 23) { // some servers mix in change_cipher_spec
                byte[] plain = open(suite, secret, number++, record);
                int end = plain.length - 1;
                while (plain[end] == 0) { // padding, RFC 8446 section 5.4
                    end--;
                }
                assertEquals(22, plain[end], what + ": content type");
                all.bytes(Arrays.copyOf(plain, end));
            }
        }
        checkFlight(all.toByteArray(), identity, suite, secret, what);
        byte[] extensions = all.toByteArray();
        TlsAlertException e = assertThrows(
                TlsAlertException.class,
                () -> client.receive(EncryptionLevel.HANDSHAKE, extensions, 0, extensions.length));
        assertEquals(TlsAlert.MISSING_EXTENSION, e.alert(), what);
    }

    private void checkFlight(byte[] flight, Identity identity, CipherSuite suite, byte[] secret, String what)
            throws TlsAlertException {
        MessageBuffer buffer = new MessageBuffer();
        buffer.append(flight, 0, flight.length);
        List<String> types = new ArrayList<>();
        while (buffer.hasMessage()) {
            byte[] encoded = buffer.take();
            HandshakeMessage message = Edits.decode(encoded);
            types.add(HandshakeCodec.type(message).name());
            if (message instanceof HandshakeMessage.Certificate certificate) {
                assertEquals(identity.chain(), CertificateAuth.parse(certificate.entries()), what);
            } else if (message instanceof HandshakeMessage.CertificateVerify proof) {
                CertificateAuth.verify(
                        CryptoProvider.JDK, identity.chain().getFirst().getPublicKey(), proof, transcript.hash());
            } else if (message instanceof HandshakeMessage.Finished finished) {
                HashAlgorithm hash = suite.hash();
                byte[] key = Hkdf.expandLabel(hash, secret, "finished", new byte[0], hash.length());
                assertArrayEquals(Hkdf.hmac(hash, key, transcript.hash()), finished.verifyData(), what);
            }
            transcript.add(encoded);
        }
        assertEquals(List.of("ENCRYPTED_EXTENSIONS", "CERTIFICATE", "CERTIFICATE_VERIFY", "FINISHED"), types, what);
    }

    private void sendClientHello(TlsEngine client, SSLEngine jsse) throws SSLException {
        for (TlsEvent event = client.poll(); event != null; event = client.poll()) {
            if (event instanceof TlsEvent.CryptoData(var level, var data)) {
                transcript.add(data);
                byte[] record =
                        new WireWriter().u8(22).u16(0x0301).opaque16(data).toByteArray();
                jsse.unwrap(ByteBuffer.wrap(record), ByteBuffer.allocate(20_000));
            }
        }
    }

    private void deliver(TlsEngine client, CipherSuite suite, byte[] record) throws TlsAlertException {
        assertEquals(22, record[0]);
        byte[] message = Arrays.copyOfRange(record, 5, record.length);
        transcript.select(suite.hash());
        if (Edits.serverHello(message).isHelloRetryRequest()) {
            transcript.replaceWithMessageHash();
        }
        transcript.add(message);
        client.receive(EncryptionLevel.INITIAL, message, 0, message.length);
        if (!Edits.serverHello(message).isHelloRetryRequest()) {
            for (TlsEvent event = client.poll(); event != null; event = client.poll()) {
                if (event instanceof TlsEvent.ReadSecret(var _, var _, var secret)) {
                    readSecret = secret;
                }
            }
        }
    }

    private static List<byte[]> flight(SSLEngine jsse) throws SSLException {
        List<byte[]> records = new ArrayList<>();
        while (true) {
            SSLEngineResult.HandshakeStatus status = jsse.getHandshakeStatus();
            if (status == SSLEngineResult.HandshakeStatus.NEED_TASK) {
                jsse.getDelegatedTask().run();
            } else if (status == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
                ByteBuffer out = ByteBuffer.allocate(40_000);
                jsse.wrap(ByteBuffer.allocate(0), out);
                out.flip();
                while (out.hasRemaining()) {
                    byte[] record = new byte[5 + (out.getShort(out.position() + 3) & 0xffff)];
                    out.get(record);
                    records.add(record);
                }
            } else {
                return records;
            }
        }
    }

    private static byte[] open(CipherSuite suite, byte[] secret, long number, byte[] record)
            throws GeneralSecurityException {
        byte[] key = Hkdf.expandLabel(suite.hash(), secret, "key", new byte[0], suite.keyLength());
        byte[] iv = Hkdf.expandLabel(suite.hash(), secret, "iv", new byte[0], suite.ivLength());
        for (int i = 0; i < 8; i++) {
            iv[iv.length - 1 - i] ^= (byte) (number >> (8 * i));
        }
        boolean chacha = suite == CipherSuite.TLS_CHACHA20_POLY1305_SHA256;
        Cipher cipher = Cipher.getInstance(chacha ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(key, chacha ? "ChaCha20" : "AES"),
                chacha ? new IvParameterSpec(iv) : new GCMParameterSpec(128, iv));
        cipher.updateAAD(record, 0, 5);
        return cipher.doFinal(record, 5, record.length - 5);
    }

    private static SSLEngine server(Identity identity, CipherSuite suite, NamedGroup group) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", identity.key(), PASSWORD, identity.chain().toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), null, null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        parameters.setCipherSuites(new String[] {suite.name()});
        parameters.setApplicationProtocols(new String[] {"h3"});
        parameters.setNamedGroups(new String[] {group.name().toLowerCase(java.util.Locale.ROOT)});
        engine.setSSLParameters(parameters);
        engine.beginHandshake();
        return engine;
    }
}

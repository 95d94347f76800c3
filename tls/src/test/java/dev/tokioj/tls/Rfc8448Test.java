package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The handshakes of RFC 8448 sections 3 and 5: messages, transcript, key schedule, Finished and CertificateVerify. */
class Rfc8448Test {
    private static final HexFormat HEX = HexFormat.of();
    private static final String X25519_PRIVATE = "302e020100300506032b656e04220420";
    private static final String P256_PRIVATE = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";

    private final Map<String, byte[]> trace = new HashMap<>();

    @Test
    void followsTheSimpleHandshake() throws Exception {
        load("rfc8448-1rtt.txt");
        KeyExchange exchange = exchange(NamedGroup.X25519, "X25519", X25519_PRIVATE, "client ephemeral private key");
        byte[] share = serverShare("ServerHello");
        assertArrayEquals(get("server ephemeral public key"), share);
        byte[] shared = exchange.agree(share);
        assertArrayEquals(get("handshake IKM"), shared);
        Transcript transcript = new Transcript();
        transcript.add(get("ClientHello"));
        transcript.select(HashAlgorithm.SHA256);
        transcript.add(get("ServerHello"));
        followFromServerHello(transcript, shared);
    }

    @Test
    void followsTheHandshakeWithARetry() throws Exception {
        load("rfc8448-retry.txt");
        KeyExchange exchange = exchange(NamedGroup.SECP256R1, "EC", P256_PRIVATE, "client ephemeral private key 2");
        byte[] shared = exchange.agree(serverShare("ServerHello 2"));
        assertArrayEquals(get("handshake IKM"), shared);
        HandshakeMessage.ServerHello retry =
                (HandshakeMessage.ServerHello) decode(HandshakeType.SERVER_HELLO, "ServerHello");
        assertTrue(retry.isHelloRetryRequest());
        assertEquals(
                NamedGroup.SECP256R1.id(),
                ExtensionCodec.readSelected(retry.extensions().require(ExtensionType.KEY_SHARE)));
        byte[] cookie = ExtensionCodec.readCookie(retry.extensions().require(ExtensionType.COOKIE));
        HandshakeMessage.ClientHello second =
                (HandshakeMessage.ClientHello) decode(HandshakeType.CLIENT_HELLO, "ClientHello 2");
        assertArrayEquals(cookie, ExtensionCodec.readCookie(second.extensions().require(ExtensionType.COOKIE)));
        Transcript transcript = new Transcript();
        transcript.add(get("ClientHello"));
        transcript.select(HashAlgorithm.SHA256);
        transcript.replaceWithMessageHash();
        transcript.add(get("ServerHello"));
        transcript.add(get("ClientHello 2"));
        transcript.add(get("ServerHello 2"));
        followFromServerHello(transcript, shared);
    }

    private void followFromServerHello(Transcript transcript, byte[] shared) throws TlsAlertException {
        Map<String, String> logged = new HashMap<>();
        byte[] random = {1, 2, 3};
        KeySchedule schedule = new KeySchedule(
                HashAlgorithm.SHA256,
                (label, clientRandom, secret) -> {
                    assertArrayEquals(random, clientRandom);
                    logged.put(label, HEX.formatHex(secret));
                },
                random);
        assertArrayEquals(get("c hs traffic hash"), transcript.hash());
        KeySchedule.TrafficSecrets handshake = schedule.enterHandshake(shared, transcript.hash());
        assertArrayEquals(get("c hs traffic expanded"), handshake.client());
        assertArrayEquals(get("s hs traffic expanded"), handshake.server());
        assertArrayEquals(new byte[shared.length], shared, "the shared secret is wiped");
        transcript.add(get("EncryptedExtensions"));
        transcript.add(get("Certificate"));
        checkCertificateVerify(transcript);
        transcript.add(get("CertificateVerify"));
        assertArrayEquals(body("server Finished"), schedule.finished(KeySchedule.Side.SERVER, transcript.hash()));
        transcript.add(get("server Finished"));
        assertArrayEquals(get("c ap traffic hash"), transcript.hash());
        KeySchedule.TrafficSecrets application = schedule.enterApplication(transcript.hash());
        assertArrayEquals(get("c ap traffic expanded"), application.client());
        assertArrayEquals(get("s ap traffic expanded"), application.server());
        assertArrayEquals(body("client Finished"), schedule.finished(KeySchedule.Side.CLIENT, transcript.hash()));
        transcript.add(get("client Finished"));
        assertArrayEquals(get("res master hash"), transcript.hash());
        assertEquals(
                Map.of(
                        "CLIENT_HANDSHAKE_TRAFFIC_SECRET", HEX.formatHex(get("c hs traffic expanded")),
                        "SERVER_HANDSHAKE_TRAFFIC_SECRET", HEX.formatHex(get("s hs traffic expanded")),
                        "CLIENT_TRAFFIC_SECRET_0", HEX.formatHex(get("c ap traffic expanded")),
                        "SERVER_TRAFFIC_SECRET_0", HEX.formatHex(get("s ap traffic expanded"))),
                logged);
    }

    private void checkCertificateVerify(Transcript transcript) throws TlsAlertException {
        HandshakeMessage.Certificate certificate =
                (HandshakeMessage.Certificate) decode(HandshakeType.CERTIFICATE, "Certificate");
        List<X509Certificate> chain = CertificateAuth.parse(certificate.entries());
        HandshakeMessage.CertificateVerify proof =
                (HandshakeMessage.CertificateVerify) decode(HandshakeType.CERTIFICATE_VERIFY, "CertificateVerify");
        CertificateAuth.verify(CryptoProvider.JDK, chain.getFirst().getPublicKey(), proof, transcript.hash());
    }

    @Test
    void messagesEncodeToTheBytesTheyCameFrom() throws Exception {
        for (String file : List.of("rfc8448-1rtt.txt", "rfc8448-retry.txt")) {
            load(file);
            int seen = 0;
            for (Map.Entry<String, byte[]> entry : trace.entrySet()) {
                HandshakeType type = HandshakeType.of(entry.getValue()[0] & 0xff);
                String name = entry.getKey().replaceAll("^(client|server) | 2$", "");
                if (type != null && type.name().replace("_", "").equalsIgnoreCase(name)) {
                    assertArrayEquals(
                            entry.getValue(), HandshakeCodec.encode(decode(type, entry.getKey())), entry.getKey());
                    seen++;
                }
            }
            assertEquals(file.contains("retry") ? 9 : 8, seen, "messages of " + file);
        }
    }

    private HandshakeMessage decode(HandshakeType type, String name) throws TlsAlertException {
        return HandshakeCodec.decode(type, get(name), TlsLimits.DEFAULT);
    }

    private byte[] serverShare(String name) throws TlsAlertException {
        HandshakeMessage.ServerHello hello = (HandshakeMessage.ServerHello) decode(HandshakeType.SERVER_HELLO, name);
        return ExtensionCodec.readServerShare(hello.extensions().require(ExtensionType.KEY_SHARE))
                .keyExchange();
    }

    private KeyExchange exchange(NamedGroup group, String algorithm, String prefix, String name)
            throws GeneralSecurityException, TlsAlertException {
        byte[] pkcs8 = HEX.parseHex(prefix + HEX.formatHex(get(name)));
        KeyPair other = KeyExchange.generateCurveKey(group, CryptoProvider.JDK, new SeededRandom(1));
        KeyPair pair = new KeyPair(
                other.getPublic(), KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        return new KeyExchange(CryptoProvider.JDK, group, pair, null);
    }

    private byte[] body(String name) {
        byte[] message = get(name);
        return java.util.Arrays.copyOfRange(message, MessageBuffer.HEADER, message.length);
    }

    private byte[] get(String name) {
        return Objects.requireNonNull(trace.get(name), name);
    }

    private void load(String file) throws IOException {
        trace.clear();
        try (InputStream in = Objects.requireNonNull(Rfc8448Test.class.getResourceAsStream(file), file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                int equals = line.indexOf(" = ");
                trace.put(line.substring(0, equals), HEX.parseHex(line.substring(equals + 3)));
            });
        }
    }
}

package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final TestCertificates CA = TestCertificates.authority("root", TestCertificates.KeyType.P256);
    private static final Map<TestCertificates.KeyType, Identity> IDENTITIES =
            new EnumMap<>(TestCertificates.KeyType.class);
    private static final CertificateVerifier VERIFIER =
            CertificateVerifier.trusting(List.of(CA.certificate()), () -> TestCertificates.NOW);

    static {
        for (TestCertificates.KeyType type : TestCertificates.KeyType.values()) {
            IDENTITIES.put(type, CA.issue(type, "example.org", "127.0.0.1", "::1"));
        }
    }

    private static Identity identity(TestCertificates.KeyType type) {
        return java.util.Objects.requireNonNull(IDENTITIES.get(type));
    }

    private static TlsClientConfig.Builder client(long seed) {
        return TlsClientConfig.builder(List.of("h3", "echo"), VERIFIER, new SeededRandom(seed));
    }

    private static TlsServerConfig.Builder server(long seed, TestCertificates.KeyType type) {
        return TlsServerConfig.builder(
                List.of("echo", "h3"), IdentitySelector.of(identity(type)), new SeededRandom(seed));
    }

    private static void assertAgreed(Pair pair, String what) {
        assertNull(pair.run(), what);
        assertTrue(pair.client.isComplete() && pair.server.isComplete(), what);
        for (EncryptionLevel level : List.of(EncryptionLevel.HANDSHAKE, EncryptionLevel.APPLICATION)) {
            byte[] clientWrites = Pair.secret(pair.clientEvents, false, level);
            byte[] serverWrites = Pair.secret(pair.serverEvents, false, level);
            assertNotNull(clientWrites, what);
            assertNotNull(serverWrites, what);
            assertArrayEquals(clientWrites, Pair.secret(pair.serverEvents, true, level), what);
            assertArrayEquals(serverWrites, Pair.secret(pair.clientEvents, true, level), what);
            assertFalse(java.util.Arrays.equals(clientWrites, serverWrites), what);
        }
    }

    @Test
    void agreesForEverySuiteGroupAndCertificate() {
        for (CipherSuite suite : CipherSuite.values()) {
            for (NamedGroup group : NamedGroup.values()) {
                for (TestCertificates.KeyType type : TestCertificates.KeyType.values()) {
                    String what = suite + " " + group + " " + type;
                    Pair pair = new Pair(
                            client(1)
                                    .cipherSuites(List.of(suite))
                                    .groups(List.of(group))
                                    .build(),
                            "example.org",
                            server(2, type).build());
                    assertAgreed(pair, what);
                    HandshakeResult result = pair.client.result();
                    assertNotNull(result);
                    assertEquals(suite, result.cipherSuite());
                    assertEquals(group, result.group());
                    assertEquals("echo", result.alpn(), "the server's order decides");
                    assertEquals("example.org", result.serverName());
                    assertEquals(identity(type).chain(), result.peerChain());
                    HandshakeResult served = pair.server.result();
                    assertNotNull(served);
                    assertEquals(suite, served.cipherSuite());
                    assertEquals(group, served.group());
                    assertEquals("echo", served.alpn());
                    assertEquals("example.org", served.serverName());
                }
            }
        }
    }

    @Test
    void agreesAfterARetryToEveryGroup() {
        for (NamedGroup group : NamedGroup.values()) {
            List<NamedGroup> clientGroups = new ArrayList<>(List.of(NamedGroup.values()));
            clientGroups.remove(group);
            clientGroups.add(group);
            Pair pair = new Pair(
                    client(3).groups(clientGroups).keyShares(1).build(),
                    "example.org",
                    server(4, TestCertificates.KeyType.P256)
                            .groups(List.of(group))
                            .build());
            assertAgreed(pair, group + " by retry");
            assertEquals(2, count(pair.clientEvents, EncryptionLevel.INITIAL), "ClientHellos");
            HandshakeResult result = pair.client.result();
            assertNotNull(result);
            assertEquals(group, result.group());
        }
    }

    @Test
    void asksForAShareOfAClientThatSendsNone() {
        Pair pair = new Pair(
                client(5).keyShares(0).build(),
                "example.org",
                server(6, TestCertificates.KeyType.P256).build());
        assertAgreed(pair, "no key shares");
        assertEquals(2, count(pair.clientEvents, EncryptionLevel.INITIAL));
    }

    private static int count(List<TlsEvent> events, EncryptionLevel level) {
        int count = 0;
        for (TlsEvent event : events) {
            count += event instanceof TlsEvent.CryptoData(var at, var data) && at == level ? 1 : 0;
        }
        return count;
    }

    @Test
    void survivesEveryFragmentation() {
        int longest = 0;
        for (int fragment = 1; fragment <= Math.max(1, longest) + 1; fragment++) {
            Pair pair = new Pair(
                    client(7).groups(List.of(NamedGroup.X25519)).build(),
                    "example.org",
                    server(8, TestCertificates.KeyType.ED25519).build());
            pair.fragment = fragment;
            assertAgreed(pair, "fragments of " + fragment);
            for (TlsEvent event : pair.serverEvents) {
                if (event instanceof TlsEvent.CryptoData(var level, var data)) {
                    longest = Math.max(longest, data.length);
                }
            }
        }
        assertTrue(longest > 300, "every boundary of the certificate was tried");
    }

    @Test
    void takesAWholeFlightAtOnce() throws TlsAlertException {
        TlsEngine client = TlsEngine.client(client(9).build(), "example.org", Pair.CLIENT_PARAMETERS);
        TlsEngine server =
                TlsEngine.server(server(10, TestCertificates.KeyType.P256).build(), Pair.SERVER_PARAMETERS);
        client.start();
        byte[] hello = data(drain(client), EncryptionLevel.INITIAL);
        server.receive(EncryptionLevel.INITIAL, hello, 0, hello.length);
        List<TlsEvent> answer = drain(server);
        byte[] initial = data(answer, EncryptionLevel.INITIAL);
        byte[] handshake = data(answer, EncryptionLevel.HANDSHAKE);
        client.receive(EncryptionLevel.INITIAL, initial, 0, initial.length);
        client.receive(EncryptionLevel.HANDSHAKE, handshake, 0, handshake.length);
        byte[] finished = data(drain(client), EncryptionLevel.HANDSHAKE);
        server.receive(EncryptionLevel.HANDSHAKE, finished, 0, finished.length);
        assertTrue(client.isComplete());
        assertTrue(server.isComplete());
    }

    private static List<TlsEvent> drain(TlsEngine engine) throws TlsAlertException {
        List<TlsEvent> events = new ArrayList<>();
        for (TlsEvent event = engine.poll(); event != null; event = engine.poll()) {
            events.add(event);
            if (event instanceof TlsEvent.NeedsWork(var work)) {
                work.run();
                engine.resume(work);
            }
        }
        return events;
    }

    private static byte[] data(List<TlsEvent> events, EncryptionLevel wanted) {
        WireWriter all = new WireWriter();
        for (TlsEvent event : events) {
            if (event instanceof TlsEvent.CryptoData(var level, var data) && level == wanted) {
                all.bytes(data);
            }
        }
        return all.toByteArray();
    }

    @Test
    void emitsEventsInTheOrderQuicNeeds() {
        Pair pair = new Pair(
                client(11).build(),
                "example.org",
                server(12, TestCertificates.KeyType.P256).build());
        assertAgreed(pair, "order");
        assertEquals(
                List.of(
                        "data INITIAL",
                        "read HANDSHAKE",
                        "write HANDSHAKE",
                        "parameters the server's transport parameters",
                        "work",
                        "data HANDSHAKE",
                        "write APPLICATION",
                        "read APPLICATION",
                        "complete"),
                describe(pair.clientEvents));
        assertEquals(
                List.of(
                        "parameters the client's transport parameters",
                        "data INITIAL",
                        "write HANDSHAKE",
                        "read HANDSHAKE",
                        "data HANDSHAKE",
                        "data HANDSHAKE",
                        "work",
                        "data HANDSHAKE",
                        "data HANDSHAKE",
                        "write APPLICATION",
                        "read APPLICATION",
                        "complete"),
                describe(pair.serverEvents));
    }

    private static List<String> describe(List<TlsEvent> events) {
        List<String> names = new ArrayList<>();
        for (TlsEvent event : events) {
            names.add(
                    switch (event) {
                        case TlsEvent.CryptoData(var level, var data) -> "data " + level;
                        case TlsEvent.ReadSecret(var level, var suite, var secret) -> "read " + level;
                        case TlsEvent.WriteSecret(var level, var suite, var secret) -> "write " + level;
                        case TlsEvent.PeerTransportParameters(var encoded) ->
                            "parameters " + new String(encoded, java.nio.charset.StandardCharsets.US_ASCII);
                        case TlsEvent.NeedsWork _ -> "work";
                        case TlsEvent.Complete _ -> "complete";
                    });
        }
        return names;
    }

    @Test
    void keyLogNamesEverySecretOnBothSides() {
        Map<String, String> clientLog = new java.util.TreeMap<>();
        Map<String, String> serverLog = new java.util.TreeMap<>();
        Pair pair = new Pair(
                client(13)
                        .keyLog((label, random, secret) -> clientLog.put(label, hex(random) + " " + hex(secret)))
                        .build(),
                "example.org",
                server(14, TestCertificates.KeyType.P256)
                        .keyLog((label, random, secret) -> serverLog.put(label, hex(random) + " " + hex(secret)))
                        .build());
        assertAgreed(pair, "key log");
        assertEquals(clientLog, serverLog);
        assertEquals(
                Set.of(
                        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                        "CLIENT_TRAFFIC_SECRET_0",
                        "SERVER_TRAFFIC_SECRET_0"),
                clientLog.keySet());
        byte[] secret = Pair.secret(pair.clientEvents, false, EncryptionLevel.APPLICATION);
        assertNotNull(secret);
        assertTrue(java.util.Objects.requireNonNull(clientLog.get("CLIENT_TRAFFIC_SECRET_0"))
                .endsWith(" " + hex(secret)));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void clientHelloHasGreaseAndNoSessionId() throws TlsAlertException {
        Set<Integer> suites = new TreeSet<>();
        for (int seed = 0; seed < 16; seed++) {
            TlsEngine client = TlsEngine.client(client(seed).build(), "example.org", Pair.CLIENT_PARAMETERS);
            client.start();
            TlsEvent.CryptoData event = assertInstanceOf(TlsEvent.CryptoData.class, client.poll());
            HandshakeMessage.ClientHello hello = (HandshakeMessage.ClientHello)
                    HandshakeCodec.decode(HandshakeType.CLIENT_HELLO, event.data(), TlsLimits.DEFAULT);
            assertEquals(0, hello.legacySessionId().length);
            assertGrease(hello.cipherSuites()[0]);
            assertGrease(ExtensionCodec.readCodePoints(hello.extensions().require(ExtensionType.SUPPORTED_GROUPS))[0]);
            assertGrease(hello.extensions().list().getFirst().type());
            suites.add(hello.cipherSuites()[0]);
        }
        assertTrue(suites.size() > 4, "grease varies: " + suites);
    }

    private static void assertGrease(int value) {
        assertEquals(0x0a0a, value & 0x0f0f, Integer.toHexString(value));
        assertEquals(value >> 8, value & 0xff, Integer.toHexString(value));
    }

    @Test
    void sendsNoServerNameForAnAddress() {
        for (String address : List.of("127.0.0.1", "::1", "[::1]")) {
            Pair pair = new Pair(
                    client(15).build(),
                    address,
                    server(16, TestCertificates.KeyType.P256).build());
            assertAgreed(pair, address);
            HandshakeResult served = pair.server.result();
            assertNotNull(served);
            assertNull(served.serverName());
        }
    }

    @Test
    void suspendedEngineKeepsWhatComesMeanwhile() throws TlsAlertException {
        TlsEngine client = TlsEngine.client(client(17).build(), "example.org", Pair.CLIENT_PARAMETERS);
        TlsEngine server =
                TlsEngine.server(server(18, TestCertificates.KeyType.P256).build(), Pair.SERVER_PARAMETERS);
        client.start();
        byte[] hello = data(drain(client), EncryptionLevel.INITIAL);
        server.receive(EncryptionLevel.INITIAL, hello, 0, hello.length);
        List<TlsEvent> answer = drain(server);
        byte[] initial = data(answer, EncryptionLevel.INITIAL);
        byte[] handshake = data(answer, EncryptionLevel.HANDSHAKE);
        client.receive(EncryptionLevel.INITIAL, initial, 0, initial.length);
        int withoutFinished = handshake.length - 36;
        client.receive(EncryptionLevel.HANDSHAKE, handshake, 0, withoutFinished);
        Delegated work = null;
        for (TlsEvent event = client.poll(); event != null; event = client.poll()) {
            if (event instanceof TlsEvent.NeedsWork(var needed)) {
                work = needed;
            }
        }
        assertNotNull(work);
        client.receive(EncryptionLevel.HANDSHAKE, handshake, withoutFinished, 36);
        assertNull(client.poll(), "Finished waits");
        Delegated pending = work;
        assertThrows(IllegalStateException.class, () -> client.resume(pending), "not run yet");
        work.run();
        client.resume(work);
        assertFalse(drain(client).isEmpty());
        assertTrue(client.isComplete());
        assertThrows(IllegalStateException.class, () -> client.resume(pending), "not awaited any more");
    }

    @Test
    void closeWipesUntakenSecrets() throws TlsAlertException {
        TlsEngine client = TlsEngine.client(client(19).build(), "example.org", Pair.CLIENT_PARAMETERS);
        client.start();
        client.close();
        assertNull(client.poll());
        assertThrows(IllegalStateException.class, () -> client.receive(EncryptionLevel.INITIAL, new byte[1], 0, 1));
    }
}

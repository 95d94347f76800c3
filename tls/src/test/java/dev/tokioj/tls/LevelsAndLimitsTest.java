package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes at the wrong level, messages after the handshake, and the limits on what a peer may make us keep. */
class LevelsAndLimitsTest {
    private static TlsAlertException refused(TlsEngine engine, EncryptionLevel level, byte[] bytes) {
        return assertThrows(TlsAlertException.class, () -> engine.receive(level, bytes, 0, bytes.length));
    }

    private static Pair connected() {
        Pair pair = Parties.pair();
        assertNull(pair.run());
        return pair;
    }

    @Test
    void earlyDataCarriesNoHandshakeBytes() {
        TlsEngine server = TlsEngine.server(Parties.server().build(), new byte[0]);
        TlsAlertException e = refused(server, EncryptionLevel.EARLY_DATA, new byte[] {1});
        assertEquals(0x0a, e.quicErrorCode());
        assertSame(e, refused(server, EncryptionLevel.INITIAL, new byte[] {1}), "a failed engine stays failed");
    }

    @Test
    void levelsWhoseKeysDoNotExistYetAreRefused() throws TlsAlertException {
        for (EncryptionLevel level : List.of(EncryptionLevel.HANDSHAKE, EncryptionLevel.APPLICATION)) {
            TlsEngine client = TlsEngine.client(Parties.client().build(), "example.org", new byte[0]);
            client.start();
            assertEquals(
                    TlsAlert.UNEXPECTED_MESSAGE,
                    refused(client, level, new byte[] {20}).alert());
        }
    }

    @Test
    void finishedLevelsTakeNoMore() {
        for (EncryptionLevel level : List.of(EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE)) {
            Pair pair = connected();
            assertEquals(0x0a, refused(pair.client, level, new byte[] {20}).quicErrorCode());
            assertEquals(0x0a, refused(pair.server, level, new byte[] {20}).quicErrorCode());
        }
    }

    @Test
    void clientToleratesTickets() throws TlsAlertException {
        Pair pair = connected();
        Extensions extensions = Extensions.builder()
                .add(ExtensionType.EARLY_DATA, new byte[] {-1, -1, -1, -1})
                .add(0x4a4a, new byte[0])
                .build();
        byte[] ticket = HandshakeCodec.encode(
                new HandshakeMessage.NewSessionTicket(7200, 0xfedcba98L, new byte[8], new byte[200], extensions));
        for (int i = 0; i < 3; i++) {
            for (byte b : ticket) {
                pair.client.receive(EncryptionLevel.APPLICATION, new byte[] {b}, 0, 1);
            }
        }
        assertTrue(pair.client.isComplete());
        assertNull(pair.client.poll());
    }

    @Test
    void malformedTicketsAreRefused() {
        byte[] empty = HandshakeCodec.encode(
                new HandshakeMessage.NewSessionTicket(7200, 1, new byte[0], new byte[0], Extensions.NONE));
        assertEquals(
                TlsAlert.DECODE_ERROR,
                refused(connected().client, EncryptionLevel.APPLICATION, empty).alert());
        Extensions misplaced =
                Extensions.builder().add(ExtensionType.KEY_SHARE, new byte[0]).build();
        byte[] wrong = HandshakeCodec.encode(
                new HandshakeMessage.NewSessionTicket(7200, 1, new byte[0], new byte[1], misplaced));
        assertEquals(
                TlsAlert.ILLEGAL_PARAMETER,
                refused(connected().client, EncryptionLevel.APPLICATION, wrong).alert());
    }

    @Test
    void afterTheHandshakeOnlyTicketsToTheClient() {
        for (int type : new int[] {1, 2, 5, 8, 11, 13, 15, 20, 24}) {
            TlsAlertException client = refused(connected().client, EncryptionLevel.APPLICATION, Edits.message(type, 0));
            assertEquals(0x10a, client.quicErrorCode(), "client, type " + type);
        }
        for (int type : new int[] {1, 2, 4, 5, 8, 11, 13, 15, 20, 24}) {
            TlsAlertException server = refused(connected().server, EncryptionLevel.APPLICATION, Edits.message(type, 0));
            assertEquals(0x10a, server.quicErrorCode(), "server, type " + type);
        }
    }

    @Test
    void oversizedMessagesAreRefusedByTheirHeader() throws TlsAlertException {
        TlsLimits limits = TlsLimits.builder()
                .maxClientHelloBytes(1000)
                .maxMessageBytes(2000)
                .build();
        TlsEngine server = TlsEngine.server(Parties.server().limits(limits).build(), new byte[0]);
        server.receive(EncryptionLevel.INITIAL, new byte[] {1, 0, 3, (byte) 0xe8}, 0, 4);
        TlsEngine other = TlsEngine.server(Parties.server().limits(limits).build(), new byte[0]);
        assertEquals(
                TlsAlert.ILLEGAL_PARAMETER,
                refused(other, EncryptionLevel.INITIAL, new byte[] {1, 0, 3, (byte) 0xe9})
                        .alert());
        TlsEngine client = TlsEngine.client(Parties.client().limits(limits).build(), "example.org", new byte[0]);
        client.start();
        client.receive(EncryptionLevel.INITIAL, new byte[] {2, 0, 7, (byte) 0xd0}, 0, 4);
        TlsEngine another = TlsEngine.client(Parties.client().limits(limits).build(), "example.org", new byte[0]);
        another.start();
        assertEquals(
                TlsAlert.ILLEGAL_PARAMETER,
                refused(another, EncryptionLevel.INITIAL, new byte[] {2, 0, 7, (byte) 0xd1})
                        .alert());
    }

    @Test
    void declaredLengthAllocatesNothing() {
        MessageBuffer buffer = new MessageBuffer();
        buffer.append(new byte[] {1, -1, -1, -1}, 0, 4);
        assertEquals(0xffffff, buffer.bodyLength());
        assertTrue(buffer.capacity() <= 512, "capacity " + buffer.capacity());
        byte[] chunk = new byte[1000];
        for (int received = 1000; received <= 50_000; received += 1000) {
            buffer.append(chunk, 0, chunk.length);
            assertTrue(buffer.capacity() <= 3 * (received + 4), received + " bytes in " + buffer.capacity());
        }
        buffer.release();
        assertEquals(0, buffer.capacity());
    }

    @Test
    void suspendedEngineKeepsOnlySoMuch() throws TlsAlertException {
        TlsLimits limits = TlsLimits.builder().maxSuspendedBytes(100).build();
        TlsEngine server = TlsEngine.server(Parties.server().limits(limits).build(), new byte[0]);
        TlsEngine client = TlsEngine.client(Parties.client().build(), "example.org", new byte[0]);
        client.start();
        TlsEvent event = client.poll();
        assertNotNull(event);
        byte[] hello = ((TlsEvent.CryptoData) event).data();
        server.receive(EncryptionLevel.INITIAL, hello, 0, hello.length);
        byte[] most = new byte[100];
        server.receive(EncryptionLevel.HANDSHAKE, most, 0, most.length);
        TlsAlertException e = refused(server, EncryptionLevel.HANDSHAKE, new byte[1]);
        assertEquals(0x0d, e.quicErrorCode(), "CRYPTO_BUFFER_EXCEEDED");
    }

    @Test
    void limitsOnExtensionsAndChainsAreSettings() {
        Pair extensions = new Pair(
                Parties.client().build(),
                "example.org",
                Parties.server()
                        .limits(TlsLimits.builder().maxExtensions(3).build())
                        .build());
        Parties.assertRefused(Pair.Side.SERVER, TlsAlert.ILLEGAL_PARAMETER, extensions, "extensions");
        TestCertificates root = TestCertificates.authority("long", TestCertificates.KeyType.ED25519);
        TestCertificates middle = root.intermediate("middle", TestCertificates.KeyType.ED25519);
        Identity identity = middle.issue(TestCertificates.KeyType.ED25519, "example.org");
        assertEquals(2, identity.chain().size());
        CertificateVerifier verifier =
                CertificateVerifier.trusting(List.of(root.certificate()), () -> TestCertificates.NOW);
        for (int max = 1; max <= 2; max++) {
            TlsClientConfig client = TlsClientConfig.builder(List.of("h3"), verifier, new SeededRandom(1))
                    .limits(TlsLimits.builder().maxCertificates(max).build())
                    .build();
            Pair pair = new Pair(
                    client,
                    "example.org",
                    Parties.server(IdentitySelector.of(identity)).build());
            if (max == 1) {
                Parties.assertRefused(Pair.Side.CLIENT, TlsAlert.BAD_CERTIFICATE, pair, "chain");
            } else {
                assertNull(pair.run());
            }
        }
    }
}

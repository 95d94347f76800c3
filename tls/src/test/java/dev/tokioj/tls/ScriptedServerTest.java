package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client does with rules that our own server has no use for. */
class ScriptedServerTest {
    @Test
    void clientEchoesTheCookieAndKeepsItsShare() throws TlsAlertException {
        ScriptedServer server = new ScriptedServer(Parties.client().build());
        HandshakeMessage.ClientHello first = server.hello();
        byte[] cookie = {1, 2, 3, 4, 5};
        server.retry(Extensions.builder()
                .add(ExtensionType.SUPPORTED_VERSIONS, ExtensionCodec.selected(ExtensionCodec.TLS_1_3))
                .add(ExtensionType.COOKIE, ExtensionCodec.cookie(cookie))
                .build());
        HandshakeMessage.ClientHello second = server.hello();
        assertArrayEquals(cookie, ExtensionCodec.readCookie(second.extensions().require(ExtensionType.COOKIE)));
        assertEquals(
                first.extensions().list().size() + 1, second.extensions().list().size());
        for (Extensions.Extension extension : first.extensions().list()) {
            byte[] again = second.extensions().list().stream()
                    .filter(other -> other.type() == extension.type())
                    .findFirst()
                    .orElseThrow()
                    .body();
            assertArrayEquals(extension.body(), again, "extension " + extension.type());
        }
        assertArrayEquals(first.random(), second.random());
        assertArrayEquals(first.cipherSuites(), second.cipherSuites());
        server.begin();
        server.authenticate();
        assertClientFinishes(server, 1);
    }

    @Test
    void clientWithoutAnIdentityAnswersARequestWithAnEmptyChain() throws TlsAlertException {
        ScriptedServer server = new ScriptedServer(Parties.client().build());
        server.begin();
        server.say(
                EncryptionLevel.HANDSHAKE,
                new HandshakeMessage.CertificateRequest(
                        new byte[0],
                        Extensions.builder()
                                .add(ExtensionType.SIGNATURE_ALGORITHMS, ExtensionCodec.codePoints(0x0403))
                                .add(0x5a5a, new byte[3])
                                .build()));
        server.authenticate();
        assertClientFinishes(server, 2);
    }

    private static void assertClientFinishes(ScriptedServer server, int messages) throws TlsAlertException {
        List<byte[]> answer = server.take();
        assertEquals(messages, answer.size(), "messages of the last flight");
        if (messages == 2) {
            HandshakeMessage.Certificate none = (HandshakeMessage.Certificate) Edits.decode(answer.getFirst());
            assertEquals(0, none.context().length);
            assertTrue(none.entries().isEmpty());
            server.transcript.add(answer.getFirst());
        }
        HandshakeMessage.Finished finished = (HandshakeMessage.Finished) Edits.decode(answer.getLast());
        assertArrayEquals(
                server.keys().finished(KeySchedule.Side.CLIENT, server.transcript.hash()), finished.verifyData());
        assertTrue(server.client.isComplete());
    }

    @Test
    void certificateRequestsThatBreakTheRules() throws TlsAlertException {
        Extensions algorithms = Extensions.builder()
                .add(ExtensionType.SIGNATURE_ALGORITHMS, ExtensionCodec.codePoints(0x0403))
                .build();
        assertRequestRefused(
                TlsAlert.ILLEGAL_PARAMETER, new HandshakeMessage.CertificateRequest(new byte[1], algorithms));
        assertRequestRefused(
                TlsAlert.MISSING_EXTENSION, new HandshakeMessage.CertificateRequest(new byte[0], Extensions.NONE));
        assertRequestRefused(
                TlsAlert.ILLEGAL_PARAMETER,
                new HandshakeMessage.CertificateRequest(
                        new byte[0],
                        Extensions.builder()
                                .add(ExtensionType.KEY_SHARE, new byte[0])
                                .build()));
    }

    private static void assertRequestRefused(TlsAlert alert, HandshakeMessage.CertificateRequest request)
            throws TlsAlertException {
        ScriptedServer server = new ScriptedServer(Parties.client().build());
        server.begin();
        TlsAlertException e =
                assertThrows(TlsAlertException.class, () -> server.say(EncryptionLevel.HANDSHAKE, request));
        assertEquals(alert, e.alert());
    }
}

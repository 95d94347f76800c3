package dev.tokioj.net;

import static dev.tokioj.net.Saying.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.tls.TlsAlert;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which a handshake fails has a type, a code, and a message that says what to try. */
class HandshakeFailureTest {
    private static QuicServer server;

    @BeforeAll
    static void start() throws IOException {
        server = Echo.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Test
    void anUnknownAuthority() {
        QuicClient.Builder client =
                QuicClient.builder().alpn("echo").trust(TestPki.create().authorities());
        HandshakeFailedException failed =
                assertThrows(HandshakeFailedException.class, () -> client.connect("localhost", server.port()));
        TlsAlert alert = assertInstanceOf(TlsAlert.class, failed.alert());
        assertTrue(
                alert == TlsAlert.UNKNOWN_CA
                        || alert == TlsAlert.CERTIFICATE_UNKNOWN
                        || alert == TlsAlert.BAD_CERTIFICATE,
                failed.toString());
        assertSays("trust(...)", failed);
        assertSays("localhost", failed);
    }

    @Test
    void anotherHost() {
        QuicClient.Builder client = Echo.client().serverName("elsewhere.example");
        HandshakeFailedException failed =
                assertThrows(HandshakeFailedException.class, () -> client.connect("localhost", server.port()));
        assertSays("not trusted for this name", failed);
    }

    @Test
    void noProtocolInCommon() {
        QuicClient.Builder client =
                QuicClient.builder().alpn("other").trust(TestPki.shared().authorities());
        HandshakeFailedException failed =
                assertThrows(HandshakeFailedException.class, () -> client.connect("localhost", server.port()));
        assertEquals(TlsAlert.NO_APPLICATION_PROTOCOL, failed.alert());
        assertEquals(0x178, failed.code());
        assertSays("alpn(...)", failed);
    }

    @Test
    void nobodyAnswers() throws IOException {
        try (DatagramSocket silent = new DatagramSocket(loopback(0))) {
            QuicClient.Builder client = Echo.client().handshakeTimeout(Duration.ofMillis(300));
            HandshakeTimeoutException timeout = assertThrows(
                    HandshakeTimeoutException.class, () -> client.connect(loopback(silent.getLocalPort())));
            assertSays("firewall", timeout);
        }
    }

    @Test
    void noSuchName() {
        UnknownHostException unknown =
                assertThrows(UnknownHostException.class, () -> Echo.client().connect("nowhere.invalid", 1));
        assertSays("nowhere.invalid", unknown);
    }

    @Test
    void aServerThatIsFullRefuses() throws Exception {
        try (QuicServer small = Echo.builder().maxConnections(1).start();
                QuicConnection first = Echo.client().connect("localhost", small.port())) {
            assertTrue(first.isActive());
            assertThrows(HandshakeFailedException.class, () -> Echo.client().connect("localhost", small.port()));
        }
    }

    @Test
    void trustMayComeFromAFileOrBeGivenUp(@TempDir Path directory) throws Exception {
        Path pem = TestPki.shared().writeAuthority(directory);
        try (QuicConnection fromFile =
                QuicClient.builder().alpn("echo").trust(pem).connect("localhost", server.port())) {
            assertTrue(fromFile.isActive());
        }
        try (QuicConnection anybody =
                QuicClient.builder().alpn("echo").insecureTrustAnyCertificate().connect("localhost", server.port())) {
            assertEquals(1, anybody.handshake().peerChain().size());
        }
        assertThrows(
                IOException.class,
                () -> QuicClient.builder()
                        .alpn("echo")
                        .trust(directory.resolve("missing.pem"))
                        .build());
    }

    @Test
    void theSystemsTrustIsTheDefault() {
        assertThrows(
                HandshakeFailedException.class,
                () -> QuicClient.builder().alpn("echo").connect("localhost", server.port()));
    }

    @Test
    void anUnfinishedBuilderSaysWhatIsMissing() {
        assertThrows(IllegalStateException.class, () -> QuicClient.builder().build());
        assertThrows(IllegalStateException.class, () -> Echo.builder().alpn().start());
        assertThrows(
                NullPointerException.class,
                () -> QuicServer.builder()
                        .alpn("echo")
                        .onConnection(Echo::serve)
                        .start());
    }
}

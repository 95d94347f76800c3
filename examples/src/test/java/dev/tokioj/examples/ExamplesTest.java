package dev.tokioj.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tokioj.net.Http3Client;
import dev.tokioj.net.Http3Server;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.Request;
import dev.tokioj.runtime.TokioJ;
import dev.tokioj.tls.Identity;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example runs. */
class ExamplesTest {
    @TempDir
    private Path directory;

    private PemFiles pem;
    private Identity identity;

    @BeforeEach
    void makeCertificate() throws Exception {
        pem = PemFiles.in(directory);
        identity = Identity.pem(pem.certificate(), pem.key());
    }

    @Test
    void theGuidesSnippetsRun() throws Exception {
        List<String> said = TokioJ.runIoFocused(() -> List.of(
                Guide.tasks(),
                Guide.structure(),
                Guide.time(),
                Guide.channels(),
                Guide.select(),
                Guide.wakers(),
                Guide.echo(),
                Guide.statistics()));
        assertEquals(
                List.of(
                        "tasks: 15",
                        "structure: both ended",
                        "time: it was cut short",
                        "channels: 5050",
                        "select: answered",
                        "wakers: woken",
                        "tcp: echo",
                        "statistics: tasks were spawned"),
                said);
        assertEquals("in the hand: from a runtime in the hand", Guide.inTheHand());
    }

    @Test
    void echoesOverQuic() throws Exception {
        String said = "hello, QUIC. ".repeat(10_000);
        try (QuicServer server = QuicEchoServer.start(identity, 0)) {
            assertEquals(said, QuicEchoClient.say("localhost", server.port(), pem.certificate(), said));
        }
    }

    @Test
    void echoesInsideARuntime() throws Exception {
        String answer = TokioJ.runIoFocused(() -> {
            try (QuicServer server = QuicEchoServer.start(identity, 0)) {
                return QuicEchoClient.say("localhost", server.port(), pem.certificate(), "again");
            }
        });
        assertEquals("again", answer);
    }

    @Test
    void saysHelloOverHttp3() throws Exception {
        try (Http3Server server = Http3Hello.start(identity, 0)) {
            URI uri = URI.create("https://localhost:" + server.port());
            assertEquals("200 hello over HTTP/3", Http3Hello.ask(uri.resolve("/api/test"), pem.certificate()));
            try (Http3Client client =
                    Http3Client.builder().trust(pem.certificate()).build()) {
                Request request = Request.builder(uri.resolve("/api/echo"))
                        .method("POST")
                        .body("echoed")
                        .build();
                assertEquals("echoed", client.send(request).text());
            }
        }
    }

    @Test
    void theHelloProgramRunsByItself() throws Exception {
        Http3Hello.main(new String[] {
            pem.certificate().toString(),
            pem.key().toString(),
            pem.certificate().toString()
        });
    }
}

package dev.tokioj.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.http3.Http3Config;
import dev.tokioj.http3.Http3Error;
import dev.tokioj.quic.endpoint.RetryMode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Every limit has a refusal. */
class Http3LimitsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static Http3Server.Builder server() {
        return Http3Server.builder().bind(0).identity(TestPki.shared().server());
    }

    private static Http3Client.Builder client() {
        return Http3Client.builder().trust(TestPki.shared().authorities());
    }

    private static URI uri(Http3Server server, String path) {
        return URI.create("https://localhost:" + server.port() + path);
    }

    @Test
    void aStreamThatSaysNothingIsRejected() throws Exception {
        try (Http3Server server = server().headTimeout(Duration.ofMillis(50)).start();
                QuicConnection raw = QuicClient.builder()
                        .alpn("h3")
                        .trust(TestPki.shared().authorities())
                        .connect("localhost", server.port());
                QuicStream stream = raw.openStream()) {
            stream.write(new byte[] {1}); // a HEADERS frame, of which nothing more comes
            StreamResetException rejected =
                    assertThrows(StreamResetException.class, () -> stream.read(new byte[1], LONG));
            assertEquals(Http3Error.H3_REQUEST_REJECTED.code(), rejected.code());
            assertTrue(raw.isActive());
        }
    }

    @Test
    void noMoreHandlersRunThanStreamsAreAllowed() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Semaphore entered = new Semaphore(0);
        CountDownLatch release = new CountDownLatch(1);
        try (Http3Server server = server().maxBidiStreams(3)
                        .handle("/", exchange -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            entered.release();
                            release.await();
                            running.decrementAndGet();
                            exchange.respond(204);
                        })
                        .start();
                Http3Client client = client().build()) {
            Thread[] tasks = new Thread[12];
            for (int i = 0; i < tasks.length; i++) {
                tasks[i] = Thread.ofVirtual().start(() -> {
                    try (Response response = client.get(uri(server, "/"))) {
                        assertEquals(204, response.status());
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
            }
            entered.acquire(3);
            release.countDown();
            for (Thread task : tasks) {
                assertTrue(task.join(LONG));
            }
            assertEquals(3, most.get());
            assertEquals(9, entered.availablePermits());
        }
    }

    @Test
    void aHeadThatIsTooLargeIsRefusedOnEitherSide() throws Exception {
        Http3Config small =
                Http3Config.builder().maxFieldSectionSize(500).grease(false).build();
        try (Http3Server server = server().http3(small)
                        .handle(
                                "/",
                                exchange ->
                                        exchange.header("x", "y".repeat(600)).respond(200))
                        .handle(
                                "/bad",
                                exchange -> exchange.header("bad name", "x").respond(200))
                        .handle("/ok", exchange -> exchange.respond(200, "ok"))
                        .start();
                Http3Client client = client().build();
                Http3Client modest = client().http3(small).build()) {
            assertEquals("ok", client.get(uri(server, "/ok")).text());
            Request large = Request.builder(uri(server, "/ok"))
                    .header("x", "y".repeat(600))
                    .build();
            Http3Exception refused = assertThrows(Http3Exception.class, () -> client.send(large));
            assertEquals(Http3Error.H3_EXCESSIVE_LOAD.code(), refused.code());
            assertEquals("ok", modest.get(uri(server, "/ok")).text());
            try (Response failed = modest.get(uri(server, "/"))) {
                assertEquals(500, failed.status());
            }
            try (Response malformed = client.get(uri(server, "/bad"))) {
                assertEquals(500, malformed.status());
            }
        }
    }

    @Test
    void aBodyThatIsTooLongForTextIsRefused() throws Exception {
        try (Http3Server server = server().handle("/", exchange -> {
                            try {
                                exchange.respond(200, exchange.bodyText(10));
                            } catch (IOException e) {
                                exchange.respond(413, String.valueOf(e.getMessage()));
                            }
                        })
                        .start();
                Http3Client client = client().build()) {
            Request.Builder post = Request.builder(uri(server, "/")).method("POST");
            assertEquals(
                    "0123456789", client.send(post.body("0123456789").build()).text());
            Response refused = client.send(post.body("0123456789a").build());
            assertEquals(413, refused.status());
            assertTrue(refused.text().contains("longer than 10 bytes"));
            assertThrows(
                    IOException.class,
                    () -> client.send(post.body("0123456789".getBytes(UTF_8)).build())
                            .bytes(9));
        }
    }

    @Test
    void aServerMayDemandProofOfAddress() throws Exception {
        try (Http3Server server = server().retry(RetryMode.ALWAYS)
                        .handle("/", exchange -> exchange.respond(200, "proved"))
                        .start();
                Http3Client client = client().build()) {
            assertEquals("proved", client.get(uri(server, "/")).text());
        }
    }

    @Test
    void aConnectionThatIsIdleEnds() throws Exception {
        // Long enough for a machine that is busy with other things: a handshake may be idle too.
        try (QuicServer server =
                        Echo.builder().idleTimeout(Duration.ofSeconds(2)).start();
                QuicConnection idle = Echo.client().connect("localhost", server.port());
                QuicConnection kept =
                        Echo.client().keepAlive(Duration.ofMillis(50)).connect("localhost", server.port());
                QuicStream stream = kept.openStream()) {
            assertThrows(StreamTimeoutException.class, () -> stream.read(new byte[1], Duration.ofSeconds(4)));
            assertTrue(kept.isActive());
            assertEquals(null, idle.acceptStream());
            ConnectionClosedException ended = (ConnectionClosedException) idle.closeCause();
            assertTrue(String.valueOf(ended).contains("keepAlive"), String.valueOf(ended));
        }
    }
}

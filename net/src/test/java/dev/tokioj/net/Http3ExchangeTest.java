package dev.tokioj.net;

import static dev.tokioj.net.Saying.assertSays;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.http3.Http3Error;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests and responses in all their shapes, over real sockets. */
class Http3ExchangeTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private Http3Server server;
    private Http3Client client;

    @BeforeEach
    void start() throws IOException {
        server = Http3Server.builder()
                .bind(0)
                .identity(TestPki.shared().server())
                .maxBidiStreams(8)
                .closeTimeout(LONG) // no handler is to be cancelled because the machine is busy
                .handle("/hello", exchange -> exchange.respond(200, "hello"))
                .handle("/files/*", exchange -> exchange.respond(200, "file " + exchange.path()))
                .handle("/files/deep/*", exchange -> exchange.respond(200, "deep"))
                .handle("GET", "/only-get", exchange -> exchange.respond(200, "got"))
                .handle("/query", exchange -> exchange.respond(200, exchange.method() + " " + exchange.query()))
                .handle("/upload", Http3ExchangeTest::digest)
                .handle("/download", Http3ExchangeTest::download)
                .handle("/trailers", Http3ExchangeTest::trailers)
                .handle(
                        "/echo",
                        exchange -> exchange.respond(200, out -> exchange.body().transferTo(out)))
                .handle("/bug", exchange -> {
                    throw new IllegalStateException("a bug in the handler");
                })
                .handle("/late-bug", exchange -> {
                    OutputStream out = exchange.start(200, -1);
                    out.write(new byte[1000]);
                    throw new IllegalStateException("a bug in the handler, later");
                })
                .handle("/short", exchange -> {
                    try (OutputStream out = exchange.start(200, 100)) {
                        out.write(new byte[10]);
                    }
                })
                .handle("/silent", exchange -> seen.add("silent"))
                .handle("/forever", this::forever)
                .handle("/wait", exchange -> {
                    seen.add("waiting");
                    release.await();
                    exchange.respond(200, "waited");
                })
                .handle("/hints", exchange -> {
                    exchange.inform(
                            103, FieldSection.builder().add("link", "</a>").build());
                    exchange.respond(200, "done");
                })
                .start();
        client = Http3Client.builder().trust(TestPki.shared().authorities()).build();
    }

    @AfterEach
    void stop() throws IOException {
        release.countDown();
        client.close();
        server.close();
    }

    private URI uri(String path) {
        return URI.create("https://localhost:" + server.port() + path);
    }

    private static void digest(Exchange exchange) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[32 << 10];
        for (int n = exchange.body().read(buffer); n >= 0; n = exchange.body().read(buffer)) {
            digest.update(buffer, 0, n);
        }
        exchange.respond(200, HexFormat.of().formatHex(digest.digest()));
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new SplittableRandom(7).nextBytes(content);
        return content;
    }

    private static void download(Exchange exchange) throws IOException {
        byte[] content = content(5 << 20);
        exchange.respond(200, new ByteArrayInputStream(content), content.length);
    }

    private static void trailers(Exchange exchange) throws IOException {
        String body = exchange.bodyText(100);
        FieldSection trailers = exchange.trailers();
        exchange.trailer("echoed", trailers == null ? "none" : String.valueOf(trailers.first("sum")));
        exchange.respond(200, body);
    }

    private void forever(Exchange exchange) throws IOException {
        byte[] block = new byte[64 << 10];
        try (OutputStream out = exchange.start(200, -1)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            seen.add(e);
            throw e;
        }
    }

    @Test
    void findsTheHandlerOfAPath() throws IOException {
        assertEquals("hello", client.get(uri("/hello")).text());
        assertEquals("file /files/a/b", client.get(uri("/files/a/b")).text());
        assertEquals("deep", client.get(uri("/files/deep/c")).text());
        assertEquals("GET a=b%20c", client.get(uri("/query?a=b%20c")).text());
        try (Response missing = client.get(uri("/nothing"))) {
            assertEquals(404, missing.status());
        }
        assertEquals(404, client.get(uri("/files")).status());
        assertEquals(404, client.get(uri("/")).status());
    }

    @Test
    void answersOtherMethods() throws IOException {
        Response refused =
                client.send(Request.builder(uri("/only-get")).method("DELETE").build());
        assertEquals(405, refused.status());
        assertEquals("GET, HEAD", refused.field("allow"));
        refused.close();
        Response options =
                client.send(Request.builder(uri("/only-get")).method("OPTIONS").build());
        assertEquals(204, options.status());
        assertNull(options.field("content-length"));
        assertEquals("", options.text());
    }

    @Test
    void leavesTheContentOutForHead() throws IOException {
        for (String path : new String[] {"/hello", "/download"}) {
            Response response =
                    client.send(Request.builder(uri(path)).method("HEAD").build());
            assertEquals(200, response.status());
            assertEquals(path.equals("/hello") ? "5" : "5242880", response.field("content-length"));
            assertEquals("", response.text());
        }
    }

    @Test
    void uploadsBytesAndStreams() throws Exception {
        byte[] content = content(3 << 20);
        String expected =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        assertEquals(
                expected,
                client.send(Request.builder(uri("/upload"))
                                .method("POST")
                                .body(content)
                                .build())
                        .text());
        InputStream streamed = new ByteArrayInputStream(content);
        assertEquals(
                expected,
                client.send(Request.builder(uri("/upload"))
                                .method("POST")
                                .body(streamed, -1)
                                .build())
                        .text());
        assertEquals(
                expected,
                client.send(Request.builder(uri("/upload"))
                                .method("PUT")
                                .body(out -> {
                                    for (int i = 0; i < content.length; i += 10_000) {
                                        out.write(content, i, Math.min(10_000, content.length - i));
                                    }
                                })
                                .build())
                        .text());
    }

    @Test
    void downloadsAsItIsRead() throws IOException {
        try (Response response = client.get(uri("/download"))) {
            assertArrayEquals(content(5 << 20), response.body().readAllBytes());
            assertEquals(-1, response.body().read());
        }
    }

    @Test
    void carriesContentBothWaysAtOnce() throws IOException {
        byte[] content = content(2 << 20);
        Response response = client.send(Request.builder(uri("/echo"))
                .method("POST")
                .body(new ByteArrayInputStream(content), content.length)
                .build());
        assertArrayEquals(content, response.bytes());
    }

    @Test
    void carriesTrailersBothWays() throws IOException {
        Response response = client.send(Request.builder(uri("/trailers"))
                .method("POST")
                .body("content")
                .trailer("sum", "42")
                .build());
        assertEquals("content", new String(response.body().readAllBytes(), UTF_8));
        FieldSection trailers = response.trailers();
        assertNotNull(trailers);
        assertEquals("42", trailers.first("echoed"));
        Response bare = client.send(Request.builder(uri("/trailers"))
                .method("POST")
                .trailer("sum", "1")
                .build());
        assertEquals("", new String(bare.body().readAllBytes(), UTF_8));
        assertEquals("1", assertInstanceOf(FieldSection.class, bare.trailers()).first("echoed"));
    }

    @Test
    void passesInterimResponsesOver() throws IOException {
        assertEquals("done", client.get(uri("/hints")).text());
    }

    @Test
    void aFailingHandlerIsAnswered500OrReset() throws IOException {
        assertEquals(500, client.get(uri("/bug")).status());
        assertEquals(500, client.get(uri("/silent")).status());
        for (String path : new String[] {"/late-bug", "/short"}) {
            // A reset may overtake what was sent before it, the head of the response included.
            Http3Exception reset = assertThrows(
                    Http3Exception.class, () -> client.get(uri(path)).bytes());
            assertEquals(Http3Error.H3_INTERNAL_ERROR.code(), reset.code());
            assertSays("H3_INTERNAL_ERROR", reset);
        }
        // And the connection goes on.
        assertEquals("hello", client.get(uri("/hello")).text());
        assertEquals(1, server.connectionCount());
    }

    @Test
    void aClientThatGivesUpStopsTheHandler() throws Exception {
        Response response = client.get(uri("/forever"));
        assertEquals(1000, response.body().readNBytes(1000).length);
        response.close();
        Http3Exception told = assertInstanceOf(Http3Exception.class, seen.poll(30, TimeUnit.SECONDS));
        assertEquals(Http3Error.H3_REQUEST_CANCELLED.code(), told.code());
        assertThrows(StreamClosedException.class, () -> response.body().read());
    }

    @Test
    void aRequestMayHaveADeadline() throws Exception {
        Request request =
                Request.builder(uri("/wait")).timeout(Duration.ofMillis(50)).build();
        assertThrows(StreamTimeoutException.class, () -> client.send(request));
        release.countDown();
        assertEquals("hello", client.get(uri("/hello")).text());
    }

    @Test
    void manyRequestsShareOneConnectionAndItsLimit() throws Exception {
        // The server takes eight at once; the others wait their turn.
        AtomicInteger answered = new AtomicInteger();
        Thread[] tasks = new Thread[50];
        for (int i = 0; i < tasks.length; i++) {
            int number = i;
            tasks[i] = Thread.ofVirtual().start(() -> {
                try {
                    byte[] content = content(number * 100);
                    Response response = client.send(Request.builder(uri("/echo"))
                            .method("POST")
                            .body(content)
                            .build());
                    if (Arrays.equals(content, response.bytes())) {
                        answered.incrementAndGet();
                    }
                } catch (IOException e) {
                    throw new AssertionError("request " + number, e);
                }
            });
        }
        for (Thread task : tasks) {
            assertTrue(task.join(LONG));
        }
        assertEquals(tasks.length, answered.get());
        assertEquals(1, server.connectionCount());
    }

    @Test
    void aClosingServerAnswersWhatItHas() throws Exception {
        client.get(uri("/hello")).close();
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                outcome.add(client.get(uri("/wait")).text());
            } catch (IOException e) {
                outcome.add(e);
            }
        });
        assertEquals("waiting", seen.poll(30, TimeUnit.SECONDS));
        Thread closer = Thread.ofVirtual().start(server::close);
        // It takes no new requests: neither on the old connection nor on a new one.
        boolean refused = false;
        while (!refused) {
            try {
                client.send(Request.builder(uri("/hello")).timeout(LONG).build())
                        .close();
            } catch (QuicException e) {
                refused = true;
            }
        }
        release.countDown();
        assertTrue(waiting.join(LONG));
        assertEquals("waited", outcome.poll());
        assertTrue(closer.join(LONG));
    }

    @Test
    void refusesWhatIsNoRequest() {
        assertThrows(IllegalArgumentException.class, () -> Request.get(URI.create("http://localhost/")));
        assertThrows(
                IllegalArgumentException.class, () -> Request.builder(uri("/")).header(":path", "/x"));
        assertThrows(
                IOException.class,
                () -> client.send(
                        Request.builder(uri("/hello")).header("bad name", "x").build()));
    }

    @Test
    void aServerThatIsAwayIsATimeout() throws Exception {
        server.close();
        try (Http3Client hasty = Http3Client.builder()
                .trust(TestPki.shared().authorities())
                .handshakeTimeout(Duration.ofMillis(200))
                .build()) {
            assertThrows(HandshakeTimeoutException.class, () -> hasty.get(uri("/hello")));
        }
    }

    @Test
    void aClientConnectsAgainAfterTheServerCameBack() throws Exception {
        assertEquals("hello", client.get(uri("/hello")).text());
        int port = server.port();
        server.close();
        server = Http3Server.builder()
                .bind(port)
                .identity(TestPki.shared().server())
                .handle("/hello", exchange -> exchange.respond(200, "again"))
                .start();
        assertEquals("again", client.get(uri("/hello")).text());
    }
}

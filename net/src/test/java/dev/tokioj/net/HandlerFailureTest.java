package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However a handler ends, its client hears of it. */
class HandlerFailureTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int STREAMS = 4;

    private Http3Server server;
    private Http3Client client;

    @BeforeEach
    void start() throws IOException {
        server = Http3Server.builder()
                .bind(0)
                .identity(TestPki.shared().server())
                .maxBidiStreams(STREAMS)
                .handle("/error", exchange -> {
                    throw new StackOverflowError("not an Exception");
                })
                .handle("/late-error", exchange -> {
                    exchange.start(200, -1).write(new byte[1000]);
                    throw new AssertionError("not an Exception, later");
                })
                .handle("/source-fails", exchange -> exchange.respond(200, failingSource(), -1))
                .start();
        client = Http3Client.builder().trust(TestPki.shared().authorities()).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private URI uri(String path) {
        return URI.create("https://localhost:" + server.port() + path);
    }

    private static InputStream failingSource() {
        return new SequenceInputStream(new ByteArrayInputStream(new byte[5000]), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the disk is gone");
            }

            @Override
            public int read(byte[] buf, int off, int len) throws IOException {
                throw new IOException("the disk is gone");
            }
        });
    }

    /** What cannot be logged is answered nevertheless. */
    @Test
    void aLoggerThatThrowsIsNotTheClientsConcern() throws Exception {
        try (var _ = new FailingLogger(Shard.class)) {
            assertTimeoutPreemptively(LONG, () -> {
                try (Response response = client.get(uri("/error"))) {
                    assertEquals(500, response.status());
                }
                assertThrows(
                        Http3Exception.class,
                        () -> client.get(uri("/late-error")).bytes());
            });
        }
    }

    /** More often than there are streams: each must have been given back. */
    @Test
    void anErrorBeforeTheResponseIsFiveHundred() {
        assertTimeoutPreemptively(LONG, () -> {
            for (int i = 0; i < 3 * STREAMS; i++) {
                try (Response response = client.get(uri("/error"))) {
                    assertEquals(500, response.status());
                }
            }
        });
    }

    @Test
    void anErrorAfterTheHeadResetsTheStream() {
        assertTimeoutPreemptively(LONG, () -> {
            for (int i = 0; i < 3 * STREAMS; i++) {
                assertThrows(
                        Http3Exception.class,
                        () -> client.get(uri("/late-error")).bytes());
            }
        });
    }

    /** Without a content-length only the end of the stream tells that the content is whole. */
    @Test
    void contentWhoseSourceFailsNeverLooksWhole() {
        assertTimeoutPreemptively(LONG, () -> {
            for (int i = 0; i < 3 * STREAMS; i++) {
                assertThrows(
                        Http3Exception.class,
                        () -> client.get(uri("/source-fails")).bytes());
            }
        });
    }
}

package dev.tokioj.net;

import static dev.tokioj.net.Saying.assertSays;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Content of a request that cannot be made, or is not wanted any more. */
@Timeout(60)
class UploadFailureTest {
    private Http3Server server;
    private Http3Client client;

    /** Says nothing and waits until it is interrupted. */
    private static final class Silent extends InputStream {
        final CountDownLatch read = new CountDownLatch(1);
        final CountDownLatch interrupted = new CountDownLatch(1);

        @Override
        public int read() throws IOException {
            read.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            throw new IOException("interrupted");
        }

        @Override
        public int read(byte[] buf, int off, int len) throws IOException {
            return read();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = Http3Server.builder()
                .bind(0)
                .identity(TestPki.shared().server())
                .closeTimeout(Duration.ofMillis(100))
                .handle("/", exchange -> exchange.respond(200, exchange.bodyText(1 << 20)))
                .start();
        client = Http3Client.builder().trust(TestPki.shared().authorities()).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private Request.Builder post() {
        return Request.builder(URI.create("https://localhost:" + server.port() + "/"))
                .method("POST");
    }

    @Test
    void anErrorWhileItIsMadeIsTheSendersToo() {
        Request request = post().body(out -> {
                    out.write(1);
                    throw new StackOverflowError("meant to");
                })
                .build();
        IOException failure = assertThrows(IOException.class, () -> client.send(request));
        assertSays("could not be made", failure);
        assertInstanceOf(StackOverflowError.class, failure.getCause());
    }

    @Test
    void whoeverMakesItIsInterruptedWhenTheRequestIsGivenUp() throws Exception {
        Silent silent = new Silent();
        Request request = post().body(silent, -1).timeout(Duration.ofMillis(50)).build();
        assertThrows(StreamTimeoutException.class, () -> client.send(request));
        assertTrue(silent.interrupted.await(20, TimeUnit.SECONDS));
    }

    @Test
    void whoeverMakesItIsInterruptedWithTheSender() throws Exception {
        Silent silent = new Silent();
        Request request = post().body(silent, -1).build();
        Thread sender = Thread.ofVirtual().start(() -> assertThrows(IOException.class, () -> client.send(request)));
        assertTrue(silent.read.await(20, TimeUnit.SECONDS));
        sender.interrupt();
        assertTrue(silent.interrupted.await(20, TimeUnit.SECONDS));
    }
}

package dev.tokioj.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tokioj.http3.Http3Error;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request that turns out to be malformed while it is answered. */
@Timeout(60)
class MalformedRequestTest {
    private static final int POST = 0xC0 | 20;
    private static final int HTTPS = 0xC0 | 23;
    private static final int ROOT = 0xC0 | 1;
    private static final int AUTHORITY = 0x50;
    private static final int NO_CONTENT = 0xC0 | 4; // content-length: 0

    /** HEADERS, of the static table (RFC 9204 appendix A). */
    private static byte[] head() throws IOException {
        byte[] host = "localhost".getBytes(US_ASCII);
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        section.write(new byte[] {0, 0, (byte) POST, (byte) HTTPS, (byte) ROOT, AUTHORITY, (byte) host.length});
        section.write(host);
        section.write(NO_CONTENT);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(1);
        frame.write(section.size());
        section.writeTo(frame);
        return frame.toByteArray();
    }

    /** Its response is reset, and whoever writes it waited for room that never came, also when the connection had ended. */
    @Test
    void whoWritesItsResponseIsTold() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        try (Http3Server server = Http3Server.builder()
                        .bind(0)
                        .identity(TestPki.shared().server())
                        .closeTimeout(Duration.ofMillis(100))
                        .handle("/", exchange -> {
                            try {
                                OutputStream out = exchange.start(200, -1);
                                begun.countDown();
                                while (true) {
                                    out.write(new byte[10_000]);
                                }
                            } catch (Throwable e) {
                                ended.complete(e);
                                throw e;
                            }
                        })
                        .start();
                QuicConnection raw = QuicClient.builder()
                        .alpn("h3")
                        .trust(TestPki.shared().authorities())
                        .connect("localhost", server.port());
                QuicStream stream = raw.openStream()) {
            stream.write(head());
            begun.await();
            stream.write(new byte[] {0, 1, 7}); // DATA of one byte, where none was announced
            assertInstanceOf(Http3Exception.class, ended.get(20, TimeUnit.SECONDS));
            StreamResetException reset = assertThrows(
                    StreamResetException.class, () -> stream.input().readAllBytes());
            assertEquals(Http3Error.H3_MESSAGE_ERROR.code(), reset.code());
        }
    }
}

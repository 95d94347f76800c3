package dev.tokioj.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicStream;
import dev.tokioj.net.StreamClosedException;
import dev.tokioj.net.StreamTimeoutException;
import dev.tokioj.runtime.TokioJ;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Says something to a {@link QuicEchoServer} and prints what comes back.
 *
 * <pre>java ... dev.tokioj.examples.QuicEchoClient localhost 4433 ca.pem "hello, QUIC"</pre>
 */
public final class QuicEchoClient {
    private QuicEchoClient() {}

    /** Arguments: host, port, the certificates to trust, what to say. */
    public static void main(String[] args) throws Exception {
        TokioJ.runIoFocused(() -> IO.println(say(args[0], Integer.parseInt(args[1]), Path.of(args[2]), args[3])));
    }

    /** What the server sends back. */
    static String say(String host, int port, Path trusted, String what) throws IOException {
        try (QuicConnection connection = QuicClient.builder()
                        .alpn(QuicEchoServer.ALPN)
                        .trust(trusted)
                        .handshakeTimeout(Duration.ofSeconds(5))
                        .connect(host, port);
                QuicStream stream = connection.openStream()) {
            stream.write(what.getBytes(UTF_8));
            stream.finish(); // our side is done; the server's goes on
            return readAll(stream);
        }
    }

    private static String readAll(QuicStream stream) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        byte[] buffer = new byte[16 * 1024];
        while (true) {
            try {
                int n = stream.read(buffer, Duration.ofMillis(100));
                received.write(buffer, 0, Math.max(n, 0));
            } catch (StreamTimeoutException _) {
                // The answer is on its way; the stream is as it was
            } catch (StreamClosedException _) {
                return received.toString(UTF_8); // a read after the end
            }
        }
    }
}

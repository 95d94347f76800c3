package dev.tokioj.examples;

import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.QuicStream;
import dev.tokioj.net.StreamClosedException;
import dev.tokioj.net.StreamTimeoutException;
import dev.tokioj.runtime.TaskGroup;
import dev.tokioj.runtime.TokioJ;
import dev.tokioj.tls.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A QUIC server that sends back what it gets: a task for each connection, and in it one for each stream.
 *
 * <pre>java ... dev.tokioj.examples.QuicEchoServer certificate.pem key.pem 4433</pre>
 */
public final class QuicEchoServer {
    /** What both sides call the protocol (RFC 7301). */
    static final String ALPN = "echo";

    private QuicEchoServer() {}

    /** Serves until it is interrupted. Arguments: the certificate chain, its key, the port. */
    public static void main(String[] args) throws Exception {
        Identity identity = Identity.pem(Path.of(args[0]), Path.of(args[1]));
        int port = Integer.parseInt(args[2]);
        TokioJ.runIoFocused(() -> {
            try (QuicServer server = start(identity, port)) {
                IO.println("echoing on UDP port " + server.port());
                server.run();
            }
        });
    }

    /** Starts the server; port 0 lets the system choose. */
    static QuicServer start(Identity identity, int port) throws IOException {
        return QuicServer.builder()
                .bind(port)
                .identity(identity)
                .alpn(ALPN)
                .onConnection(QuicEchoServer::serve)
                .start();
    }

    private static void serve(QuicConnection connection) throws IOException {
        try (TaskGroup group = TaskGroup.collect()) {
            for (QuicStream stream = connection.acceptStream(); stream != null; stream = connection.acceptStream()) {
                QuicStream accepted = stream;
                group.spawn(() -> echo(accepted));
            }
        } // which waits for the streams' tasks
    }

    private static void echo(QuicStream stream) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        try (stream) {
            while (true) {
                try {
                    int n = stream.read(buffer, Duration.ofMillis(100));
                    if (n < 0) {
                        stream.finish(); // the client has said all it had to say, and now so have we
                    } else {
                        stream.write(buffer, 0, n);
                    }
                } catch (StreamTimeoutException _) {
                    // Nothing came: a place to do something else. The stream is as it was
                } catch (StreamClosedException _) {
                    return; // a read after the end
                }
            }
        }
    }
}

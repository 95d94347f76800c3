package dev.tokioj.net;

import dev.tokioj.runtime.TaskGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A server that sends back what it gets, a task a stream; uni streams are read and forgotten. */
final class Echo {
    private Echo() {}

    @SuppressWarnings("BadInstanceof") // the loop that users write: a null check that names what it found
    static void serve(QuicConnection connection) throws IOException {
        try (var group = TaskGroup.collect()) {
            while (connection.acceptStream() instanceof QuicStream stream) {
                group.spawn(() -> echo(stream));
            }
        }
    }

    static void echo(QuicStream stream) throws IOException {
        try (stream;
                InputStream in = stream.input();
                OutputStream out = stream.isBidirectional() ? stream.output() : OutputStream.nullOutputStream()) {
            in.transferTo(out);
        }
    }

    /** A server on its own runtime. */
    static QuicServer start() throws IOException {
        return builder().start();
    }

    static QuicServer.Builder builder() {
        return QuicServer.builder()
                .bind(0)
                .identity(TestPki.shared().server())
                .alpn("echo")
                .onConnection(Echo::serve);
    }

    static QuicClient.Builder client() {
        return QuicClient.builder().alpn("echo").trust(TestPki.shared().authorities());
    }
}

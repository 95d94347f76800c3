package consumer;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.QuicStream;
import dev.tokioj.tls.Identity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Somebody's program that knows no flags: it must work, and the JVM must not warn. Arguments: certificate and key. */
public final class Consumer {
    private Consumer() {}

    public static void main(String[] args) throws Exception {
        Path certificate = Path.of(args[0]);
        try (QuicServer server = QuicServer.builder()
                        .bind(0)
                        .identity(Identity.pem(certificate, Path.of(args[1])))
                        .alpn("echo")
                        .onConnection(Consumer::serve)
                        .start();
                QuicConnection connection = QuicClient.builder()
                        .alpn("echo")
                        .trust(certificate)
                        .connect("localhost", server.port());
                QuicStream stream = connection.openStream()) {
            stream.write("hello".getBytes(StandardCharsets.UTF_8));
            stream.finish();
            System.out.println(new String(stream.input().readAllBytes(), StandardCharsets.UTF_8) + " "
                    + Consumer.class.getModule().isNamed());
        }
    }

    private static void serve(QuicConnection connection) throws Exception {
        while (connection.acceptStream() instanceof QuicStream stream) {
            try (stream) {
                stream.input().transferTo(stream.output());
            }
        }
    }
}

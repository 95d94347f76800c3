package dev.tokioj.bench.compare;

import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.QuicStream;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.TaskGroup;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.Identity;
import dev.tokioj.tls.NamedGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.List;

/** TokioJ's server: a task for each connection, a task for each stream. */
final class TokiojServer implements Serving {
    private static final int MAX_CONNECTIONS = 20_000;

    private final AsyncRuntime runtime;
    private final QuicServer server;

    TokiojServer(Setup setup) throws IOException, GeneralSecurityException {
        runtime = Tokioj.runtime(setup, "server");
        server = QuicServer.builder()
                .runtime(runtime)
                .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
                .identity(Identity.pem(setup.certificate(), setup.key()))
                .alpn(Setup.ALPN)
                .cipherSuites(List.of(CipherSuite.TLS_AES_128_GCM_SHA256))
                .groups(List.of(NamedGroup.valueOf(setup.group())))
                .cryptoProvider(Tokioj.crypto(setup))
                .config(Tokioj.config(setup))
                .maxConnections(MAX_CONNECTIONS)
                .placement(Tokioj.placement(setup))
                .onConnection(TokiojServer::serve)
                .start();
    }

    @Override
    public int port() {
        return server.port();
    }

    private static void serve(QuicConnection connection) throws IOException {
        try (TaskGroup group = TaskGroup.collect()) {
            for (QuicStream next = connection.acceptStream(); next != null; next = connection.acceptStream()) {
                QuicStream stream = next;
                group.spawn(() -> answer(stream));
            }
        }
    }

    private static void answer(QuicStream stream) throws IOException {
        try (stream) {
            BlockingStreams.answer(stream.input(), stream.output());
        }
    }

    @Override
    public void close() {
        server.close();
        runtime.close();
    }
}

package dev.tokioj.bench.compare;

import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.QuicStream;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.TaskGroup;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.Identity;
import dev.tokioj.tls.NamedGroup;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
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
            byte[] request = new byte[Content.REQUEST_SIZE];
            if (Tokioj.readFully(stream, request) < request.length) {
                throw new EOFException("a request was cut short");
            }
            switch (Content.operation(request)) {
                case Content.DOWNLOAD -> {
                    for (long i = 0; i < Content.number(request); i++) {
                        stream.write(Content.block(i));
                    }
                }
                case Content.UPLOAD -> stream.write(Content.longBytes(checked(stream)));
                case Content.UPLOAD_HASHED -> stream.write(hashed(stream));
                case Content.REQUEST -> {
                    if (stream.read(request) >= 0) {
                        throw new IOException("more than a request");
                    }
                    stream.write(Content.response(Content.number(request)));
                }
                default -> stream.reset(1);
            }
        }
    }

    private static long checked(QuicStream stream) throws IOException {
        Content.Check check = new Content.Check();
        byte[] buf = new byte[Content.BLOCK];
        for (int n = stream.read(buf); n >= 0; n = stream.read(buf)) {
            check.update(buf, 0, n);
        }
        return check.bytes();
    }

    private static byte[] hashed(QuicStream stream) throws IOException {
        MessageDigest digest = Content.newSha256();
        byte[] buf = new byte[Content.BLOCK];
        for (int n = stream.read(buf); n >= 0; n = stream.read(buf)) {
            digest.update(buf, 0, n);
        }
        return digest.digest();
    }

    @Override
    public void close() {
        server.close();
        runtime.close();
    }
}

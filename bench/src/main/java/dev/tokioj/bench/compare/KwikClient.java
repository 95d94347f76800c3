package dev.tokioj.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tech.kwik.agent15.TlsConstants;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicStream;
import tech.kwik.core.log.NullLogger;

/** Kwik's client, a virtual thread for each thing that is done at once. */
final class KwikClient implements Asking {
    private static final long PATIENCE_SECONDS = 10;

    private final Setup setup;
    private final KeyStore trusted = KeyStore.getInstance("PKCS12");
    private final AtomicLong requests = new AtomicLong();

    KwikClient(Setup setup) throws IOException, GeneralSecurityException {
        this.setup = setup;
        trusted.load(null, null);
        try (InputStream authority = Files.newInputStream(setup.authority())) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(authority));
        }
    }

    private QuicClientConnection connect() throws IOException {
        QuicClientConnection connection = QuicClientConnection.newBuilder()
                .host(Setup.HOST)
                .port(setup.port())
                .preferIPv4()
                .applicationProtocol(Setup.ALPN)
                .connectTimeout(Duration.ofSeconds(PATIENCE_SECONDS))
                .maxIdleTimeout(Duration.ofSeconds(Setup.IDLE_SECONDS))
                .defaultStreamReceiveBufferSize((long) KwikServer.STREAM_WINDOW)
                .cipherSuite(TlsConstants.CipherSuite.TLS_AES_128_GCM_SHA256)
                .customTrustStore(trusted)
                .socketFactory(address -> {
                    DatagramSocket socket = new DatagramSocket();
                    socket.setReceiveBufferSize(KwikServer.SOCKET_BUFFER);
                    socket.setSendBufferSize(KwikServer.SOCKET_BUFFER);
                    return socket;
                })
                .logger(new NullLogger())
                .build();
        connection.connect();
        return connection;
    }

    @Override
    public Work start(Case what, Progress progress) throws Exception {
        QuicClientConnection connection = connect();
        return switch (what) {
            case BULK ->
                work(progress, connection, 1, () -> {
                    QuicStream stream = connection.createStream(true);
                    BlockingStreams.download(stream.getInputStream(), stream.getOutputStream(), progress);
                    return null;
                });
            case UPLOAD ->
                work(progress, connection, 1, () -> {
                    QuicStream stream = connection.createStream(true);
                    BlockingStreams.upload(stream.getInputStream(), stream.getOutputStream(), progress);
                    return null;
                });
            case REQUESTS, REQUESTS_1000, LATENCY ->
                work(progress, connection, what.atOnce, () -> requests(connection, progress));
            case HANDSHAKES -> work(progress, connection, what.atOnce, () -> handshakes(progress));
            case IDLE, MANY -> throw new IllegalArgumentException(what.title());
        };
    }

    private static Work work(
            Progress progress, QuicClientConnection connection, int atOnce, Callable<@Nullable Void> body) {
        List<CompletableFuture<@Nullable Void>> ends = new ArrayList<>();
        for (int i = 0; i < atOnce; i++) {
            CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
            ends.add(end);
            Thread.startVirtualThread(() -> {
                try {
                    body.call();
                    end.complete(null);
                } catch (Exception e) {
                    progress.fail(e);
                    end.completeExceptionally(e);
                }
            });
        }
        return () -> {
            try {
                for (CompletableFuture<@Nullable Void> end : ends) {
                    end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                }
            } finally {
                connection.close();
            }
        };
    }

    private @Nullable Void requests(QuicClientConnection connection, Progress progress) throws IOException {
        for (long begin = System.nanoTime(); progress.goesOn(); begin = progress.completed(begin)) {
            QuicStream stream = connection.createStream(true);
            BlockingStreams.request(stream.getInputStream(), stream.getOutputStream(), requests.getAndIncrement());
        }
        return null;
    }

    private @Nullable Void handshakes(Progress progress) throws IOException {
        for (long begin = System.nanoTime(); progress.goesOn(); begin = progress.completed(begin)) {
            connect().close();
        }
        return null;
    }

    @Override
    public void verify(int blocks) throws IOException {
        QuicClientConnection connection = connect();
        try {
            QuicStream down = connection.createStream(true);
            BlockingStreams.verifyDownload(down.getInputStream(), down.getOutputStream(), blocks);
            QuicStream up = connection.createStream(true);
            BlockingStreams.verifyUpload(up.getInputStream(), up.getOutputStream(), blocks);
        } finally {
            connection.close();
        }
    }

    @Override
    public void open(int connections) {
        throw new UnsupportedOperationException("not with threads and a socket for each connection");
    }

    @Override
    public void askEach() {
        throw new UnsupportedOperationException("not with threads and a socket for each connection");
    }

    @Override
    public void close() {
        // Each connection has ended with its work.
    }
}

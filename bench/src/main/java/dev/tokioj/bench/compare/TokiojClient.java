package dev.tokioj.bench.compare;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicStream;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.ThrowingRunnable;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.NamedGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** TokioJ's client: a task for each thing that is done at once. */
final class TokiojClient implements Asking {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AsyncRuntime runtime;
    private final QuicClient client;
    private final int port;
    private final AtomicLong requests = new AtomicLong();

    TokiojClient(Setup setup) throws IOException {
        runtime = Tokioj.runtime(setup, "client");
        port = setup.port();
        client = QuicClient.builder()
                .runtime(runtime)
                .alpn(Setup.ALPN)
                .trust(setup.authority())
                .resolve(Setup.HOST, InetAddress.ofLiteral("127.0.0.1"))
                .cipherSuites(List.of(CipherSuite.TLS_AES_128_GCM_SHA256))
                .groups(List.of(NamedGroup.valueOf(setup.group())))
                .config(Tokioj.config(setup))
                .build();
    }

    private QuicConnection connect() throws IOException {
        return client.connect(Setup.HOST, port);
    }

    @Override
    public Work start(Case what, Progress progress) throws Exception {
        return switch (what) {
            case BULK -> {
                QuicConnection connection = connect();
                yield work(progress, connection, 1, () -> download(connection, progress));
            }
            case UPLOAD -> {
                QuicConnection connection = connect();
                yield work(progress, connection, 1, () -> upload(connection, progress));
            }
            case REQUESTS, LATENCY -> {
                QuicConnection connection = connect();
                yield work(progress, connection, what.atOnce, () -> requests(connection, progress));
            }
            case HANDSHAKES -> work(progress, connect(), what.atOnce, () -> handshakes(progress));
        };
    }

    /** The connection is closed when the tasks have ended. */
    private Work work(Progress progress, QuicConnection connection, int atOnce, ThrowingRunnable body) {
        List<Task<?>> tasks = new ArrayList<>();
        for (int i = 0; i < atOnce; i++) {
            tasks.add(runtime.spawn(() -> {
                try {
                    body.run();
                } catch (IOException | RuntimeException e) {
                    progress.fail(e);
                    throw e;
                }
            }));
        }
        return () -> {
            try {
                for (Task<?> task : tasks) {
                    task.join(PATIENCE);
                }
            } finally {
                connection.abort(0);
            }
        };
    }

    private static void download(QuicConnection connection, Progress progress) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            stream.write(Content.request(Content.DOWNLOAD, Long.MAX_VALUE));
            stream.finish();
            Content.Check check = new Content.Check();
            byte[] buf = new byte[Content.BLOCK];
            while (progress.goesOn()) {
                int n = stream.read(buf);
                if (n < 0) {
                    throw new IOException("the server ended an endless download");
                }
                check.update(buf, 0, n);
                progress.passed(n);
            }
        }
    }

    private static void upload(QuicConnection connection, Progress progress) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            stream.write(Content.request(Content.UPLOAD, 0));
            long sent = 0;
            for (long i = 0; progress.goesOn(); i++) {
                stream.write(Content.block(i));
                sent += Content.BLOCK;
                progress.passed(Content.BLOCK);
            }
            stream.finish();
            byte[] answer = new byte[Long.BYTES];
            if (Tokioj.readFully(stream, answer) < Long.BYTES || Content.longOf(answer) != sent) {
                throw new IOException("the server did not see all of the upload");
            }
        }
    }

    private void requests(QuicConnection connection, Progress progress) throws IOException {
        byte[] response = new byte[Content.RESPONSE_SIZE + 1];
        for (long begin = System.nanoTime(); progress.goesOn(); begin = progress.completed(begin)) {
            long number = requests.getAndIncrement();
            try (QuicStream stream = connection.openStream()) {
                stream.write(Content.request(Content.REQUEST, number));
                stream.finish();
                Content.checkResponse(number, response, Tokioj.readFully(stream, response));
            }
        }
    }

    private void handshakes(Progress progress) throws IOException {
        for (long begin = System.nanoTime(); progress.goesOn(); begin = progress.completed(begin)) {
            connect().abort(0);
        }
    }

    @Override
    public void verify(int blocks) throws Exception {
        byte[] expected = Content.sha256(blocks);
        runtime.spawn(() -> {
                    try (QuicConnection connection = connect()) {
                        verifyDownload(connection, blocks, expected);
                        verifyUpload(connection, blocks, expected);
                    }
                })
                .join(PATIENCE);
    }

    private static void verifyDownload(QuicConnection connection, int blocks, byte[] expected) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            stream.write(Content.request(Content.DOWNLOAD, blocks));
            stream.finish();
            MessageDigest digest = Content.newSha256();
            byte[] buf = new byte[Content.BLOCK];
            for (int n = stream.read(buf); n >= 0; n = stream.read(buf)) {
                digest.update(buf, 0, n);
            }
            if (!MessageDigest.isEqual(expected, digest.digest())) {
                throw new IOException("the SHA-256 of a download is wrong");
            }
        }
    }

    private static void verifyUpload(QuicConnection connection, int blocks, byte[] expected) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            stream.write(Content.request(Content.UPLOAD_HASHED, 0));
            for (int i = 0; i < blocks; i++) {
                stream.write(Content.block(i));
            }
            stream.finish();
            byte[] answer = new byte[expected.length];
            Tokioj.readFully(stream, answer);
            if (!MessageDigest.isEqual(expected, answer)) {
                throw new IOException("the SHA-256 of an upload is wrong");
            }
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        runtime.close();
    }
}

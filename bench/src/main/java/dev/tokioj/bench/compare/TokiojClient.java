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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** TokioJ's client: a task for each thing that is done at once. */
final class TokiojClient implements Asking {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AsyncRuntime runtime;
    private final QuicClient client;
    private final int port;
    private final AtomicLong requests = new AtomicLong();
    private final List<QuicConnection> held = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger turn = new AtomicInteger();

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
                .cryptoProvider(Tokioj.crypto(setup))
                .config(Tokioj.config(setup))
                .build();
    }

    private QuicConnection connect() throws IOException {
        return client.connect(Setup.HOST, port);
    }

    /** The connections that are held, in turn. */
    private QuicConnection next() {
        return held.get(Math.floorMod(turn.getAndIncrement(), held.size()));
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
            case REQUESTS, REQUESTS_1000, LATENCY -> {
                QuicConnection connection = connect();
                yield work(progress, connection, what.atOnce, () -> requests(() -> connection, progress));
            }
            case HANDSHAKES -> work(progress, connect(), what.atOnce, () -> handshakes(progress));
            case MANY -> work(progress, connect(), what.atOnce, () -> requests(this::next, progress));
            case IDLE -> throw new IllegalArgumentException(what.title());
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
            BlockingStreams.download(stream.input(), stream.output(), progress);
        }
    }

    private static void upload(QuicConnection connection, Progress progress) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            BlockingStreams.upload(stream.input(), stream.output(), progress);
        }
    }

    private void requests(Supplier<QuicConnection> connections, Progress progress) throws IOException {
        for (long begin = System.nanoTime(); progress.goesOn(); begin = progress.completed(begin)) {
            request(connections.get());
        }
    }

    private void request(QuicConnection connection) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            BlockingStreams.request(stream.input(), stream.output(), requests.getAndIncrement());
        }
    }

    private void handshakes(Progress progress) throws IOException {
        for (long begin = System.nanoTime(); progress.goesOn(); begin = progress.completed(begin)) {
            connect().abort(0);
        }
    }

    @Override
    public void verify(int blocks) throws Exception {
        runtime.spawn(() -> {
                    try (QuicConnection connection = connect()) {
                        try (QuicStream stream = connection.openStream()) {
                            BlockingStreams.verifyDownload(stream.input(), stream.output(), blocks);
                        }
                        try (QuicStream stream = connection.openStream()) {
                            BlockingStreams.verifyUpload(stream.input(), stream.output(), blocks);
                        }
                    }
                })
                .join(PATIENCE);
    }

    @Override
    public void open(int connections) throws Exception {
        AtomicInteger left = new AtomicInteger(connections - held.size());
        List<Task<?>> tasks = new ArrayList<>();
        for (int i = 0; i < Case.HANDSHAKES.atOnce; i++) {
            tasks.add(runtime.spawn(() -> {
                while (left.getAndDecrement() > 0) {
                    held.add(connect());
                }
            }));
        }
        for (Task<?> task : tasks) {
            task.join();
        }
    }

    @Override
    public void askEach() throws Exception {
        runtime.spawn(() -> {
                    for (QuicConnection connection : held) {
                        request(connection);
                    }
                })
                .join();
    }

    @Override
    public void close() throws IOException {
        client.close();
        runtime.close();
    }
}

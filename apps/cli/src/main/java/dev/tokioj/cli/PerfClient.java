package dev.tokioj.cli;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The measuring side of {@code tokioj perf}. */
final class PerfClient {
    private static final int FIRST_LATENCIES = 1 << 12;

    private final QuicClient client;
    private final HostPort server;
    private final Duration duration;
    private final int parallel;
    private final int connections;

    /**
     * A client.
     *
     * @param duration how long each case is measured, after a fifth of that to warm up
     * @param parallel requests or handshakes at a time
     * @param connections that transfers use
     */
    PerfClient(QuicClient client, HostPort server, Duration duration, int parallel, int connections) {
        this.client = client;
        this.server = server;
        this.duration = duration;
        this.parallel = parallel;
        this.connections = connections;
    }

    /** Latencies of one task, in an array that grows. */
    private static final class Latencies {
        private long[] nanos = new long[FIRST_LATENCIES];
        private int count;

        void add(long latency) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, count * 2);
            }
            nanos[count++] = latency;
        }

        static long[] all(List<Latencies> parts) {
            int total = 0;
            for (Latencies part : parts) {
                total += part.count;
            }
            long[] all = new long[total];
            int at = 0;
            for (Latencies part : parts) {
                System.arraycopy(part.nanos, 0, all, at, part.count);
                at += part.count;
            }
            return all;
        }
    }

    /** Something to do again and again. */
    private interface Operation {
        void run() throws Exception;
    }

    /** A stream from the server on each connection. */
    PerfResult bulk() throws Exception {
        return bulk("bulk");
    }

    private PerfResult bulk(String name) throws Exception {
        return transfer(name, (connection, window) -> {
            try (QuicStream stream = connection.openStream()) {
                stream.write(new byte[] {PerfProtocol.DOWNLOAD});
                stream.write(PerfProtocol.longBytes(Long.MAX_VALUE));
                stream.finish();
                byte[] chunk = new byte[PerfProtocol.CHUNK];
                while (!window.isOver()) {
                    int n = stream.read(chunk);
                    if (n < 0) {
                        throw new IOException("the server ended an endless download");
                    }
                    window.count(n);
                }
                stream.stopReading(0);
            }
        });
    }

    /** A stream to the server on each connection. What was taken for sending counts, and all of it must arrive. */
    PerfResult upload() throws Exception {
        return transfer("upload", PerfClient::upload);
    }

    private static void upload(QuicConnection connection, Window window) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            stream.write(new byte[] {PerfProtocol.UPLOAD});
            byte[] content = PerfProtocol.content();
            long sent = 0;
            while (!window.isOver()) {
                stream.write(content);
                sent += content.length;
                window.count(content.length);
            }
            stream.finish();
            long counted = PerfProtocol.readLong(stream);
            if (counted != sent) {
                throw new IOException("the server counted " + counted + " bytes of " + sent);
            }
        }
    }

    /** One connection's part of a transfer. */
    private interface Transfer {
        void run(QuicConnection connection, Window window) throws IOException;
    }

    /** When bytes count: after the warm-up, until the end. */
    private static final class Window {
        final long start;
        final long end;
        final LongAdder bytes = new LongAdder();

        Window(long warmUp, long duration) {
            start = System.nanoTime() + warmUp;
            end = start + duration;
        }

        boolean isOver() {
            return System.nanoTime() - end >= 0;
        }

        void count(int n) {
            long now = System.nanoTime();
            if (now - start >= 0 && now - end < 0) {
                bytes.add(n);
            }
        }

        static void sleepUntil(long time) throws InterruptedException {
            Thread.sleep(Duration.ofNanos(Math.max(0, time - System.nanoTime())));
        }
    }

    private PerfResult transfer(String name, Transfer transfer) throws Exception {
        try (QuicConnection steady = connect();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<QuicConnection> each = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                each.add(connect());
            }
            Window window = new Window(warmUp(), duration.toNanos());
            List<Future<?>> workers = new ArrayList<>();
            for (QuicConnection connection : each) {
                Callable<@Nullable Void> part = () -> {
                    try (connection) {
                        transfer.run(connection, window);
                    }
                    return null;
                };
                workers.add(threads.submit(part));
            }
            Window.sleepUntil(window.start);
            long serverCpu = PerfProtocol.serverCpuNanos(steady);
            long clientCpu = PerfProtocol.cpuNanos();
            Window.sleepUntil(window.end);
            clientCpu = PerfProtocol.cpuNanos() - clientCpu;
            serverCpu = PerfProtocol.serverCpuNanos(steady) - serverCpu;
            await(workers);
            return PerfResult.transfer(name, window.bytes.sum(), duration.toNanos(), serverCpu, clientCpu);
        }
    }

    /** Requests of 64 bytes, each on a stream of its own, answered with 1000. */
    PerfResult requests() throws Exception {
        try (QuicConnection connection = connect()) {
            return repeat("requests", "requests/s", connection, () -> {
                byte[] request = new byte[PerfProtocol.REQUEST_SIZE];
                request[0] = PerfProtocol.REQUEST;
                try (QuicStream stream = connection.openStream()) {
                    stream.write(request);
                    stream.finish();
                    int answer = stream.input().readNBytes(PerfProtocol.RESPONSE_SIZE + 1).length;
                    if (answer != PerfProtocol.RESPONSE_SIZE) {
                        throw new IOException("an answer of " + answer + " bytes");
                    }
                }
            });
        }
    }

    /** Full handshakes, the certificate verified. */
    PerfResult handshakes() throws Exception {
        try (QuicConnection steady = connect()) {
            return repeat("handshakes", "handshakes/s", steady, () -> connect().abort(0));
        }
    }

    /**
     * Handshakes alone, and while another client's connections transfer each way as fast as they can: does the server's loop let
     * what is urgent go first?
     */
    List<PerfResult> handshakesUnderBulk(QuicClient other) throws Exception {
        PerfResult idle;
        try (QuicConnection steady = connect()) {
            idle = repeat(
                    "handshakes-idle", "handshakes/s", steady, () -> connect().abort(0));
        }
        PerfClient bulk = new PerfClient(other, server, duration.multipliedBy(2), parallel, connections);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                QuicConnection steady = connect()) {
            Future<PerfResult> down = threads.submit(() -> bulk.bulk("bulk-beside-handshakes"));
            Future<PerfResult> up = threads.submit(() -> bulk.transfer("upload-beside-handshakes", PerfClient::upload));
            Window.sleepUntil(System.nanoTime() + warmUp() * 2);
            PerfResult loaded = repeat(
                    "handshakes-under-bulk",
                    "handshakes/s",
                    steady,
                    () -> connect().abort(0));
            return List.of(idle, loaded, down.get(), up.get());
        }
    }

    private PerfResult repeat(String name, String unit, QuicConnection steady, Operation operation) throws Exception {
        run(warmUp(), operation);
        long serverCpu = PerfProtocol.serverCpuNanos(steady);
        long clientCpu = PerfProtocol.cpuNanos();
        long start = System.nanoTime();
        long[] latencies = run(duration.toNanos(), operation);
        long elapsed = System.nanoTime() - start;
        clientCpu = PerfProtocol.cpuNanos() - clientCpu;
        serverCpu = PerfProtocol.serverCpuNanos(steady) - serverCpu;
        return PerfResult.operations(name, unit, latencies, elapsed, serverCpu, clientCpu);
    }

    private long[] run(long nanos, Operation operation) throws Exception {
        long end = System.nanoTime() + nanos;
        List<Latencies> parts = new ArrayList<>();
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < parallel; i++) {
                Latencies part = new Latencies();
                parts.add(part);
                workers.add(threads.submit(() -> repeat(operation, end, part)));
            }
        }
        await(workers);
        return Latencies.all(parts);
    }

    private static void await(List<Future<?>> workers) throws Exception {
        for (Future<?> worker : workers) {
            try {
                worker.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }

    private static @Nullable Void repeat(Operation operation, long end, Latencies part) throws Exception {
        for (long now = System.nanoTime(); now < end; ) {
            operation.run();
            long done = System.nanoTime();
            part.add(done - now);
            now = done;
        }
        return null;
    }

    private long warmUp() {
        return duration.toNanos() / 5;
    }

    private QuicConnection connect() throws IOException {
        return client.connect(server.host(), server.port());
    }
}

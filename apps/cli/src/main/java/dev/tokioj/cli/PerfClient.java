package dev.tokioj.cli;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The measuring side of {@code tokioj perf}. */
final class PerfClient {
    private static final int FIRST_LATENCIES = 1 << 12;

    private final QuicClient client;
    private final HostPort server;
    private final Duration duration;
    private final int parallel;

    /**
     * A client.
     *
     * @param duration how long each case is measured, after a fifth of that to warm up
     * @param parallel requests or handshakes at a time
     */
    PerfClient(QuicClient client, HostPort server, Duration duration, int parallel) {
        this.client = client;
        this.server = server;
        this.duration = duration;
        this.parallel = parallel;
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

    /** One stream from the server. */
    PerfResult bulk() throws IOException {
        try (QuicConnection connection = connect()) {
            try (QuicStream stream = connection.openStream()) {
                stream.write(new byte[] {PerfProtocol.DOWNLOAD});
                stream.write(PerfProtocol.longBytes(Long.MAX_VALUE));
                stream.finish();
                byte[] chunk = new byte[PerfProtocol.CHUNK];
                read(stream, chunk, warmUp());
                long serverCpu = PerfProtocol.serverCpuNanos(connection);
                long clientCpu = PerfProtocol.cpuNanos();
                long start = System.nanoTime();
                long bytes = read(stream, chunk, duration.toNanos());
                long elapsed = System.nanoTime() - start;
                clientCpu = PerfProtocol.cpuNanos() - clientCpu;
                serverCpu = PerfProtocol.serverCpuNanos(connection) - serverCpu;
                stream.stopReading(0);
                return PerfResult.transfer("bulk", bytes, elapsed, serverCpu, clientCpu);
            }
        }
    }

    private static long read(QuicStream stream, byte[] chunk, long nanos) throws IOException {
        long end = System.nanoTime() + nanos;
        long bytes = 0;
        while (System.nanoTime() < end) {
            int n = stream.read(chunk);
            if (n < 0) {
                throw new IOException("the server ended an endless download");
            }
            bytes += n;
        }
        return bytes;
    }

    /** One stream to the server. */
    PerfResult upload() throws IOException {
        try (QuicConnection connection = connect();
                QuicStream stream = connection.openStream()) {
            stream.write(new byte[] {PerfProtocol.UPLOAD});
            long sent = write(stream, warmUp());
            long serverCpu = PerfProtocol.serverCpuNanos(connection);
            long clientCpu = PerfProtocol.cpuNanos();
            long start = System.nanoTime();
            long measured = write(stream, duration.toNanos());
            stream.finish();
            // The server's count comes when it has all: what was only buffered is not counted as sent before.
            long counted = PerfProtocol.readLong(stream);
            long elapsed = System.nanoTime() - start;
            clientCpu = PerfProtocol.cpuNanos() - clientCpu;
            serverCpu = PerfProtocol.serverCpuNanos(connection) - serverCpu;
            if (counted != sent + measured) {
                throw new IOException("the server counted " + counted + " bytes of " + (sent + measured));
            }
            return PerfResult.transfer("upload", measured, elapsed, serverCpu, clientCpu);
        }
    }

    private static long write(QuicStream stream, long nanos) throws IOException {
        long end = System.nanoTime() + nanos;
        byte[] content = PerfProtocol.content();
        long bytes = 0;
        while (System.nanoTime() < end) {
            stream.write(content);
            bytes += content.length;
        }
        return bytes;
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
        for (Future<?> worker : workers) {
            try {
                worker.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
        return Latencies.all(parts);
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

package dev.tokioj.bench.compare;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The pipe ceiling's client. What counts is what was opened, whole datagrams, on either side. */
final class CeilingClient implements Asking {
    private static final long PATIENCE_SECONDS = 10;

    private final CeilingSocket socket = new CeilingSocket();
    private final CeilingPackets packets;
    private final int size;

    CeilingClient(Setup setup) throws IOException, GeneralSecurityException {
        size = setup.datagramSize();
        packets = new CeilingPackets(size);
        socket.joined();
        socket.connect(setup.port());
    }

    private interface Loop {
        void run(byte[] train) throws IOException, GeneralSecurityException;
    }

    @Override
    public Work start(Case what, Progress progress) {
        return switch (what) {
            case BULK -> work(progress, train -> receive(train, progress));
            case UPLOAD -> work(progress, train -> send(train, progress));
            case REQUESTS, REQUESTS_1000, LATENCY, HANDSHAKES, IDLE, MANY ->
                throw new IllegalArgumentException(what.title());
        };
    }

    private Work work(Progress progress, Loop loop) {
        CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("ceiling").start(() -> {
            try {
                loop.run(new byte[CeilingSocket.TRAIN]);
                ended.complete(null);
            } catch (IOException | GeneralSecurityException | RuntimeException e) {
                progress.fail(e);
                ended.completeExceptionally(e);
            }
        });
        return () -> ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void receive(byte[] train, Progress progress) throws IOException, GeneralSecurityException {
        command(CeilingServer.SEND);
        while (progress.goesOn()) {
            int n = socket.receive(train);
            packets.open(train, n);
            progress.passed(n);
        }
        stop(train);
    }

    /** Twice: among other datagrams the first may be dropped, or come as the tail of a train. */
    private void stop(byte[] train) throws IOException {
        command(CeilingServer.STOP);
        drain(train);
        command(CeilingServer.STOP);
        drain(train);
    }

    /** What is still under way would be taken for the next run's. */
    private void drain(byte[] train) throws IOException {
        long quiet = System.nanoTime();
        while (System.nanoTime() - quiet < 50_000_000) {
            if (socket.poll(train) > 0) {
                quiet = System.nanoTime();
            }
        }
    }

    private void send(byte[] train, Progress progress) throws IOException, GeneralSecurityException {
        command(CeilingServer.RECEIVE);
        socket.segments(size);
        byte[] report = new byte[Long.BYTES];
        while (progress.goesOn()) {
            socket.send(train, packets.seal(train, CeilingSocket.TRAIN / size - 1));
            if (socket.poll(report) == Long.BYTES) {
                progress.passedInAll(Content.longOf(report));
            }
        }
        stop(train);
    }

    private void command(byte what) throws IOException {
        socket.segments(0);
        if (socket.send(new byte[] {what}, 1) != 1) {
            throw new IOException("a command was not sent");
        }
    }

    @Override
    public void verify(int blocks) {
        // Every packet is authenticated, and there is no order to be kept: opening is the check.
    }

    @Override
    public void open(int connections) {
        throw new UnsupportedOperationException("there are no connections");
    }

    @Override
    public void askEach() {
        throw new UnsupportedOperationException("there are no connections");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

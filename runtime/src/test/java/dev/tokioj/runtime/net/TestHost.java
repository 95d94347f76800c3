package dev.tokioj.runtime.net;

import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One poller with one socket that keeps all it receives, driven by the test's own thread. */
final class TestHost implements UdpHandler, AutoCloseable {
    /** A datagram, cut out of its train. */
    @SuppressWarnings("ArrayRecordComponent") // compared by its bytes, never by equals
    record Received(
            byte[] bytes,
            InetSocketAddress remote,
            @Nullable InetSocketAddress local,
            int ecn,
            boolean joined) {}

    final Poller poller;
    final UdpSocket socket;
    final List<Received> received = new ArrayList<>();
    int readable;
    int writable;
    /** Instead of keeping what comes. */
    @Nullable Consumer<UdpSocket> onReadable;

    private final RecvBatch batch = new RecvBatch(8);

    TestHost(Poller.Kind kind, UdpOptions options) throws IOException {
        poller = Poller.open(kind, false);
        socket = UdpSocket.open(poller, Runnable::run, options, this);
    }

    static TestHost at(Poller.Kind kind, String host) throws IOException {
        return new TestHost(kind, options(host).build());
    }

    static UdpOptions.Builder options(String host) {
        return UdpOptions.builder().bind(new InetSocketAddress(InetAddress.ofLiteral(host), 0));
    }

    InetSocketAddress address(String host) {
        return new InetSocketAddress(
                InetAddress.ofLiteral(host), socket.localAddress().getPort());
    }

    int send(byte[] bytes, int segmentSize, InetSocketAddress to) throws IOException {
        return socket.send(bytes, 0, bytes.length, segmentSize, to, null, 0);
    }

    @Override
    public void onReadable(UdpSocket s) {
        readable++;
        if (onReadable != null) {
            onReadable.accept(s);
            return;
        }
        try {
            drain(s);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void drain(UdpSocket s) throws IOException {
        int n;
        do {
            n = s.receive(batch);
            for (int i = 0; i < n; i++) {
                keep(i);
            }
        } while (n == batch.capacity());
    }

    private void keep(int i) {
        int length = batch.length(i);
        int segment = batch.segmentSize(i);
        int at = 0;
        do {
            int k = Math.min(segment, length - at);
            byte[] bytes = new byte[k];
            System.arraycopy(batch.buffer(), batch.offset(i) + at, bytes, 0, k);
            received.add(new Received(bytes, batch.remote(i), batch.local(i), batch.ecn(i), segment < length));
            at += k;
        } while (at < length);
    }

    @Override
    public void onWritable(UdpSocket s) {
        writable++;
    }

    /** Polls until it is so; fails after twenty seconds. */
    void until(BooleanSupplier condition) throws IOException {
        until(condition, this);
    }

    static void until(BooleanSupplier condition, TestHost... hosts) throws IOException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("it did not come to pass in 20 s");
            }
            for (TestHost host : hosts) {
                host.poller.poll(1_000_000);
            }
        }
    }

    Received await() throws IOException {
        int had = received.size();
        until(() -> received.size() > had);
        return received.get(had);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        poller.close();
    }
}

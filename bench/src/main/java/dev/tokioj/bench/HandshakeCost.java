package dev.tokioj.bench;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.sim.SimulationIdentity;
import dev.tokioj.tls.CryptoProvider;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.IdentitySelector;
import dev.tokioj.tls.NamedGroup;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsServerConfig;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one full handshake costs each side in time and garbage, on one thread and without a network: two endpoints hand each
 * other their datagrams, the server's P-256 certificate is verified, and the client closes. Run {@code main} with the number
 * of handshakes a round and the groups, and with {@code -Dcrypto=NAME} for another crypto provider; each line is one round, so the first ones show the cost of a cold JVM.
 */
public final class HandshakeCost {
    private static final System.Logger LOG = System.getLogger(HandshakeCost.class.getName());
    private static final int ROUNDS = 10;
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1111);
    private static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2222);

    private final Side client;
    private final Side server;
    private final TlsClientConfig clientTls;
    private long now = SECOND;

    private HandshakeCost(List<NamedGroup> groups, CryptoProvider crypto) {
        SecureRandom random = new SecureRandom();
        this.clientTls = TlsClientConfig.builder(List.of("bench"), SimulationIdentity.verifier(), random)
                .groups(groups)
                .cryptoProvider(crypto)
                .build();
        TlsServerConfig serverTls = TlsServerConfig.builder(
                        List.of("bench"), IdentitySelector.of(SimulationIdentity.identity()), random)
                .groups(groups)
                .cryptoProvider(crypto)
                .build();
        this.client = new Side(EndpointConfig.client(), new NetPath(0, CLIENT, SERVER), random);
        this.server =
                new Side(EndpointConfig.builder().serverTls(serverTls).build(), new NetPath(0, SERVER, CLIENT), random);
    }

    /** Arguments: handshakes a round, then groups (default X25519). */
    public static void main(String[] args) throws ReflectiveOperationException {
        int handshakes = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
        List<NamedGroup> groups = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
            groups.add(NamedGroup.valueOf(args[i]));
        }
        if (groups.isEmpty()) {
            groups.add(NamedGroup.X25519);
        }
        CryptoProvider crypto = CryptoProvider.named(System.getProperty("crypto", "jdk"), new SecureRandom());
        LOG.log(System.Logger.Level.INFO, "crypto provider: " + crypto);
        HandshakeCost cost = new HandshakeCost(groups, crypto);
        for (int round = 0; round < ROUNDS; round++) {
            cost.measure(handshakes);
        }
    }

    private void measure(int handshakes) {
        client.reset();
        server.reset();
        for (int i = 0; i < handshakes; i++) {
            handshake();
        }
        LOG.log(
                System.Logger.Level.INFO,
                "%d handshakes: server %,.1f us %,d bytes of garbage, client %,.1f us %,d bytes of garbage"
                        .formatted(
                                handshakes,
                                server.nanos / 1e3 / handshakes,
                                server.bytes / handshakes,
                                client.nanos / 1e3 / handshakes,
                                client.bytes / handshakes));
    }

    private void handshake() {
        now += SECOND;
        Handler handler = new Handler(client);
        Connection connection = client.timed(() -> client.endpoint.connect(
                now, QuicConfig.defaults(), clientTls, SimulationIdentity.NAME, client.path, handler));
        while (connection.handshake() == null || client.hasWork() || server.hasWork()) {
            exchange();
        }
        client.timed(() -> {
            connection.close(0, "");
            return connection;
        });
        exchange();
        now += SECOND;
        client.expire();
        server.expire();
    }

    private void exchange() {
        client.work();
        client.flush(server);
        server.work();
        server.flush(client);
    }

    /** One endpoint with what it costs. */
    private final class Side implements EndpointHost {
        final Endpoint endpoint;
        final NetPath path;
        final Transmit transmit = new Transmit();
        final ArrayDeque<Runnable> work = new ArrayDeque<>();
        final Map<Connection, Long> deadlines = new HashMap<>();
        long nanos;
        long bytes;

        Side(EndpointConfig config, NetPath path, SecureRandom random) {
            this.path = path;
            this.endpoint = new Endpoint(config, random, this);
        }

        void reset() {
            nanos = 0;
            bytes = 0;
        }

        boolean hasWork() {
            return !work.isEmpty();
        }

        <T> T timed(Supplier<T> body) {
            long allocated = Allocation.ofThisThread();
            long start = System.nanoTime();
            T result = body.get();
            nanos += System.nanoTime() - start;
            bytes += Allocation.ofThisThread() - allocated;
            return result;
        }

        void work() {
            for (Runnable next = work.poll(); next != null; next = work.poll()) {
                Runnable task = next;
                timed(() -> {
                    task.run();
                    return task;
                });
            }
        }

        void flush(Side peer) {
            while (timed(() -> endpoint.transmit(now, transmit))) {
                for (int at = 0; at < transmit.length; at += transmit.segmentSize) {
                    int from = at;
                    int length = Math.min(transmit.segmentSize, transmit.length - at);
                    peer.timed(() -> {
                        peer.endpoint.receive(now, transmit.buf, from, length, peer.path, 0);
                        return peer;
                    });
                }
                peer.work();
            }
        }

        void expire() {
            for (Connection connection : List.copyOf(deadlines.keySet())) {
                timed(() -> {
                    endpoint.onTimeout(now, connection);
                    return connection;
                });
            }
        }

        @Override
        public @Nullable ConnectionHandler accept(Connection c) {
            return new Handler(this);
        }

        @Override
        public void dirty(Endpoint e) {
            // Flushed in turn.
        }

        @Override
        public void rearm(Connection c, long deadline) {
            deadlines.put(c, deadline);
        }

        @Override
        public void released(Connection c) {
            deadlines.remove(c);
        }
    }

    /** Does the handshake's slow work and nothing else. */
    private final class Handler implements ConnectionHandler {
        private final Side side;

        Handler(Side side) {
            this.side = side;
        }

        @Override
        public void onDelegated(Connection c, Delegated work) {
            side.work.add(() -> {
                work.run();
                c.resume(now, work);
            });
        }

        @Override
        public void onHandshakeComplete(Connection c) {}

        @Override
        public StreamSink onPeerStream(Connection c, long streamId) {
            return StreamSink.NONE;
        }

        @Override
        public void onStreamWritable(Connection c, long streamId) {}

        @Override
        public void onStopSending(Connection c, long streamId, long code) {}

        @Override
        public void onStreamsAvailable(Connection c, boolean bidirectional) {}

        @Override
        public void onStreamSendComplete(Connection c, long streamId) {}

        @Override
        public void recycle(byte[] chunk) {}

        @Override
        public void onClosed(Connection c, CloseReason reason) {}
    }

    /** The bytes this thread has allocated, by reflection: the module reads java.management nowhere else. */
    private static final class Allocation {
        private static final Object BEAN;
        private static final Method COUNT;

        static {
            try {
                BEAN = Class.forName("java.lang.management.ManagementFactory")
                        .getMethod("getThreadMXBean")
                        .invoke(null);
                COUNT = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        static long ofThisThread() {
            try {
                return (Long) COUNT.invoke(BEAN);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

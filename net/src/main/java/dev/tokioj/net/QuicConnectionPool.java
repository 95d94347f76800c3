package dev.tokioj.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Waiting;
import dev.tokioj.runtime.pool.ConnectionPool;
import dev.tokioj.runtime.pool.Lease;
import dev.tokioj.runtime.pool.PoolConfig;
import dev.tokioj.runtime.pool.PoolConnectException;
import dev.tokioj.runtime.pool.PoolStats;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * QUIC connections kept for reuse, by host, port and application protocol. {@link #openStream} opens a stream on a connection that is
 * there, as long as the peer allows streams on it (MAX_STREAMS, RFC 9000 section 4.6); else it makes another connection, as {@link
 * PoolConfig} allows, or waits until a stream of others ends. Connections that have ended, or are being closed, are used no more.
 * Any thread; what waits parks a virtual or platform thread, never a loop.
 *
 * <p>{@link PoolConfig} counts connections; a lease of its is a bidirectional stream, from its opening to its end: a stream that is
 * not wanted any more is to be {@linkplain QuicStream#close closed}. {@link PoolConfig#idleTimeout} is about connections without
 * streams; the peer's idle timeout may end them sooner.
 *
 * <pre>{@code
 * try (var pool = QuicConnectionPool.open(QuicClient.builder().alpn("echo").trust(ca), PoolConfig.builder().build());
 *      var stream = pool.openStream("example.org", 4433)) { ... }
 * }</pre>
 */
public final class QuicConnectionPool implements AutoCloseable {
    /** An address that is new at each attempt gets so many: a server that closes what it has accepted would keep us for ever. */
    private static final int ATTEMPTS = 4;

    /**
     * Where to, and what is spoken there.
     *
     * @param host a name or an address literal
     * @param port the UDP port
     * @param alpn the application protocol (RFC 7301), one of the client's
     */
    public record Address(String host, int port, String alpn) {
        @Override
        public String toString() {
            return host + ":" + port + " (" + alpn + ")";
        }
    }

    /** By application protocol: each connection offers one. */
    private final Map<String, QuicClient> clients;

    private final List<String> protocols;
    private final PoolConfig config;
    private final ConnectionPool<Address, PooledConnection> pool;

    private QuicConnectionPool(
            Map<String, QuicClient> clients, AsyncRuntime runtime, PoolConfig config, int maxStreams) {
        this.clients = clients;
        this.protocols = List.copyOf(clients.keySet());
        this.config = config;
        this.pool = ConnectionPool.open(runtime, new PooledConnection.Dialer(this, maxStreams), config);
    }

    /** A pool whose connections carry as many streams at once as their peers allow. See {@link #open(QuicClient.Builder, PoolConfig, int)}. */
    public static QuicConnectionPool open(QuicClient.Builder client, PoolConfig config) throws IOException {
        return open(client, config, Integer.MAX_VALUE);
    }

    /**
     * A pool, empty at first.
     *
     * @param client how connections are made; each of its application protocols gets connections of its own. It is not to be used for
     *     anything else afterwards
     * @param maxStreams bidirectional streams that a connection carries at once at most; fewer if the peer allows fewer
     */
    public static QuicConnectionPool open(QuicClient.Builder client, PoolConfig config, int maxStreams)
            throws IOException {
        if (maxStreams < 1) {
            throw new IllegalArgumentException("maxStreams: must be 1 or more, is " + maxStreams);
        }
        List<String> protocols = client.alpn();
        if (protocols.isEmpty()) {
            throw new IllegalStateException("a pool of QUIC connections needs a client with alpn(...)");
        }
        Map<String, QuicClient> clients = new LinkedHashMap<>();
        try {
            QuicClient first = client.alpn(protocols.get(0)).build();
            clients.put(protocols.get(0), first);
            for (String protocol : protocols.subList(1, protocols.size())) {
                clients.put(
                        protocol, client.runtime(first.runtime()).alpn(protocol).build());
            }
            return new QuicConnectionPool(clients, first.runtime(), config, maxStreams);
        } catch (IOException | RuntimeException e) {
            try {
                close(clients);
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** As {@link #openStream(Address, Duration)}, with the first of the protocols, waiting {@link PoolConfig#borrowTimeout} at most. */
    public QuicStream openStream(String host, int port) throws IOException {
        return openStream(new Address(host, port, protocols.get(0)), config.borrowTimeout());
    }

    /** As {@link #openStream(Address, Duration)}, waiting {@link PoolConfig#borrowTimeout} at most. */
    public QuicStream openStream(Address address) throws IOException {
        return openStream(address, config.borrowTimeout());
    }

    /**
     * Opens a stream that both sides may send on. The peer hears of it with the first bytes. A connection that ends before the stream
     * is opened is replaced.
     *
     * @throws dev.tokioj.runtime.pool.PoolTimeoutException if there was no connection with room in time
     * @throws dev.tokioj.runtime.pool.PoolClosedException if the pool is closed
     * @throws HandshakeFailedException and others of the family of {@link QuicException}, if a connection could not be made
     * @throws PoolConnectException if a connection could not be made for another reason, such as an unknown host
     * @throws java.io.InterruptedIOException if interrupted; the flag stays set
     * @throws IllegalArgumentException if the client does not speak the address's protocol
     */
    public QuicStream openStream(Address address, Duration timeout) throws IOException {
        EventLoop.checkMayBlock("QuicConnectionPool.openStream");
        if (!clients.containsKey(address.alpn())) {
            throw new IllegalArgumentException("alpn: must be one of " + protocols + ", is " + address.alpn());
        }
        Waiting waiting = Waiting.current();
        long start = waiting.nanoTime();
        for (int attempt = 1; ; attempt++) {
            Lease<Address, PooledConnection> lease = borrow(address, timeout.minusNanos(waiting.nanoTime() - start));
            try {
                return lease.connection().openStream(lease);
            } catch (ConnectionClosedException e) {
                // It ended just now and the pool will hear of it; nothing was sent on the stream.
                lease.invalidate();
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Lease<Address, PooledConnection> borrow(Address address, Duration timeout) throws IOException {
        try {
            return pool.borrow(address, timeout);
        } catch (PoolConnectException e) {
            throw e.getCause() instanceof QuicException cause ? Failures.rethrown(cause) : e;
        }
    }

    /** The figures: connections, and as leases their streams. */
    public PoolStats stats() {
        return pool.stats();
    }

    /**
     * Closes: no new streams; connections without streams at once, others when their streams have ended or {@link
     * PoolConfig#closeTimeout} has passed; then what is left, at once.
     */
    @Override
    public void close() throws IOException {
        try {
            pool.close();
        } finally {
            close(clients);
        }
    }

    /** The last first: the runtime may be the first one's. */
    private static void close(Map<String, QuicClient> clients) throws IOException {
        CloseEach.of(List.copyOf(clients.values()).reversed(), QuicClient::close);
    }

    // ---- for the connections

    QuicClient client(Address address) {
        QuicClient client = clients.get(address.alpn());
        if (client == null) {
            throw new IllegalArgumentException("no client speaks " + address.alpn());
        }
        return client;
    }

    void raiseLimit(PooledConnection connection, long limit) {
        pool.raiseLimit(connection, limit);
    }

    void retire(PooledConnection connection) {
        pool.retire(connection);
    }

    @Override
    public String toString() {
        return pool.toString();
    }
}

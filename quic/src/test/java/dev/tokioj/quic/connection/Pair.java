package dev.tokioj.quic.connection;

import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.path.NetPath;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A client's and a server's endpoint with a pipe between them and a clock that jumps to whatever comes next. */
final class Pair {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;
    /** One way. */
    static final long LATENCY = 10 * MILLI;

    static final InetSocketAddress CLIENT = address(1, 1111);
    static final InetSocketAddress SERVER = address(2, 443);

    /** What a test may do later, on the owner's thread. */
    interface Clock {
        void later(LongConsumer work);
    }

    /** A datagram on its way. */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    record Datagram(long arrival, long order, byte[] bytes, InetSocketAddress from, InetSocketAddress to, int ecn) {
        Datagram bytes(byte[] other) {
            return new Datagram(arrival, order, other, from, to, ecn);
        }

        Datagram from(InetSocketAddress other) {
            return new Datagram(arrival, order, bytes, other, to, ecn);
        }

        Datagram ecn(int other) {
            return new Datagram(arrival, order, bytes, from, to, other);
        }

        boolean toServer() {
            return to.equals(SERVER);
        }
    }

    /** One side. */
    final class Side implements EndpointHost {
        final Endpoint endpoint;
        final InetSocketAddress address;
        final Map<Connection, Long> timers = new HashMap<>();
        final List<TestApp> accepted = new ArrayList<>();
        final List<Connection> connections = new ArrayList<>();
        private final Transmit out = new Transmit();
        int released;
        boolean dirty;
        boolean refuse;
        long sentBytes;
        int sentDatagrams;
        int batches;

        Side(EndpointConfig config, long seed, InetSocketAddress address) {
            this.endpoint = new Endpoint(config, new SeededRandom(seed), this);
            this.address = address;
        }

        @Override
        public @Nullable ConnectionHandler accept(Connection c) {
            if (refuse) {
                return null;
            }
            var app = new TestApp();
            app.clock = Pair.this::later;
            app.connection = c;
            prepare.accept(app);
            accepted.add(app);
            connections.add(c);
            return app;
        }

        @Override
        public void dirty(Endpoint e) {
            dirty = true;
        }

        @Override
        public void rearm(Connection c, long deadline) {
            if (deadline == Long.MAX_VALUE) {
                timers.remove(c);
            } else {
                timers.put(c, deadline);
            }
        }

        @Override
        public void released(Connection c) {
            released++;
            connections.remove(c);
        }

        void flush() {
            dirty = false;
            while (endpoint.transmit(now, out)) {
                batches++;
                for (int at = 0; at < out.length; at += out.segmentSize) {
                    int len = Math.min(out.segmentSize, out.length - at);
                    byte[] bytes = new byte[len];
                    System.arraycopy(out.buf, at, bytes, 0, len);
                    sentBytes += len;
                    sentDatagrams++;
                    put(new Datagram(
                            now + LATENCY, order++, bytes, address, out.path().remote(), out.ecn));
                }
            }
        }

        long nextTimer() {
            long next = Long.MAX_VALUE;
            for (long t : timers.values()) {
                next = Math.min(next, t);
            }
            return next;
        }

        void fire() {
            for (var e : List.copyOf(timers.entrySet())) {
                if (e.getValue() <= now) {
                    timers.remove(e.getKey());
                    endpoint.onTimeout(now, e.getKey());
                }
            }
        }

        TestApp app() {
            return accepted.getLast();
        }
    }

    private final PriorityQueue<Datagram> wire = new PriorityQueue<>(
            (a, b) -> a.arrival != b.arrival ? Long.compare(a.arrival, b.arrival) : Long.compare(a.order, b.order));
    private final ArrayDeque<LongConsumer> later = new ArrayDeque<>();
    final long seed;
    final SeededRandom random;
    final Side client;
    final Side server;
    final QuicConfig clientConfig;
    final List<Datagram> log = new ArrayList<>();
    long now = SECOND;
    private long order;
    /** What the network does to a datagram: null loses it. */
    UnaryOperator<@Nullable Datagram> network = d -> d;

    java.util.function.Consumer<TestApp> prepare = _ -> {};

    Pair(long seed) {
        this(seed, QuicConfig.defaults(), QuicConfig.defaults(), EndpointConfig.builder());
    }

    Pair(long seed, QuicConfig clientConfig, QuicConfig serverConfig, EndpointConfig.Builder endpoint) {
        this.seed = seed;
        this.random = new SeededRandom(seed);
        this.clientConfig = clientConfig;
        this.client = new Side(EndpointConfig.client(), seed + 1, CLIENT);
        this.server = new Side(
                endpoint.server(serverConfig)
                        .serverTls(TestTls.server(new SeededRandom(seed + 2)))
                        .build(),
                seed + 3,
                SERVER);
    }

    static InetSocketAddress address(int host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host}), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    void later(LongConsumer work) {
        later.add(work);
    }

    /** Starts a client's connection; nothing is delivered yet. */
    TestApp connect() {
        return connect(false);
    }

    TestApp connect(boolean bigHello) {
        var app = new TestApp();
        app.clock = this::later;
        var tls = bigHello ? TestTls.bigClient(random) : TestTls.client(random);
        app.connection =
                client.endpoint.connect(now, clientConfig, tls, "localhost", new NetPath(0, CLIENT, SERVER), app);
        client.connections.add(app.connection);
        return app;
    }

    /** A client whose handshake is complete and confirmed. */
    TestApp connected() {
        TestApp app = connect();
        run(() -> app.completed == 1 && !server.accepted.isEmpty() && server.app().completed == 1);
        settle();
        return app;
    }

    /** Puts a datagram on the wire as if an endpoint had sent it. */
    void put(Datagram d) {
        log.add(d);
        Datagram kept = network.apply(d);
        if (kept != null) {
            wire.add(kept);
        }
    }

    void inject(byte[] bytes, InetSocketAddress from, InetSocketAddress to) {
        wire.add(new Datagram(now, order++, bytes, from, to, 0));
    }

    /** One event: whatever is next. False if nothing is, up to {@code until}. */
    boolean step(long until) {
        LongConsumer work = later.poll();
        if (work != null) {
            work.accept(now);
            return true;
        }
        if (client.dirty || server.dirty) {
            client.flush();
            server.flush();
            return true;
        }
        Datagram next = wire.peek();
        long arrival = next == null ? Long.MAX_VALUE : next.arrival();
        long timer = Math.min(client.nextTimer(), server.nextTimer());
        long at = Math.min(arrival, timer);
        if (at > until) {
            return false;
        }
        now = Math.max(now, at);
        if (arrival <= timer && next != null) {
            wire.poll();
            deliver(next);
        } else {
            client.fire();
            server.fire();
        }
        return true;
    }

    private void deliver(Datagram d) {
        Side side = d.toServer() ? server : client;
        byte[] copy = d.bytes().clone();
        side.endpoint.receive(now, copy, 0, copy.length, new NetPath(0, d.to(), d.from()), d.ecn());
    }

    /** Runs until the condition holds; fails after a minute of the clock. */
    void run(BooleanSupplier until) {
        long end = now + 60 * SECOND;
        int steps = 0;
        while (!until.getAsBoolean()) {
            if (!step(end) || ++steps > 2_000_000) {
                throw new AssertionError("seed " + seed + ": nothing more happens at " + now / MILLI + " ms");
            }
        }
    }

    /** Runs for a while of the clock. */
    void runFor(long nanos) {
        long end = now + nanos;
        int steps = 0;
        while (step(end)) {
            if (++steps > 2_000_000) {
                throw new AssertionError("seed " + seed + ": endless");
            }
        }
        now = end;
    }

    /** Lets what is on its way arrive and be answered, and what waits a little be sent. */
    void settle() {
        runFor(300 * MILLI);
    }
}

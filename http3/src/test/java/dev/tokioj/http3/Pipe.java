package dev.tokioj.http3;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.Identity;
import dev.tokioj.tls.IdentitySelector;
import dev.tokioj.tls.InsecureTrustAnyCertificate;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Two endpoints, a wire of 5 ms between them that loses nothing, and a clock that jumps to what happens next. */
final class Pipe {
    private static final long LATENCY = 5_000_000;

    /** What happens at a time; in the order of planning where times are equal. */
    private record Event(long at, long number, Runnable action) {}

    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.at() != b.at() ? Long.compare(a.at(), b.at()) : Long.compare(a.number(), b.number()));
    private final Host client;
    private final Host server;
    private long now = 1_000_000_000L;
    private long planned;

    /** A client's connection and the server that will accept it, made of production code but for the wire. */
    Pipe(
            QuicConfig clientConfig,
            ConnectionHandler clientHandler,
            QuicConfig serverConfig,
            ConnectionHandler serverHandler) {
        var serverTls = TlsServerConfig.builder(List.of("h3"), IdentitySelector.of(identity()), new SeededRandom(1))
                .build();
        var clientTls = TlsClientConfig.builder(List.of("h3"), new InsecureTrustAnyCertificate(), new SeededRandom(2))
                .build();
        client = new Host(address(1), EndpointConfig.client(), null, new SeededRandom(3));
        server = new Host(
                address(2),
                EndpointConfig.builder()
                        .serverTls(serverTls)
                        .server(serverConfig)
                        .build(),
                serverHandler,
                new SeededRandom(4));
        client.peer = server;
        server.peer = client;
        client.endpoint.connect(
                now,
                clientConfig,
                clientTls,
                "localhost",
                new NetPath(0, client.address, server.address),
                clientHandler);
    }

    /** Lets time pass until the condition holds; fails after 10 s of it. */
    void until(BooleanSupplier condition) {
        long end = now + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (!step(end)) {
                throw new AssertionError("it did not happen in 10 s");
            }
        }
    }

    /** Lets some milliseconds pass. */
    void run(long millis) {
        long end = now + millis * 1_000_000;
        boolean more = true;
        while (more) {
            more = step(end);
        }
        now = end;
    }

    private boolean step(long end) {
        Event event = events.peek();
        if (event == null || event.at() > end) {
            return false;
        }
        events.remove(event);
        now = event.at();
        event.action().run();
        return true;
    }

    /** Runs a connection's slow work, at once but not in the middle of what the connection does. */
    void delegate(Connection c, Delegated work) {
        plan(now, () -> {
            work.run();
            c.resume(now, work);
        });
    }

    private void plan(long at, Runnable action) {
        events.add(new Event(Math.max(at, now), planned++, action));
    }

    private static InetSocketAddress address(int host) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host}), 443);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Identity identity() {
        try {
            Path certificate = Path.of(Pipe.class.getResource("cert.pem").toURI());
            return Identity.pem(certificate, certificate.resolveSibling("key.pem"));
        } catch (IOException | GeneralSecurityException | URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Randomness that repeats. */
    static final class SeededRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final Random random;

        SeededRandom(long seed) {
            this.random = new Random(seed);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            random.nextBytes(bytes);
        }
    }

    private final class Host implements EndpointHost {
        private final InetSocketAddress address;
        private final Endpoint endpoint;
        private final @Nullable ConnectionHandler acceptor;
        private final Transmit transmit = new Transmit();
        private final Map<Connection, Event> timers = new HashMap<>();
        private @Nullable Host peer;
        private boolean flushPlanned;

        Host(
                InetSocketAddress address,
                EndpointConfig config,
                @Nullable ConnectionHandler acceptor,
                SecureRandom random) {
            this.address = address;
            this.acceptor = acceptor;
            this.endpoint = new Endpoint(config, random, this);
        }

        @Override
        public @Nullable ConnectionHandler accept(Connection c) {
            return acceptor;
        }

        @Override
        public void dirty(Endpoint e) {
            if (!flushPlanned) {
                flushPlanned = true;
                plan(now, this::flush);
            }
        }

        private void flush() {
            flushPlanned = false;
            while (endpoint.transmit(now, transmit)) {
                for (int at = 0; at < transmit.length; at += transmit.segmentSize) {
                    byte[] bytes =
                            Arrays.copyOfRange(transmit.buf, at, Math.min(transmit.length, at + transmit.segmentSize));
                    int ecn = transmit.ecn;
                    Host to = Objects.requireNonNull(peer);
                    plan(
                            now + LATENCY,
                            () -> to.endpoint.receive(
                                    now, bytes, 0, bytes.length, new NetPath(0, to.address, address), ecn));
                }
            }
        }

        @Override
        public void rearm(Connection c, long deadline) {
            Event before = timers.remove(c);
            if (before != null) {
                events.remove(before);
            }
            if (deadline != Long.MAX_VALUE) {
                var event = new Event(Math.max(deadline, now), planned++, () -> {
                    timers.remove(c);
                    endpoint.onTimeout(now, c);
                });
                timers.put(c, event);
                events.add(event);
            }
        }

        @Override
        public void released(Connection c) {
            rearm(c, Long.MAX_VALUE);
        }
    }
}

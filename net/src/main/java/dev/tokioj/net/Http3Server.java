package dev.tokioj.net;

import dev.tokioj.http3.Http3Config;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.RetryMode;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Timer;
import dev.tokioj.tls.Identity;
import dev.tokioj.tls.IdentitySelector;
import dev.tokioj.tls.TlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/3 server (RFC 9114): gives each request to the {@link Handler} of its path in a task of its own. Any thread.
 *
 * <pre>{@code
 * try (var server = Http3Server.builder().bind(8443).identity(identity)
 *         .handle("/api/test", exchange -> exchange.respond(200, "hello"))
 *         .start()) {
 *     server.join();
 * }
 * }</pre>
 */
public final class Http3Server implements AutoCloseable {
    private final Resources resources;
    private final Shard shard;
    private final ServerLife life;
    private final Routes routes;
    private final Placement placement;
    private final Http3Config http3Config;
    private final Duration headTimeout;
    private final List<InetSocketAddress> addresses;
    /** The loop's. */
    private final Set<Http3ServerSession> sessions = new HashSet<>();

    private final Timer sweeper;

    private Http3Server(Builder builder) throws IOException {
        this.routes = builder.routes;
        this.placement = builder.placement;
        this.http3Config = builder.http3;
        this.headTimeout = builder.headTimeout;
        this.resources = Resources.open(builder, "http3-server");
        this.life = new ServerLife("the HTTP/3 server", resources.runtime().clock(), builder.closeTimeout);
        Shard opened = null;
        try {
            QuicConfig config = resources.listening(builder.config.build());
            opened = Shard.open(
                    resources.runtime().loops().next(),
                    builder.settings(config),
                    builder.endpoint(resources, config),
                    resources.random(),
                    this::accept);
            this.shard = opened;
            this.sweeper = opened.loop().newTimer(this::sweep);
            this.addresses = ServerSockets.bind(opened, builder.addresses());
        } catch (IOException | RuntimeException e) {
            if (opened != null) {
                opened.close(0, "");
            }
            resources.close();
            throw e;
        }
    }

    /** A builder; {@code identity} must be set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it listens; the first of {@link #localAddresses}. */
    public InetSocketAddress localAddress() {
        return addresses.getFirst();
    }

    /** Where it listens, with the ports that the system chose. */
    public List<InetSocketAddress> localAddresses() {
        return addresses;
    }

    /** The port of {@link #localAddress}. */
    public int port() {
        return localAddress().getPort();
    }

    /** Connections that have not ended, those in their handshake included. */
    public int connectionCount() throws IOException {
        return shard.call("connectionCount", shard::connectionCount);
    }

    /** Waits until the server is closed. */
    public void join() throws InterruptedException {
        life.join();
    }

    /** Waits until the server is closed; an interrupt (so a cancelled task) closes it. */
    public void run() throws InterruptedException {
        try {
            life.join();
        } catch (InterruptedException e) {
            close();
            throw e;
        }
    }

    /**
     * Closes gracefully: tells the clients with GOAWAY to make no new requests, answers those that came, and delivers the answers;
     * after the {@code closeTimeout} handlers are cancelled and connections closed. Idempotent.
     */
    @Override
    public void close() {
        life.close(this::announceEnd, () -> {
            try {
                if (!awaitDelivery()) {
                    Shard.LOG.log(System.Logger.Level.INFO, "some responses were not delivered in time");
                }
                shard.close(dev.tokioj.http3.Http3Error.H3_NO_ERROR.code(), "the server is closing");
            } finally {
                resources.close();
            }
        });
    }

    private void announceEnd() {
        shard.execute(() -> List.copyOf(sessions).forEach(Http3ServerSession::announceGoAway));
    }

    /** Refuses what still comes, and waits until every connection has delivered its answers and closed. */
    private boolean awaitDelivery() throws IOException {
        Reply<Boolean> reply = new Reply<>();
        shard.execute(() -> {
            List.copyOf(sessions).forEach(Http3ServerSession::drain);
            afterLast = reply;
            Timer bound = shard.loop().newTimer(() -> reply.complete(Boolean.FALSE));
            bound.arm(shard.loop().now() + shard.settings().closeTimeout().toNanos());
            tellIfLast();
        });
        return reply.await("close");
    }

    /** The loop's: who waits for the last session to end. */
    private @Nullable Reply<Boolean> afterLast;

    private void tellIfLast() {
        if (afterLast != null && sessions.isEmpty()) {
            afterLast.complete(Boolean.TRUE);
        }
    }

    // Loop.

    private @Nullable ConnectionHandler accept(Connection connection) {
        if (life.isClosing()) {
            return null;
        }
        if (!sweeper.isArmed()) {
            armSweeper();
        }
        Http3ServerSession session =
                new Http3ServerSession(this, shard, connection.path().remote());
        sessions.add(session);
        return session.attach(connection);
    }

    private void armSweeper() {
        sweeper.arm(shard.loop().now() + headTimeout.toNanos());
    }

    private void sweep() {
        sessions.forEach(Http3ServerSession::sweep);
        if (!sessions.isEmpty()) {
            armSweeper();
        }
    }

    void closed(Http3ServerSession session) {
        sessions.remove(session);
        tellIfLast();
    }

    boolean isClosing() {
        return life.isClosing();
    }

    Http3Config http3Config() {
        return http3Config;
    }

    SecureRandom random() {
        return resources.random();
    }

    /** Gives a request to its handler, in a task. */
    void serve(ExchangeCore core) {
        Exchange exchange = new Exchange(core);
        // QUIC speaks for https alone: what asks for another scheme is not ours to answer (RFC 9110 section 7.4).
        Handler handler = exchange.scheme().equals("https")
                ? routes.find(exchange.method(), exchange.path())
                : misdirected -> misdirected.respond(421);
        SpawnOptions options =
                SpawnOptions.DEFAULT.named("http3-" + exchange.method()).placement(placement);
        life.remember(core, () -> {});
        try {
            life.started(core, resources.runtime().spawn(options, () -> handle(handler, exchange)));
        } catch (RejectedExecutionException e) {
            Shard.LOG.log(System.Logger.Level.WARNING, "no task for " + exchange + ": 503", e);
            life.ended(core);
            refuse(exchange);
            core.taskEnded();
        }
    }

    private static void refuse(Exchange exchange) {
        try {
            exchange.respond(503);
        } catch (IOException e) {
            Shard.LOG.log(System.Logger.Level.DEBUG, "the client of " + exchange + " has gone", e);
        }
    }

    // The handler's task.

    private void handle(Handler handler, Exchange exchange) {
        try {
            handler.handle(exchange);
            exchange.finish();
        } catch (Exception e) {
            failed(exchange, e);
        } catch (Error e) {
            // The client must hear of it whatever it was; the task then fails with it.
            failed(exchange, e);
            throw e;
        } finally {
            exchange.core().taskEnded();
            life.ended(exchange.core());
        }
    }

    private static void failed(Exchange exchange, Throwable e) {
        boolean clientHasGone = e instanceof QuicException;
        Shard.LOG.log(
                clientHasGone ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                "the handler of " + exchange + " failed",
                e);
        if (!exchange.isUnanswered()) {
            exchange.core().abort();
            return;
        }
        try {
            exchange.respond(500);
        } catch (IOException gone) {
            Shard.LOG.log(System.Logger.Level.DEBUG, "the client of " + exchange + " has gone", gone);
        }
    }

    /** What a server needs besides what {@link EndpointBuilder} has. */
    public static final class Builder extends EndpointBuilder<Builder> {
        private final List<InetSocketAddress> binds = new ArrayList<>();
        private final Routes routes = new Routes();
        private final EndpointConfig.Builder endpoint = EndpointConfig.builder();
        private @Nullable IdentitySelector identities;
        private Placement placement = Placement.SHARED;
        private Http3Config http3 = Http3Config.defaults();
        /** Two round trips on the worst of paths, and a few retransmissions; then the stream is somebody else's. */
        private Duration headTimeout = Duration.ofSeconds(10);

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /** Listens on this port of every address, IPv6 and IPv4; 0: a port that the system chooses. */
        public Builder bind(int port) {
            return bind(ServerSockets.everywhere(port));
        }

        /** Listens on this address; may be called again for more. Default: every address, any port. */
        public Builder bind(InetSocketAddress address) {
            binds.add(address);
            return this;
        }

        /** Our certificate and key, whatever name clients ask for. */
        public Builder identity(Identity value) {
            return identities(IdentitySelector.of(value));
        }

        /** Our certificates and keys by name. */
        public Builder identities(IdentitySelector value) {
            identities = value;
            return this;
        }

        /**
         * Answers requests for a path, of every method. A path that ends with {@code /*} stands for all that begin with what is before
         * the asterisk; the exact path goes before it, and the longer prefix before the shorter. What has no handler is answered 404.
         */
        public Builder handle(String path, Handler handler) {
            routes.add(null, path, handler);
            return this;
        }

        /**
         * As {@link #handle(String, Handler)}, for one method. Other methods of the path are answered 405 and OPTIONS tells which there
         * are; HEAD goes to the handler of GET, whose content is left out.
         */
        public Builder handle(String method, String path, Handler handler) {
            routes.add(method, path, handler);
            return this;
        }

        /**
         * Where the handlers' tasks run, and what they spawn if the server's runtime is its own; default
         * {@link Placement#SHARED}, where they may compute and block.
         */
        public Builder placement(Placement value) {
            placement = value;
            return this;
        }

        @Override
        Placement tasks() {
            return placement;
        }

        /** The limits of HTTP/3 itself. */
        public Builder http3(Http3Config value) {
            http3 = value;
            return this;
        }

        /** How long a client may take to say what it wants on a stream that it has opened, at least; default 10 s. */
        public Builder headTimeout(Duration value) {
            headTimeout = value;
            return this;
        }

        /** When clients must prove their address first (RFC 9000 section 8.1.2); default {@link RetryMode#WHEN_BUSY}. */
        public Builder retry(RetryMode value) {
            endpoint.retry(value);
            return this;
        }

        /** Connections at once, at most; more are refused. */
        public Builder maxConnections(int value) {
            endpoint.maxConnections(value);
            return this;
        }

        /** Connections in their handshake at once, at most; more are dropped. */
        public Builder maxHalfOpen(int value) {
            endpoint.maxHalfOpen(value);
            return this;
        }

        List<InetSocketAddress> addresses() {
            return binds.isEmpty() ? List.of(ServerSockets.everywhere(0)) : List.copyOf(binds);
        }

        EndpointConfig endpoint(Resources resources, QuicConfig config) {
            IdentitySelector selector = Objects.requireNonNull(identities, "a server needs identity(...)");
            TlsServerConfig tls = resources.complete(
                    TlsServerConfig.builder(List.of(Http3Client.ALPN), selector, resources.random()), this);
            return endpoint.serverTls(tls).server(config).build();
        }

        /**
         * Binds and starts.
         *
         * @throws IOException if an address cannot be bound, or the runtime cannot be started
         */
        public Http3Server start() throws IOException {
            Objects.requireNonNull(identities, "a server needs identity(...)");
            return new Http3Server(this);
        }
    }
}

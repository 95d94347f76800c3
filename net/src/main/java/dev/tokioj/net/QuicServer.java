package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.RetryMode;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.tls.Identity;
import dev.tokioj.tls.IdentitySelector;
import dev.tokioj.tls.TlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC server: accepts connections and gives each to a {@link QuicHandler} in a task of its own. Any thread.
 *
 * <pre>{@code
 * try (var server = QuicServer.builder().bind(4433).identity(Identity.pem(cert, key)).alpn("echo").onConnection(Echo::serve).start()) {
 *     server.join();
 * }
 * }</pre>
 */
public final class QuicServer implements AutoCloseable {
    /** What a failed handler's connection is closed with. */
    static final long HANDLER_FAILED = 1;

    private final Resources resources;
    private final Shard shard;
    private final ServerLife life;
    private final QuicHandler handler;
    private final Placement placement;
    private final List<InetSocketAddress> addresses;

    private QuicServer(Builder builder, QuicHandler handler) throws IOException {
        this.handler = handler;
        this.placement = builder.placement;
        this.resources = Resources.open(builder, "quic-server");
        this.life = new ServerLife("the QUIC server", resources.runtime().clock(), builder.closeTimeout);
        Shard opened = null;
        try {
            QuicConfig config = resources.listening(builder.config.build());
            EventLoop loop = resources.runtime().loops().next();
            opened = Shard.open(
                    loop,
                    builder.settings(config),
                    builder.endpoint(resources, config),
                    resources.random(),
                    this::accept);
            this.shard = opened;
            this.addresses = ServerSockets.bind(opened, builder.addresses());
        } catch (IOException | RuntimeException e) {
            if (opened != null) {
                opened.close(0, "");
            }
            resources.close();
            throw e;
        }
    }

    /** A builder; {@code identity}, {@code alpn} and {@code onConnection} must be set. */
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
     * Closes gracefully: accepts nothing more, so that {@link QuicConnection#acceptStream} answers null, and lets the handlers
     * end; after the {@code closeTimeout} they are cancelled. Then closes the connections, delivering what was finished, and the
     * sockets. Idempotent.
     */
    @Override
    public void close() {
        life.close(() -> shard.execute(life::stopAccepting), () -> {
            try {
                shard.close(0, "the server is closing");
            } finally {
                resources.close();
            }
        });
    }

    private @Nullable ConnectionHandler accept(Connection connection) {
        if (life.isClosing()) {
            return null;
        }
        RawConnection raw =
                new RawConnection(shard, connection.path().remote().toString(), new RawConnection.Watcher() {
                    @Override
                    public void established(RawConnection established) {
                        serve(established);
                    }

                    @Override
                    public void ended(RawConnection ended, QuicException cause) {
                        life.forget(ended.facade());
                        Shard.LOG.log(System.Logger.Level.DEBUG, "{0}", cause.getMessage());
                    }
                });
        return raw.attach(connection);
    }

    /** Loop: gives a connection to the handler, in a task. */
    private void serve(RawConnection raw) {
        QuicConnection connection = raw.facade();
        SpawnOptions options =
                SpawnOptions.DEFAULT.named("quic-" + connection.id()).placement(placement);
        life.remember(connection, raw.accepted()::close);
        try {
            life.started(connection, resources.runtime().spawn(options, () -> handle(connection)));
        } catch (RejectedExecutionException e) {
            Shard.LOG.log(System.Logger.Level.WARNING, "no task for " + connection + ": it is closed", e);
            raw.closeNow(HANDLER_FAILED, "the server is busy");
        }
    }

    private void handle(QuicConnection connection) {
        try {
            handler.serve(connection);
            connection.close();
        } catch (Exception e) {
            if (Thread.currentThread().isInterrupted() || e instanceof InterruptedException) {
                connection.abort(0); // cancelled: the server is closing
            } else if (connection.isActive()) {
                Shard.LOG.log(System.Logger.Level.WARNING, "the handler of " + connection + " failed; it is closed", e);
                connection.abort(HANDLER_FAILED);
            } else {
                Shard.LOG.log(
                        System.Logger.Level.DEBUG, "the handler of " + connection + " ended with its connection", e);
            }
        } catch (Error e) {
            Shard.LOG.log(System.Logger.Level.ERROR, "the handler of " + connection + " failed; it is closed", e);
            connection.abort(HANDLER_FAILED);
            throw e;
        } finally {
            life.ended(connection);
        }
    }

    /** What a server needs besides what {@link EndpointBuilder} has. */
    public static final class Builder extends EndpointBuilder<Builder> {
        private final List<InetSocketAddress> binds = new ArrayList<>();
        private @Nullable IdentitySelector identities;
        private List<String> alpn = List.of();
        private @Nullable QuicHandler handler;
        private Placement placement = Placement.SHARED;
        private final EndpointConfig.Builder endpoint = EndpointConfig.builder();

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

        /** The application protocols we speak, preferred first (RFC 7301). */
        public Builder alpn(String... names) {
            alpn = List.of(names);
            return this;
        }

        /** Who serves the connections. */
        public Builder onConnection(QuicHandler value) {
            handler = value;
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
            TlsServerConfig tls = resources.complete(TlsServerConfig.builder(alpn, selector, resources.random()), this);
            return endpoint.serverTls(tls).server(config).build();
        }

        /**
         * Binds and starts.
         *
         * @throws IOException if an address cannot be bound, or the runtime cannot be started
         */
        public QuicServer start() throws IOException {
            if (alpn.isEmpty()) {
                throw new IllegalStateException("a QUIC server needs alpn(...): the name of what it speaks");
            }
            return new QuicServer(this, Objects.requireNonNull(handler, "a server needs onConnection(...)"));
        }
    }
}

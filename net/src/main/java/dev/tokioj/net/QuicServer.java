package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.SpawnOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
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

    private final ServerCore core;
    private final QuicHandler handler;
    private final Placement placement;

    private QuicServer(Builder builder, QuicHandler handler) throws IOException {
        this.handler = handler;
        this.placement = builder.placement;
        this.core = ServerCore.open(builder, "the QUIC server", "quic-server");
        core.listen(builder, builder.alpn, shard -> connection -> accept(shard, connection));
    }

    /** A builder; {@code identity}, {@code alpn} and {@code onConnection} must be set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it listens; the first of {@link #localAddresses}. */
    public InetSocketAddress localAddress() {
        return core.addresses().getFirst();
    }

    /** Where it listens, with the ports that the system chose. */
    public List<InetSocketAddress> localAddresses() {
        return core.addresses();
    }

    /** The port of {@link #localAddress}. */
    public int port() {
        return localAddress().getPort();
    }

    /** Connections that have not ended, those in their handshake included. */
    public int connectionCount() throws IOException {
        return core.connectionCount();
    }

    /** What it runs on, its own or what it was given: for statistics and dumps. A runtime of its own ends with it. */
    public AsyncRuntime runtime() {
        return core.resources().runtime();
    }

    /** What each of its loops has done; as many as there are loops. */
    public List<LoopStats> loopStats() throws IOException {
        return core.loopStats();
    }

    /** Waits until the server is closed. */
    public void join() throws InterruptedException {
        core.life().join();
    }

    /** Waits until the server is closed; an interrupt (so a cancelled task) closes it. */
    public void run() throws InterruptedException {
        core.run(this::close);
    }

    /**
     * Closes gracefully: accepts nothing more, so that {@link QuicConnection#acceptStream} answers null, and lets the handlers
     * end; after the {@code closeTimeout} they are cancelled. Then closes the connections, delivering what was finished, and the
     * sockets. Idempotent.
     */
    @Override
    public void close() {
        core.close(core.life()::stopAccepting, () -> {}, 0);
    }

    private @Nullable ConnectionHandler accept(Shard shard, Connection connection) {
        ServerLife life = core.life();
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
        ServerLife life = core.life();
        life.remember(connection, () -> raw.shard().executeHere(raw.accepted()::close), () -> connection.abort(0));
        try {
            life.started(connection, core.resources().runtime().spawn(options, () -> handle(connection)));
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
                connection.abort(HANDLER_FAILED); // before it is logged: a logger is a user's too, and may fail
                Shard.LOG.log(System.Logger.Level.WARNING, "the handler of " + connection + " failed; it is closed", e);
            } else {
                Shard.LOG.log(
                        System.Logger.Level.DEBUG, "the handler of " + connection + " ended with its connection", e);
            }
        } catch (Error e) {
            connection.abort(HANDLER_FAILED);
            Shard.LOG.log(System.Logger.Level.ERROR, "the handler of " + connection + " failed; it is closed", e);
            throw e;
        } finally {
            core.life().ended(connection);
        }
    }

    /** What this server needs besides what {@link ServerBuilder} has. */
    public static final class Builder extends ServerBuilder<Builder> {
        private List<String> alpn = List.of();
        private @Nullable QuicHandler handler;

        private Builder() {}

        @Override
        Builder self() {
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
         * Binds and starts.
         *
         * @throws IOException if an address cannot be bound, or the runtime cannot be started
         */
        public QuicServer start() throws IOException {
            requireIdentities();
            if (alpn.isEmpty()) {
                throw new IllegalStateException("a QUIC server needs alpn(...): the name of what it speaks");
            }
            return new QuicServer(this, Objects.requireNonNull(handler, "a server needs onConnection(...)"));
        }
    }
}

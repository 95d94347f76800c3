package dev.tokioj.net;

import dev.tokioj.http3.Http3Config;
import dev.tokioj.http3.Http3Error;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.SpawnOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;

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
    private final ServerCore core;
    private final Routes routes;
    private final Placement placement;
    private final Http3Config http3Config;
    /** One a loop. Complete before anything listens. */
    private final List<Http3Sessions> sessions = new CopyOnWriteArrayList<>();

    private Http3Server(Builder builder) throws IOException {
        this.routes = builder.routes;
        this.placement = builder.placement;
        this.http3Config = builder.http3;
        Duration headTimeout = builder.headTimeout;
        this.core = ServerCore.open(builder, "the HTTP/3 server", "http3-server");
        core.listen(builder, List.of(Http3Client.ALPN), shard -> {
            Http3Sessions own = new Http3Sessions(this, shard, headTimeout);
            sessions.add(own);
            return own;
        });
    }

    /** A builder; {@code identity} must be set. */
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
     * Closes gracefully: tells the clients with GOAWAY to make no new requests, answers those that came, and delivers the answers;
     * after the {@code closeTimeout} handlers are cancelled and connections closed. Idempotent.
     */
    @Override
    public void close() {
        core.close(
                () -> sessions.forEach(Http3Sessions::announceEnd),
                () -> {
                    if (!awaitDelivery()) {
                        Shard.LOG.log(System.Logger.Level.INFO, "some responses were not delivered in time");
                    }
                },
                Http3Error.H3_NO_ERROR.code());
    }

    /** Refuses what still comes, and waits until every connection has delivered its answers and closed. */
    private boolean awaitDelivery() throws IOException {
        List<Reply<Boolean>> replies =
                sessions.stream().map(Http3Sessions::drain).toList();
        boolean all = true;
        for (Reply<Boolean> reply : replies) {
            all &= reply.await("close");
        }
        return all;
    }

    // The loops.

    boolean isClosing() {
        return core.life().isClosing();
    }

    Http3Config http3Config() {
        return http3Config;
    }

    SecureRandom random() {
        return core.resources().random();
    }

    /** Gives a request to its handler, in a task: of the connection's loop, on which this is called, if tasks are to be on loops. */
    void serve(ExchangeCore request) {
        Exchange exchange = new Exchange(request);
        // QUIC speaks for https alone: what asks for another scheme is not ours to answer (RFC 9110 section 7.4).
        Handler handler = exchange.scheme().equals("https")
                ? routes.find(exchange.method(), exchange.path())
                : misdirected -> misdirected.respond(421);
        SpawnOptions options =
                SpawnOptions.DEFAULT.named("http3-" + exchange.method()).placement(placement);
        ServerLife life = core.life();
        life.remember(request, () -> {}, () -> refuse(exchange));
        try {
            life.started(request, core.resources().runtime().spawn(options, () -> handle(handler, exchange)));
        } catch (RejectedExecutionException e) {
            Shard.LOG.log(System.Logger.Level.WARNING, "no task for " + exchange + ": 503", e);
            life.ended(request);
            refuse(exchange);
        }
    }

    /** In the place of the task. */
    private static void refuse(Exchange exchange) {
        answer(exchange, 503);
        exchange.core().taskEnded();
    }

    private static void answer(Exchange exchange, int status) {
        try {
            exchange.respond(status);
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
            core.life().ended(exchange.core());
        }
    }

    private static void failed(Exchange exchange, Throwable e) {
        // Before anything is logged: a logger is a user's too, and may fail.
        if (exchange.isUnanswered()) {
            answer(exchange, 500);
        } else {
            exchange.core().abort();
        }
        boolean clientHasGone = e instanceof QuicException;
        Shard.LOG.log(
                clientHasGone ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                "the handler of " + exchange + " failed",
                e);
    }

    /** What this server needs besides what {@link ServerBuilder} has. */
    public static final class Builder extends ServerBuilder<Builder> {
        private final Routes routes = new Routes();
        private Http3Config http3 = Http3Config.defaults();
        /** Two round trips on the worst of paths, and a few retransmissions; then the stream is somebody else's. */
        private Duration headTimeout = Duration.ofSeconds(10);

        private Builder() {}

        @Override
        Builder self() {
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

        /**
         * Binds and starts.
         *
         * @throws IOException if an address cannot be bound, or the runtime cannot be started
         */
        public Http3Server start() throws IOException {
            requireIdentities();
            return new Http3Server(this);
        }
    }
}

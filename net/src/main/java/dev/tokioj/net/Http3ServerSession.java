package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.http3.Http3Connection;
import dev.tokioj.http3.Http3ServerConnection;
import dev.tokioj.http3.Http3ServerHandler;
import dev.tokioj.http3.MessageSink;
import dev.tokioj.http3.RequestStream;
import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.tls.Delegated;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One HTTP/3 connection of a server, on its loop: makes an exchange of each request, and ends gracefully. Loop's thread only. */
final class Http3ServerSession implements Http3ServerHandler {
    /** How far the connection has come. */
    private enum Phase {
        OPEN,
        /** The client was told to make no new requests. */
        ANNOUNCED,
        /** New requests are refused; the connection is closed when the old ones are answered. */
        DRAINING,
        CLOSED
    }

    private final Http3Server server;
    private final Http3Sessions sessions;
    private final Shard shard;
    private final Http3ServerConnection http3;
    private final ConnectionWatch watch;
    private final InetSocketAddress remote;
    /** Streams whose response was given to the transport and is not acknowledged. */
    private final Map<Long, ExchangeCore> undelivered = new HashMap<>();

    private Phase phase = Phase.OPEN;
    private volatile String who;
    private @Nullable Connection quic;
    private @Nullable QuicException cause;

    Http3ServerSession(Http3Server server, Http3Sessions sessions, InetSocketAddress remote) {
        this.server = server;
        this.sessions = sessions;
        this.shard = sessions.shard();
        this.remote = remote;
        this.who = "HTTP/3 connection from " + remote;
        this.http3 = new Http3ServerConnection(server.http3Config(), this, server.random());
        this.watch = new ConnectionWatch(http3, this::delivered, this::ending);
    }

    /** Once: the connection below. */
    ConnectionWatch attach(Connection connection) {
        quic = connection;
        who = "HTTP/3 connection " + connection.originalDestinationId() + " from " + remote;
        return watch;
    }

    // Any thread.

    Shard shard() {
        return shard;
    }

    String who() {
        return who;
    }

    /** Where the client was when it connected. */
    InetSocketAddress remoteAddress() {
        return remote;
    }

    // What HTTP/3 tells.

    @Override
    public void onReady(Http3Connection connection) {
        if (phase == Phase.OPEN && server.isClosing()) {
            announceGoAway();
        }
    }

    @Override
    public MessageSink onRequest(RequestStream stream, FieldSection head) {
        ExchangeCore exchange = new ExchangeCore(this, stream, head);
        server.serve(exchange);
        return exchange;
    }

    @Override
    public void onGoAway(Http3Connection connection, long id) {
        // A client's: it accepts no pushes, and we send none (RFC 9114 section 5.2).
    }

    @Override
    public void onDelegated(Connection connection, Delegated work) {
        shard.delegate(connection, work);
    }

    @Override
    public void recycle(byte[] chunk) {
        shard.chunks().give(chunk);
    }

    private void ending(CloseReason reason) {
        cause = Failures.closed(who, reason, true, Failures.Codes.HTTP3);
    }

    /** Why the connection ended; null while it has not. */
    @Nullable QuicException cause() {
        return cause;
    }

    @Override
    public void onClosed(Http3Connection connection, CloseReason reason) {
        phase = Phase.CLOSED;
        List<ExchangeCore> lost = List.copyOf(undelivered.values());
        undelivered.clear();
        lost.forEach(ExchangeCore::delivered);
        sessions.closed(this);
        Shard.LOG.log(System.Logger.Level.DEBUG, "{0} ended: {1}", who, reason);
    }

    // Delivery.

    /** A response was given to the transport whole. */
    void delivering(long streamId, ExchangeCore exchange) {
        undelivered.put(streamId, exchange);
    }

    private void delivered(long streamId) {
        ExchangeCore exchange = undelivered.remove(streamId);
        if (exchange != null) {
            exchange.delivered();
        }
    }

    /** An exchange is over. */
    void released() {
        closeIfDrained();
    }

    // The end.

    /** Rejects requests whose head has not come since the last call. */
    void sweep() {
        if (http3.isOpen()) {
            http3.sweepHeads();
        }
    }

    /** Tells the client to make no new requests; those on their way are still answered. */
    void announceGoAway() {
        if (phase == Phase.OPEN) {
            phase = Phase.ANNOUNCED;
            if (http3.isOpen()) {
                http3.announceGoAway();
            } else {
                closeBeforeHandshake();
            }
        }
    }

    /** Refuses new requests, and closes when those that came are answered and the answers delivered. */
    void drain() {
        if (phase == Phase.OPEN || phase == Phase.ANNOUNCED) {
            phase = Phase.DRAINING;
            http3.goAway();
            closeIfDrained();
        }
    }

    private void closeIfDrained() {
        if (phase == Phase.DRAINING && http3.openRequests() == 0) {
            http3.close();
        }
    }

    private void closeBeforeHandshake() {
        Objects.requireNonNull(quic).close(0, "the server is closing");
    }
}

package dev.tokioj.net;

import dev.tokioj.http3.Http3ClientConnection;
import dev.tokioj.http3.Http3ClientHandler;
import dev.tokioj.http3.Http3Config;
import dev.tokioj.http3.Http3Connection;
import dev.tokioj.http3.Http3Error;
import dev.tokioj.http3.RequestStream;
import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.tls.Delegated;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One HTTP/3 connection of a client, on its loop: requests that wait for a stream, and the end. Loop's thread only. */
final class Http3ClientSession implements Http3ClientHandler {
    /** How far the connection has come. */
    private enum Phase {
        HANDSHAKING,
        OPEN,
        /** The server takes no new requests; the connection is closed when the old ones are over. */
        DRAINING,
        CLOSED
    }

    private final Shard shard;
    private final Http3ClientConnection http3;
    private final Connecting<Http3ClientSession> connecting;
    private final ArrayDeque<ResponseCore> waiting = new ArrayDeque<>();
    private final String peer;
    private @Nullable Connection quic;
    private volatile Phase phase = Phase.HANDSHAKING;
    private volatile String who;
    private @Nullable QuicException cause;

    Http3ClientSession(
            Shard shard,
            Http3Config config,
            RandomGenerator random,
            String peer,
            Connecting<Http3ClientSession> connecting) {
        this.shard = shard;
        this.peer = peer;
        this.who = "HTTP/3 connection to " + peer;
        this.connecting = connecting;
        this.http3 = new Http3ClientConnection(config, this, random);
    }

    ConnectionHandler handler() {
        return new ConnectionWatch(http3, _ -> {}, this::ending);
    }

    /** Once: the connection below. */
    Http3ClientSession attach(Connection connection) {
        quic = connection;
        who = "HTTP/3 connection " + connection.originalDestinationId() + " to " + peer;
        return this;
    }

    // Any thread.

    Shard shard() {
        return shard;
    }

    String who() {
        return who;
    }

    /** Whether it takes requests. */
    boolean isUsable() {
        return phase == Phase.OPEN;
    }

    // Loop.

    /** Makes the request, now or when the server allows one more. */
    void send(ResponseCore response) {
        switch (phase) {
            case HANDSHAKING, OPEN -> {
                if (!waiting.isEmpty() || !trySend(response)) {
                    waiting.add(response);
                }
            }
            case DRAINING, CLOSED -> response.fail(rejected());
        }
    }

    private Http3Exception rejected() {
        return new Http3Exception(
                who + ": the server takes no more requests on this connection", Http3Error.H3_REQUEST_REJECTED.code());
    }

    /** False: the server allows no more requests at the moment. */
    private boolean trySend(ResponseCore response) {
        if (!response.isWanted()) {
            return true;
        }
        Request request = response.request();
        try {
            RequestStream stream = http3.request(request.head(), request.isBare(), response);
            if (stream == null) {
                return false;
            }
            response.started(stream);
        } catch (dev.tokioj.http3.Http3Exception e) {
            response.fail(new Http3Exception(response.who() + ": " + e.reason(), e.code()));
        } catch (IllegalArgumentException e) {
            response.fail(new IOException(response.who() + " cannot be sent: " + e.getMessage(), e));
        }
        return true;
    }

    /** A request is over. */
    void released() {
        if (phase == Phase.DRAINING && http3.openRequests() == 0) {
            http3.close();
        }
    }

    /** Why a response will not come, or not to its end. */
    IOException failure(ResponseCore response, long code, String reason) {
        QuicException end = cause;
        return end != null
                ? end
                : new Http3Exception(
                        response.who() + ": the server gave up (" + Http3Error.name(code) + ") " + reason, code);
    }

    /** Closes at once. */
    void close() {
        switch (phase) {
            case HANDSHAKING -> {
                if (quic != null) {
                    quic.close(Http3Error.H3_NO_ERROR.code(), "");
                }
            }
            case OPEN, DRAINING -> http3.close();
            case CLOSED -> {}
        }
    }

    // What HTTP/3 tells.

    @Override
    public void onReady(Http3Connection connection) {
        phase = Phase.OPEN;
        connecting.succeeded(this);
    }

    @Override
    public void onRequestsAvailable(Http3ClientConnection connection) {
        while (!waiting.isEmpty() && trySend(waiting.getFirst())) {
            waiting.removeFirst();
        }
    }

    @Override
    public void onGoAway(Http3Connection connection, long id) {
        phase = Phase.DRAINING;
        failWaiting(rejected());
        released();
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
        cause = Failures.closed(who, reason, phase != Phase.HANDSHAKING, Failures.Codes.HTTP3);
    }

    @Override
    public void onClosed(Http3Connection connection, CloseReason reason) {
        boolean wasEstablished = phase != Phase.HANDSHAKING;
        QuicException end = Objects.requireNonNull(cause, "told before");
        phase = Phase.CLOSED;
        failWaiting(end);
        if (!wasEstablished) {
            connecting.failed(this, end);
        }
    }

    private void failWaiting(IOException end) {
        waiting.forEach(response -> response.fail(end));
        waiting.clear();
    }
}

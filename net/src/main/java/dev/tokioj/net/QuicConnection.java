package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionStats;
import dev.tokioj.tls.HandshakeResult;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An established QUIC connection: a bundle of streams. Any thread may call any method; what waits parks a virtual thread, never
 * a loop, and an interrupt ends the wait with {@link InterruptedIOException}, the flag set and nothing lost.
 */
public final class QuicConnection implements AutoCloseable {
    private final RawConnection core;
    private @Nullable AutoCloseable owned;
    private volatile @Nullable InetSocketAddress remote;
    private volatile @Nullable HandshakeResult handshake;
    private volatile String id = "";
    private volatile @Nullable ConnectionStats last;

    QuicConnection(RawConnection core) {
        this.core = core;
    }

    /** What exists for this connection alone, and ends with its close. Before the connection is given to a caller. */
    QuicConnection owning(AutoCloseable resource) {
        owned = resource;
        return this;
    }

    /** Loop. */
    void established(Connection connection, InetSocketAddress peer) {
        id = connection.originalDestinationId().toString();
        remote = peer;
        handshake = connection.handshake();
    }

    /** Loop. */
    void closed(ConnectionStats stats) {
        last = stats;
    }

    /**
     * Opens a stream that both sides may send on. The peer hears of it with the first bytes. Waits while the peer's limit of
     * open streams is reached.
     *
     * @throws ConnectionClosedException if the connection has ended or is being closed
     */
    public QuicStream openStream() throws IOException {
        return open(true, StreamUse.UNCOUNTED);
    }

    /** As {@link #openStream}, for a stream that only we send on. */
    public QuicStream openUniStream() throws IOException {
        return open(false, StreamUse.UNCOUNTED);
    }

    /** As {@link #openStream}; {@code use} hears of its end, also if there is an exception. */
    QuicStream openStream(StreamUse use) throws IOException {
        return open(true, use);
    }

    private QuicStream open(boolean bidirectional, StreamUse use) throws IOException {
        core.shard().checkMayWait("openStream");
        Reply<QuicStream> reply = new Reply<>();
        core.shard().executeHere(reply.failingWith("openStream", () -> core.open(bidirectional, reply, use)));
        return reply.await("openStream");
    }

    /**
     * Waits for the next stream that the peer opens, of either kind.
     *
     * @return the stream; null once the connection is closed and those that came before were taken
     */
    public @Nullable QuicStream acceptStream() throws InterruptedIOException {
        core.shard().checkMayWait("acceptStream");
        return core.accepted().take("acceptStream");
    }

    /** Whether streams can be opened: established, and neither closed nor being closed. */
    public boolean isActive() {
        return switch (core.phase()) {
            case OPEN -> true;
            case HANDSHAKING, DRAINING, CLOSED -> false;
        };
    }

    /** The client's first Destination Connection ID in hexadecimal: what both sides' logs call this connection. */
    public String id() {
        return id;
    }

    /** The application protocol both sides agreed on (RFC 7301). */
    public String alpn() {
        return handshake().alpn();
    }

    /** What the TLS handshake agreed on: cipher suite, key exchange, server name, the peer's certificates. */
    public HandshakeResult handshake() {
        return Objects.requireNonNull(handshake, "not established");
    }

    /** The peer's address when the connection was established; {@link #stats} tells today's. */
    public InetSocketAddress remoteAddress() {
        return Objects.requireNonNull(remote, "not established");
    }

    /** The connection's figures now, or its last ones after its end. */
    public ConnectionStats stats() throws IOException {
        ConnectionStats known = last;
        return known != null
                ? known
                : core.shard().call("stats", () -> core.quic().stats());
    }

    /** Why the connection ended; null while it has not. */
    public @Nullable QuicException closeCause() {
        return core.cause();
    }

    /**
     * Closes: no new streams, then waits (within the {@code closeTimeout} of the server or client) until what was written on
     * finished streams has been delivered, then tells the peer. Other streams end with {@link ConnectionClosedException}.
     */
    @Override
    public void close() {
        close(0, "");
    }

    /** As {@link #close()}, with a code and words for the peer's application. */
    public void close(long code, String reason) {
        Shard shard = core.shard();
        shard.checkMayWait("close");
        try {
            Reply<Boolean> reply = new Reply<>();
            shard.execute(() ->
                    core.drain(code, reason, shard.settings().closeTimeout(), () -> reply.complete(Boolean.TRUE)));
            reply.await("close");
        } catch (IOException e) {
            // Interrupted (the flag is set), or the loop has ended: then no more waiting.
            shard.execute(() -> core.closeNow(code, reason));
        } finally {
            closeOwned();
        }
    }

    /** Closes at once: nothing more is sent but the code, and nothing waited for. */
    public void abort(long code) {
        core.shard().execute(() -> core.closeNow(code, ""));
        closeOwned();
    }

    private void closeOwned() {
        AutoCloseable resource = owned;
        if (resource != null) {
            try {
                resource.close();
            } catch (Exception e) {
                Shard.LOG.log(System.Logger.Level.WARNING, "closing what belongs to " + core.who() + " failed", e);
            }
        }
    }

    RawConnection core() {
        return core;
    }

    @Override
    public String toString() {
        return core.who();
    }
}

package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.runtime.ChunkPool;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Waiting;
import dev.tokioj.runtime.net.RecvBatch;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.TlsClientConfig;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC endpoint and its sockets on one event loop. It reads datagrams in batches, lets the endpoint work on them, and sends
 * once at the end of a turn; it owns the connections' timers and runs the slow parts of handshakes elsewhere. Loop's thread
 * only, but for the methods that say so.
 */
final class Shard implements EndpointHost {
    static final System.Logger LOG = System.getLogger(Shard.class.getName());

    private final EventLoop loop;
    private final ShardSettings settings;
    private final Function<Connection, @Nullable ConnectionHandler> acceptor;
    private final Endpoint endpoint;
    private final SecureRandom random;
    private final Waiting waiting;
    private final ChunkPool chunks = new ChunkPool(ChunkPool.DEFAULT_CHUNK, ShardSettings.POOLED_CHUNKS);
    private final RecvBatch batch = new RecvBatch(ShardSettings.RECEIVE_ENTRIES);
    private final List<ShardSocket> sockets = new ArrayList<>();
    private final IdentityHashMap<Connection, ConnectionTimer> timers = new IdentityHashMap<>();
    private final Arrivals arrivals = new Arrivals();
    private final Runnable flush = this::flush;
    private final Runnable closer = this::onLoopEnds;
    private Transmit spare = new Transmit();
    private Flush flushState = Flush.IDLE;

    private enum Flush {
        IDLE,
        /** At the end of this turn, or of the next one. */
        DUE,
        /** The next batch is for a socket that is full: nothing is sent until it has room. */
        BLOCKED,
        CLOSED
    }

    private Shard(
            EventLoop loop,
            ShardSettings settings,
            EndpointConfig config,
            SecureRandom random,
            Function<Connection, @Nullable ConnectionHandler> acceptor) {
        this.loop = loop;
        this.settings = settings;
        this.acceptor = acceptor;
        this.random = random;
        this.waiting = loop.waiting();
        this.endpoint = new Endpoint(config, random, this);
    }

    /** Any thread that may wait: a shard without sockets. {@code acceptor}: a server's, on the loop; null refuses. */
    static Shard open(
            EventLoop loop,
            ShardSettings settings,
            EndpointConfig config,
            SecureRandom random,
            Function<Connection, @Nullable ConnectionHandler> acceptor)
            throws IOException {
        Shard shard = new Shard(loop, settings, config, random, acceptor);
        shard.call("open", () -> {
            loop.atClose(shard.closer);
            return shard;
        });
        return shard;
    }

    /** Any thread that may wait: opens and binds one more socket. */
    ShardSocket bind(UdpOptions options, boolean tellsLocalAddress) throws IOException {
        Reply<ShardSocket> reply = new Reply<>();
        loop.execute(() -> {
            try {
                ShardSocket socket =
                        ShardSocket.open(this, sockets.size(), options, tellsLocalAddress, random.nextInt());
                sockets.add(socket);
                reply.complete(socket);
            } catch (IOException e) {
                reply.fail(e);
            }
        });
        return reply.await("bind");
    }

    // Any thread.

    EventLoop loop() {
        return loop;
    }

    ShardSettings settings() {
        return settings;
    }

    ChunkPool chunks() {
        return chunks;
    }

    Waiting waiting() {
        return waiting;
    }

    long deadline(Duration timeout) {
        return waiting.nanoTime() + Math.clamp(timeout.toNanos(), 0, Long.MAX_VALUE >> 2);
    }

    void checkMayWait(String what) {
        EventLoop.checkMayBlock(what);
    }

    void execute(Runnable callback) {
        loop.execute(callback);
    }

    /** Runs on the loop, at once if called there. */
    void executeHere(Runnable callback) {
        if (loop.inLoop()) {
            callback.run();
        } else {
            loop.execute(callback);
        }
    }

    /** Runs on the loop and waits for the outcome. */
    <T> T call(String what, Supplier<T> body) throws IOException {
        if (loop.inLoop()) {
            return body.get();
        }
        Reply<T> reply = new Reply<>();
        loop.execute(() -> {
            try {
                reply.complete(body.get());
            } catch (RuntimeException e) {
                reply.fail(new IOException(what + " failed", e));
                throw e; // to the loop's log: it is a bug of ours
            }
        });
        return reply.await(what);
    }

    // Loop: what connections and tasks ask for.

    Connection connect(
            QuicConfig config, TlsClientConfig tls, String serverName, NetPath path, ConnectionHandler handler) {
        return endpoint.connect(loop.now(), config, tls, serverName, path, handler);
    }

    Arrivals arrivals() {
        return arrivals;
    }

    int connectionCount() {
        return endpoint.connectionCount();
    }

    /** Runs a handshake's slow work where the settings say, and lets the connection go on with it. */
    void delegate(Connection connection, Delegated work) {
        switch (settings.handshakeWork()) {
            case INLINE -> {
                // Not inside the connection's own call: it resumes as if the work had come from elsewhere.
                loop.execute(() -> {
                    work.run();
                    resume(connection, work);
                });
            }
            case OFFLOADED -> {
                try {
                    loop.runtime().spawnBlocking(() -> {
                        work.run();
                        loop.execute(() -> resume(connection, work));
                    });
                } catch (RejectedExecutionException e) {
                    // No thread is to be had: late is better than never.
                    loop.execute(() -> {
                        work.run();
                        resume(connection, work);
                    });
                }
            }
        }
    }

    private void resume(Connection connection, Delegated work) {
        connection.resume(loop.now(), work);
    }

    void timeout(Connection connection, long now) {
        endpoint.onTimeout(now, connection);
    }

    /** Reads what the socket has, up to the budget of a turn. */
    void receive(ShardSocket socket) {
        long now = loop.now();
        int budget = settings.receiveBudget();
        while (budget > 0) {
            int entries = socket.receive(batch);
            for (int i = 0; i < entries; i++) {
                budget -= Math.max(batch.length(i), 64);
                arrivals.begin();
                try {
                    deliver(socket, i, now);
                } finally {
                    arrivals.end();
                }
            }
            if (entries < batch.capacity()) {
                return;
            }
        }
    }

    /** One entry: a datagram, or a train of them that the kernel joined. */
    private void deliver(ShardSocket socket, int entry, long now) {
        byte[] buf = batch.buffer();
        int off = batch.offset(entry);
        int end = off + batch.length(entry);
        int segment = Math.max(batch.segmentSize(entry), 1);
        int ecn = batch.ecn(entry);
        NetPath path = socket.path(batch.local(entry), batch.remote(entry));
        for (; off < end; off += segment) {
            endpoint.receive(now, buf, off, Math.min(segment, end - off), path, ecn);
        }
    }

    // Sending.

    /** There is room on a socket that had none. */
    void writable(ShardSocket socket) {
        if (socket.outbox().sendKept() && flushState == Flush.BLOCKED) {
            flushState = Flush.IDLE;
            dirty(endpoint);
        }
    }

    private void flush() {
        if (flushState != Flush.DUE) {
            return;
        }
        flushState = Flush.IDLE;
        if (!send(settings.sendBudget())) {
            dirty(endpoint); // next turn: what has arrived meanwhile comes first
        }
    }

    /** Sends at most so many batches; false: there may be more. */
    private boolean send(int batches) {
        for (int sent = 0; sent < batches; sent++) {
            // The time is read for each batch: what is sent late in a turn was not sent at its beginning.
            if (!endpoint.transmit(loop.clock().nanoTime(), spare)) {
                return true;
            }
            Outbox outbox = sockets.get(spare.path().socket()).outbox();
            spare = outbox.send(spare);
            if (outbox.isOverfull()) {
                flushState = Flush.BLOCKED;
                return true;
            }
        }
        return false;
    }

    // What the endpoint tells.

    @Override
    public @Nullable ConnectionHandler accept(Connection c) {
        return acceptor.apply(c);
    }

    @Override
    public void dirty(Endpoint e) {
        if (flushState == Flush.IDLE) {
            flushState = Flush.DUE;
            loop.atTurnEnd(flush);
        }
    }

    @Override
    public void rearm(Connection c, long deadline) {
        ConnectionTimer timer = timers.get(c);
        if (timer == null) {
            if (deadline == Long.MAX_VALUE || flushState == Flush.CLOSED) {
                return;
            }
            timer = new ConnectionTimer(this, c);
            timers.put(c, timer);
        }
        timer.rearm(deadline);
    }

    @Override
    public void released(Connection c) {
        ConnectionTimer timer = timers.remove(c);
        if (timer != null) {
            timer.disarm();
        }
    }

    // The end.

    /** Any thread that may wait: closes every connection with this code, sends that, and closes the sockets. */
    void close(long code, String reason) throws IOException {
        call("close", () -> {
            if (flushState != Flush.CLOSED) {
                loop.forgetAtClose(closer);
                closeNow(code, reason);
            }
            return Boolean.TRUE;
        });
    }

    private void onLoopEnds() {
        closeNow(0, "the runtime was closed");
    }

    private void closeNow(long code, String reason) {
        int lastPackets = endpoint.connectionCount() + settings.sendBudget();
        flushState = Flush.DUE; // nothing but what follows here
        endpoint.close(loop.now(), code, reason);
        send(lastPackets);
        flushState = Flush.CLOSED;
        timers.values().forEach(ConnectionTimer::disarm);
        timers.clear();
        sockets.forEach(ShardSocket::close);
    }
}

package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.endpoint.Shared;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.runtime.ChunkPool;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.LoopLogger;
import dev.tokioj.runtime.Waiting;
import dev.tokioj.runtime.net.SteeringProgram;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.TlsClientConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC endpoint and its sockets on one event loop. The endpoint works on what its receiver reads, and it sends once at
 * the end of a turn; it owns the connections' timers and runs the slow parts of handshakes elsewhere. Loop's thread
 * only, but for the methods that say so.
 */
final class Shard implements EndpointHost {
    static final System.Logger LOG = LoopLogger.of(System.getLogger(Shard.class.getName()));

    private final EventLoop loop;
    private final ShardSettings settings;
    private final Function<Connection, @Nullable ConnectionHandler> acceptor;
    private final Place place;
    private final Endpoint endpoint;
    private final SecureRandom random;
    private final Waiting waiting;
    private final ChunkPool chunks = new ChunkPool(ChunkPool.DEFAULT_CHUNK, ShardSettings.POOLED_CHUNKS);
    private final List<ShardSocket> sockets = new ArrayList<>();
    private final ConnectionTimers timers;
    private final Prefetcher prefetcher = new Prefetcher();
    private final DatagramReceiver receiver;
    private final Runnable flush = this::flush;
    private final Runnable closer = this::onLoopEnds;
    private Transmit spare = new Transmit();
    private Flush flushState = Flush.IDLE;
    private long accepted;

    private enum Flush {
        IDLE,
        /** At the end of this turn, or of the next one. */
        DUE,
        CLOSED
    }

    /**
     * Which of a server's shards one is.
     *
     * @param number its loop's, from 0, as connection IDs name it
     */
    record Place(Shared shared, int number, Crossing crossing) {
        /** The only one. */
        static Place alone(EndpointConfig config, SecureRandom random) {
            return new Place(Shared.of(config, 1, random), 0, Crossing.none());
        }
    }

    private Shard(
            EventLoop loop,
            ShardSettings settings,
            EndpointConfig config,
            Place place,
            SecureRandom random,
            Function<Shard, Function<Connection, @Nullable ConnectionHandler>> acceptors) {
        this.loop = loop;
        this.settings = settings;
        this.place = place;
        this.random = random;
        this.waiting = loop.waiting();
        this.acceptor = acceptors.apply(this);
        this.endpoint = new Endpoint(config, place.shared(), place.number(), random, this);
        this.timers = new ConnectionTimers(loop, this::due);
        this.receiver = new DatagramReceiver(loop, settings, place, endpoint, prefetcher);
    }

    /**
     * Any thread that may wait: a shard without sockets.
     *
     * @param acceptors makes what is asked for each connection of a server, on the loop; it answers null to refuse
     */
    static Shard open(
            EventLoop loop,
            ShardSettings settings,
            EndpointConfig config,
            Place place,
            SecureRandom random,
            Function<Shard, Function<Connection, @Nullable ConnectionHandler>> acceptors)
            throws IOException {
        Shard shard = new Shard(loop, settings, config, place, random, acceptors);
        try {
            return shard.call("open", () -> {
                loop.atClose(shard.closer);
                place.crossing().join(place.number(), shard);
                return shard;
            });
        } catch (IOException | RuntimeException e) {
            // An interrupt ends the wait and not what was begun, which nobody else knows of.
            loop.execute(() -> shard.end(0, ""));
            throw e;
        }
    }

    /** Any thread that may wait: opens and binds one more socket. */
    ShardSocket bind(UdpOptions options, boolean tellsLocalAddress) throws IOException {
        return ask("bind", () -> {
            ShardSocket socket = ShardSocket.open(this, sockets.size(), options, tellsLocalAddress, random.nextInt());
            sockets.add(socket);
            return socket;
        });
    }

    /** Any thread that may wait: lets the other shards bind the socket's address too. */
    void share(ShardSocket socket) throws IOException {
        if (!ask("bind", socket::share)) {
            throw new IOException("the address " + socket.localAddress() + " cannot be shared by several loops");
        }
    }

    /** Any thread that may wait: has the kernel choose among the shards' sockets at this address, if it can. */
    void steer(ShardSocket socket, SteeringProgram program) throws IOException {
        ask("bind", () -> socket.steer(program)); // if it cannot, shards forward to each other
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

    /**
     * Runs on the loop and waits for the outcome. For a task of the loop too: in it, listeners and handlers could wait in the middle of
     * a connection's work, and the loop would go on with that connection.
     */
    <T> T call(String what, Supplier<T> body) throws IOException {
        if (EventLoop.isLoopThread() && loop.inLoop()) {
            return body.get();
        }
        return ask(what, body::get);
    }

    /** What is done on the loop. */
    @FunctionalInterface
    private interface Asked<T> {
        T get() throws IOException;
    }

    private <T> T ask(String what, Asked<T> body) throws IOException {
        Reply<T> reply = new Reply<>();
        loop.execute(reply.failingWith(what, () -> {
            try {
                reply.complete(body.get());
            } catch (IOException e) {
                reply.fail(e);
            }
        }));
        return reply.await(what);
    }

    // Loop: what connections and tasks ask for.

    Connection connect(
            QuicConfig config, TlsClientConfig tls, String serverName, NetPath path, ConnectionHandler handler) {
        if (flushState == Flush.CLOSED) {
            throw new IllegalStateException("it was closed meanwhile"); // nobody sends for it, and no timer ends it
        }
        return endpoint.connect(loop.now(), config, tls, serverName, path, handler);
    }

    Arrivals arrivals() {
        return receiver.arrivals();
    }

    DatagramReceiver receiver() {
        return receiver;
    }

    int connectionCount() {
        return endpoint.connectionCount();
    }

    LoopStats stats() {
        return new LoopStats(
                place.number(), endpoint.connectionCount(), accepted, receiver.forwarded(), receiver.forwardsDropped());
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

    /** What came to another shard's socket of this number and is for this one. */
    void receiveForwarded(
            byte[] datagrams,
            int segment,
            int socket,
            @Nullable InetSocketAddress local,
            InetSocketAddress remote,
            int ecn) {
        if (flushState == Flush.CLOSED || socket >= sockets.size()) {
            return; // not open yet, or no more
        }
        NetPath path = sockets.get(socket).path(local, remote);
        receiver.receiveForwarded(datagrams, segment, path, ecn);
    }

    // Sending.

    /** There is room on a socket that had none. */
    void writable(ShardSocket socket) {
        if (socket.outbox().sendKept()) {
            endpoint.unblock(socket.number());
        }
    }

    private void flush() {
        if (flushState != Flush.DUE) {
            return;
        }
        boolean isAllSent = false;
        try {
            runDue();
            if (flushState != Flush.CLOSED) {
                flushState = Flush.IDLE;
                isAllSent = send(settings.sendBudget());
            }
        } finally {
            if (!isAllSent && flushState != Flush.CLOSED) {
                flushState = Flush.IDLE;
                // Next turn: what has arrived meanwhile comes first. After a failure too: nobody else would ask.
                dirty(endpoint);
            }
        }
    }

    /** Sends at most so many batches; false: there may be more. */
    private boolean send(int batches) {
        for (int sent = 0; sent < batches; sent++) {
            // The time is read for each batch: what is sent late in a turn was not sent at its beginning.
            if (!endpoint.transmit(loop.clock().nanoTime(), spare)) {
                return true;
            }
            ShardSocket socket = sockets.get(spare.path().socket());
            spare = socket.outbox().send(spare);
            if (socket.outbox().isFull()) {
                endpoint.block(socket.number()); // what goes out by the other sockets goes on
            }
        }
        return false;
    }

    // What the endpoint tells.

    @Override
    public @Nullable ConnectionHandler accept(Connection c) {
        ConnectionHandler handler = acceptor.apply(c);
        if (handler != null) {
            accepted++;
        }
        return handler;
    }

    @Override
    public void dirty(Endpoint e) {
        if (flushState == Flush.IDLE) {
            loop.atTurnEnd(flush);
            flushState = Flush.DUE;
        }
    }

    @Override
    public void rearm(Connection c, long deadline) {
        if (flushState != Flush.CLOSED) {
            timers.rearm(c, deadline);
        }
    }

    @Override
    public void released(Connection c) {
        timers.remove(c);
    }

    @Override
    public System.Logger logger(System.Logger logger) {
        return LoopLogger.of(logger);
    }

    /** Deadlines have passed: at the end of the turn, when what has arrived in it was looked at, their connections act. */
    private void due() {
        dirty(endpoint);
    }

    private void runDue() {
        List<Connection> due = timers.takeDue();
        if (endpoint.outgrowsCache()) {
            prefetcher.prefetch(due);
        }
        for (int i = 0; i < due.size(); i++) {
            try {
                endpoint.onTimeout(loop.now(), due.get(i));
            } catch (RuntimeException | Error e) {
                // A bug, ours or a handler's: it must not cost the others their time.
                LOG.log(System.Logger.Level.ERROR, "the deadline of " + due.get(i), e);
            }
        }
        due.clear();
    }

    /** Loop: something is about to be done with this connection that no packet has announced. */
    void prefetch(Connection connection) {
        if (endpoint.outgrowsCache()) {
            prefetcher.prefetch(connection);
        }
    }

    // The end.

    /** Any thread that may wait: closes every connection with this code, sends that, and closes the sockets. */
    void close(long code, String reason) throws IOException {
        call("close", () -> {
            end(code, reason);
            return Boolean.TRUE;
        });
    }

    private void end(long code, String reason) {
        if (flushState != Flush.CLOSED) {
            loop.forgetAtClose(closer);
            closeNow(code, reason);
        }
    }

    /** As {@link #close}: all of them, also if an interrupt ends the wait for one. */
    static void closeAll(List<Shard> shards, long code, String reason) throws IOException {
        CloseEach.of(shards, shard -> shard.close(code, reason));
    }

    private void onLoopEnds() {
        closeNow(0, "the runtime was closed");
    }

    private void closeNow(long code, String reason) {
        int lastPackets = endpoint.connectionCount() + settings.sendBudget();
        flushState = Flush.DUE; // nothing but what follows here
        try {
            endpoint.close(loop.now(), code, reason);
            send(lastPackets);
        } finally {
            flushState = Flush.CLOSED;
            timers.close(endpoint.connections());
            sockets.forEach(ShardSocket::close);
        }
    }
}

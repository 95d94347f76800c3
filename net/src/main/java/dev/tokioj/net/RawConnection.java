package dev.tokioj.net;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.runtime.Timer;
import dev.tokioj.tls.Delegated;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of a {@link QuicConnection}: streams by ID, those who wait for a stream to be opened, the end. Loop's thread
 * only, but for the methods that say so.
 */
final class RawConnection implements ConnectionHandler {
    /** How far the connection has come; each state is left for a later one only. */
    enum Phase {
        HANDSHAKING,
        OPEN,
        /** Being closed by us: no new streams, waits for what was written to be delivered. */
        DRAINING,
        CLOSED
    }

    /** Told of the two turns in a connection's life: by a server, and by a client that connects. */
    interface Watcher {
        void established(RawConnection connection);

        /** Once; {@code cause} is a failed handshake if it was never established. */
        void ended(RawConnection connection, QuicException cause);
    }

    /** Told what decides whether streams can be opened here, on the loop. Must not wait. */
    interface Limits {
        /** How many bidirectional streams may ever be opened. */
        void raised(long limit);

        /** None can be opened any more. */
        void ended();
    }

    /** Somebody waits for a stream, and somebody counts it. */
    private record Opening(Reply<QuicStream> reply, StreamUse use) {
        void fail(QuicException cause) {
            reply.fail(cause);
            use.notOpened();
        }
    }

    private final Shard shard;
    private final Watcher watcher;
    private final QuicConnection facade;
    private final Map<Long, StreamCore> streams = new HashMap<>();
    private final ArrayDeque<Opening> waitingForBidi = new ArrayDeque<>();
    private final ArrayDeque<Opening> waitingForUni = new ArrayDeque<>();
    private final AcceptQueue<QuicStream> accepted = new AcceptQueue<>();
    private final List<Runnable> afterDrain = new ArrayList<>();
    private final String peer;
    private @Nullable Connection quic;
    private @Nullable Timer drainTimer;
    private @Nullable Limits limits;
    private volatile long bidiLimit;
    private volatile Phase phase = Phase.HANDSHAKING;
    private volatile String who;
    private volatile @Nullable QuicException cause;

    /** {@code peer} names the other side in messages. */
    RawConnection(Shard shard, String peer, Watcher watcher) {
        this.shard = shard;
        this.watcher = watcher;
        this.peer = peer;
        this.who = "connection to " + peer;
        this.facade = new QuicConnection(this);
    }

    /** Once: the connection that this handles. */
    RawConnection attach(Connection connection) {
        this.quic = connection;
        this.who =
                "connection " + connection.originalDestinationId() + (connection.isClient() ? " to " : " from ") + peer;
        return this;
    }

    // Any thread.

    Shard shard() {
        return shard;
    }

    QuicConnection facade() {
        return facade;
    }

    AcceptQueue<QuicStream> accepted() {
        return accepted;
    }

    String who() {
        return who;
    }

    Phase phase() {
        return phase;
    }

    /** How many bidirectional streams we may ever open, by what the peer has said so far. */
    long bidiLimit() {
        return bidiLimit;
    }

    /** Why it ended; null while it has not. */
    @Nullable QuicException cause() {
        return cause;
    }

    /** Whose codes the application's are, for messages. */
    Failures.Codes codes() {
        return Failures.Codes.RAW;
    }

    /** What STOP_SENDING carries when a stream is closed before its end: the application has no better word. */
    long closeCode() {
        return 0;
    }

    long creditThreshold() {
        return shard.settings().creditThreshold();
    }

    int outboundCapacity() {
        return shard.settings().outboundCapacity();
    }

    // Loop.

    Connection quic() {
        return Objects.requireNonNull(quic, "no connection attached");
    }

    /** Whether the connection takes calls. */
    boolean isUsable() {
        if (quic == null) {
            return false;
        }
        return switch (quic.state()) {
            case HANDSHAKING, ESTABLISHED -> phase != Phase.CLOSED;
            case CLOSING, DRAINING, CLOSED -> false;
        };
    }

    void open(boolean bidirectional, Reply<QuicStream> reply, StreamUse use) {
        Opening opening = new Opening(reply, use);
        switch (phase) {
            case CLOSED, DRAINING -> opening.fail(closedCause());
            case HANDSHAKING, OPEN -> {
                if (!tryOpen(bidirectional, opening)) {
                    enqueue(waiting(bidirectional), opening);
                }
            }
        }
    }

    /** Tells it how things are, and from now on what changes. */
    void watchLimits(Limits watcher) {
        limits = watcher;
        switch (phase) {
            case CLOSED, DRAINING -> watcher.ended();
            case HANDSHAKING, OPEN -> watcher.raised(bidiLimit);
        }
    }

    private QuicException closedCause() {
        QuicException known = cause;
        return known != null
                ? known
                : new ConnectionClosedException(
                        who + ": it is being closed here",
                        new CloseReason(CloseReason.Kind.LOCAL_APPLICATION, 0, -1, ""));
    }

    /** False: the peer's limit is reached. */
    private boolean tryOpen(boolean bidirectional, Opening opening) {
        Reply<QuicStream> reply = opening.reply();
        if (reply.isSettled()) {
            opening.use().notOpened();
            return true; // it was interrupted
        }
        shard.prefetch(quic());
        StreamCore core = new StreamCore(this, bidirectional, true, opening.use());
        long id = quic().openStream(bidirectional, core);
        if (id < 0) {
            return false;
        }
        core.opened(id);
        streams.put(id, core);
        if (!reply.complete(core.stream())) {
            core.stream().close(); // interrupted just now
        }
        return true;
    }

    /** Behind the others; those in front that have given up leave, or callers that poll with deadlines would grow the queue for ever. */
    private static void enqueue(ArrayDeque<Opening> waiting, Opening opening) {
        while (!waiting.isEmpty() && waiting.getFirst().reply().isSettled()) {
            waiting.removeFirst().use().notOpened();
        }
        waiting.add(opening);
    }

    private ArrayDeque<Opening> waiting(boolean bidirectional) {
        return bidirectional ? waitingForBidi : waitingForUni;
    }

    void forget(StreamCore stream) {
        streams.remove(stream.id());
        finishDrainIfDone();
    }

    /** Closes once what the tasks have finished writing is delivered, or after {@code bound}; then runs {@code done}. */
    void drain(long code, String reason, Duration bound, Runnable done) {
        switch (phase) {
            case CLOSED -> done.run();
            case DRAINING -> afterDrain.add(done);
            case HANDSHAKING, OPEN -> {
                afterDrain.add(done);
                afterDrain.addFirst(() -> closeNow(code, reason));
                phase = Phase.DRAINING;
                accepted.close();
                failWaiting(closedCause());
                tellLimitsEnd();
                drainTimer = shard.loop().newTimer(this::finishDrain);
                drainTimer.arm(shard.loop().now() + bound.toNanos());
                finishDrainIfDone();
            }
        }
    }

    private void finishDrainIfDone() {
        if (phase == Phase.DRAINING && streams.values().stream().noneMatch(StreamCore::awaitsDelivery)) {
            finishDrain();
        }
    }

    private void finishDrain() {
        if (drainTimer != null) {
            drainTimer.disarm();
        }
        List<Runnable> all = List.copyOf(afterDrain);
        afterDrain.clear();
        all.forEach(Runnable::run);
    }

    /** Closes without waiting for anything. */
    void closeNow(long code, String reason) {
        if (isUsable()) {
            quic().close(code, reason);
        }
    }

    // The connection's calls.

    @Override
    public void onHandshakeComplete(Connection c) {
        if (phase == Phase.HANDSHAKING) {
            phase = Phase.OPEN;
            bidiLimit = c.streamLimit(true);
            facade.established(c, c.path().remote());
            watcher.established(this);
        }
    }

    @Override
    public StreamSink onPeerStream(Connection c, long streamId) {
        boolean bidirectional = (streamId & 2) == 0;
        StreamCore core = new StreamCore(this, true, bidirectional, StreamUse.UNCOUNTED);
        core.opened(streamId);
        streams.put(streamId, core);
        accepted.add(core.stream());
        return core;
    }

    @Override
    public void onStreamWritable(Connection c, long streamId) {
        StreamCore stream = streams.get(streamId);
        if (stream != null) {
            stream.pump();
        }
    }

    @Override
    public void onStopSending(Connection c, long streamId, long code) {
        StreamCore stream = streams.get(streamId);
        if (stream != null) {
            stream.onStopSending(code);
        }
    }

    @Override
    public void onStreamsAvailable(Connection c, boolean bidirectional) {
        ArrayDeque<Opening> waiting = waiting(bidirectional);
        while (!waiting.isEmpty() && tryOpen(bidirectional, waiting.getFirst())) {
            waiting.removeFirst();
        }
    }

    @Override
    public void onStreamLimit(Connection c, boolean bidirectional, long limit) {
        if (bidirectional) {
            bidiLimit = limit;
            if (limits != null) {
                limits.raised(limit);
            }
        }
    }

    private void tellLimitsEnd() {
        if (limits != null) {
            limits.ended();
        }
    }

    @Override
    public void onStreamSendComplete(Connection c, long streamId) {
        StreamCore stream = streams.get(streamId);
        if (stream != null) {
            stream.onSendComplete();
            finishDrainIfDone();
        }
    }

    @Override
    public void recycle(byte[] chunk) {
        shard.chunks().give(chunk);
    }

    @Override
    public void onDelegated(Connection c, Delegated work) {
        shard.delegate(c, work);
    }

    @Override
    public void onClosed(Connection c, CloseReason reason) {
        boolean wasEstablished = phase != Phase.HANDSHAKING;
        QuicException end = Failures.closed(who, reason, wasEstablished, codes());
        cause = end;
        phase = Phase.CLOSED;
        facade.closed(c.stats());
        accepted.close();
        failWaiting(end);
        List.copyOf(streams.values()).forEach(stream -> stream.onConnectionClosed(end));
        streams.clear();
        tellLimitsEnd();
        finishDrain();
        watcher.ended(this, end);
    }

    private void failWaiting(QuicException end) {
        waitingForBidi.forEach(opening -> opening.fail(end));
        waitingForBidi.clear();
        waitingForUni.forEach(opening -> opening.fail(end));
        waitingForUni.clear();
    }

    /** The peer's address now: a peer may move (RFC 9000 section 9). */
    InetSocketAddress remote() {
        return quic().path().remote();
    }

    @Override
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(streams);
        accepted.collect(to);
    }
}

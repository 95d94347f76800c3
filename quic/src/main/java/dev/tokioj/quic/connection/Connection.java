package dev.tokioj.quic.connection;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.HandshakeResult;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsEngine;
import dev.tokioj.tls.TlsServerConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC connection: datagrams in, datagrams and calls of its {@link ConnectionHandler} out (RFC 9000). The owner's thread
 * only. Methods about streams do nothing, or answer "none", once the connection is closed: the peer's close and the owner's
 * calls cross each other.
 */
public final class Connection {
    private static final System.Logger LOG = System.getLogger(Connection.class.getName());

    /** Where in its life a connection is (RFC 9000 10). */
    public enum State {
        /** The handshake goes on. */
        HANDSHAKING,
        /** The handshake is complete. */
        ESTABLISHED,
        /** We closed it and answer with CONNECTION_CLOSE (RFC 9000 10.2.1). */
        CLOSING,
        /** The peer closed it; nothing is sent (RFC 9000 10.2.2). */
        DRAINING,
        /** Nothing is left. */
        CLOSED
    }

    private final long number;
    private final boolean client;
    private final ConnectionOwner owner;
    private final ConnectionId originalDestinationId;
    private final @Nullable QuicEventListener listener;

    private State state = State.HANDSHAKING;
    private @Nullable ConnectionHandler handler;
    /** What it consists of; null once it is closed. */
    private @Nullable Transport transport;
    /** Why it is to be closed, as soon as the work in progress is done. */
    private @Nullable CloseReason pending;
    /** What is left once it is closed. */
    private @Nullable Closing closing;

    private @Nullable HandshakeResult result;
    private byte @Nullable [] newToken;
    private ConnectionStats lastStats;
    private @Nullable Object attachment;

    /** What {@link #prefetch} reads. */
    private @Nullable ReadAhead readAhead;

    private Connection(ConnectionSetup setup, boolean client) {
        this.number = setup.number();
        this.client = client;
        this.owner = setup.owner();
        this.originalDestinationId = setup.originalDestinationId();
        this.listener = ListenerGuard.of(setup.config().listener(), owner);
        this.lastStats = ConnectionStats.empty(setup.path());
    }

    /** For endpoints: a client's connection, whose first datagram is ready to be sent. */
    public static Connection client(
            ConnectionSetup setup, TlsClientConfig tls, String serverName, ConnectionHandler handler, long now) {
        var c = new Connection(setup, true);
        c.handler = handler;
        var t = new Transport(c, setup, true, own -> TlsEngine.client(tls, serverName, own), now);
        c.begin(t, setup, now);
        return c;
    }

    /** For endpoints: a server's connection, which has seen nothing yet and has no handler. */
    public static Connection server(ConnectionSetup setup, TlsServerConfig tls, long now) {
        var c = new Connection(setup, false);
        var t = new Transport(c, setup, false, own -> TlsEngine.server(tls, own), now);
        c.begin(t, setup, now);
        return c;
    }

    private void begin(Transport t, ConnectionSetup setup, long now) {
        transport = t;
        event(new QuicEvent.ConnectionStarted(client, setup.path()), now);
        try {
            t.handshake.start(now);
        } catch (TransportException e) {
            onFault(e);
        }
        owner.dirty(this);
    }

    /** For endpoints: what was passed as the owner. */
    public ConnectionOwner owner() {
        return owner;
    }

    /** For endpoints: who handles a server's connection. */
    public void handler(ConnectionHandler value) {
        handler = value;
    }

    /** Its parts while it lives. */
    @Nullable Transport transport() {
        return transport;
    }

    /** Hears its events and does not throw; null: nobody does. */
    @Nullable QuicEventListener listener() {
        return listener;
    }

    ConnectionHandler handler() {
        if (handler == null) {
            throw new IllegalStateException("a connection that was not accepted yet");
        }
        return handler;
    }

    // ---- for the endpoint ----

    /**
     * For endpoints that have thousands of connections, ahead of a packet or a timeout: reads what that will need.
     *
     * @return of no meaning; to be stored somewhere
     */
    public int prefetch() {
        ReadAhead ahead = readAhead;
        return ahead == null || ahead.isOld() ? collect() : ahead.read();
    }

    /** For endpoints, ahead of {@link #prefetch}: how many objects that will read. */
    public int prefetchSize() {
        return readAhead == null ? 0 : readAhead.size();
    }

    private int collect() {
        Transport t = transport;
        if (t == null || handler == null) {
            return 0;
        }
        var to = new ReadAhead.Builder();
        to.add(this);
        t.collect(to);
        handler.collect(to);
        to.add(attachment);
        readAhead = to.build();
        return 0;
    }

    /** For endpoints: what its host keeps with it, if anything. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /** For endpoints: keeps something with it. */
    public void attachment(@Nullable Object value) {
        attachment = value;
    }

    /** It is quiet: gives back what only a busy connection needs. */
    void rest() {
        readAhead = null;
    }

    /** For endpoints: a datagram came for this connection. It is decrypted in place. */
    public void receive(long now, byte[] buf, int off, int len, NetPath from, int ecn) {
        Transport t = transport;
        if (t == null) {
            receiveClosed(now, len, from);
            return;
        }
        try {
            t.receive(buf, off, len, from, ecn, now);
            deliver(t);
        } catch (TransportException e) {
            onFault(e);
        } catch (RuntimeException | Error e) {
            onBug(e);
        }
        settle(now);
    }

    private void receiveClosed(long now, int length, NetPath from) {
        event(new QuicEvent.PacketDropped(DropReason.CLOSING, length), now);
        if (closing != null) {
            closing.onReceived(length, from);
            if (closing.isDue()) {
                owner.dirty(this);
            }
        }
    }

    private void deliver(Transport t) {
        if (isOpen()) {
            t.streams.deliverEvents();
        }
    }

    /** For endpoints: fills in what is to be sent next; false: nothing now. */
    public boolean transmit(long now, Transmit out) {
        Transport t = transport;
        if (t != null && pending == null) {
            try {
                if (t.transmit(out, now)) {
                    return true;
                }
            } catch (RuntimeException | Error e) {
                onBug(e);
            }
        }
        finishClose(now);
        return closing != null && closing.transmit(out, this);
    }

    /** For endpoints: when {@link #onTimeout} is due; {@link Long#MAX_VALUE}: never. */
    public long deadline(long now) {
        if (transport != null) {
            return pending != null ? now : transport.timers.deadline(now);
        }
        return closing == null ? Long.MAX_VALUE : closing.until();
    }

    /** For endpoints: time passed. */
    public void onTimeout(long now) {
        Transport t = transport;
        if (t != null) {
            try {
                t.timers.onTimeout(now);
                deliver(t);
            } catch (RuntimeException | Error e) {
                onBug(e);
            }
            settle(now);
        } else if (closing != null && now >= closing.until()) {
            transition(State.CLOSED);
        }
    }

    /** For endpoints: whether what it has to send overtakes bulk. */
    public boolean isUrgent() {
        return transport == null || pending != null || transport.isUrgent();
    }

    /** For endpoints: the IDs of ours that may still come in packets. */
    public List<ConnectionId> localIds() {
        if (transport != null) {
            return transport.localCids.all();
        }
        return closing == null ? List.of() : closing.ids();
    }

    /** For endpoints: stateless reset tokens of the peer that still count. */
    public List<byte[]> peerResetTokens() {
        if (transport != null) {
            return transport.remoteCids.usedTokens();
        }
        return closing == null ? List.of() : closing.peerTokens();
    }

    /** For endpoints: a datagram that belongs to no connection ends with this one's reset token (RFC 9000 10.3.1). */
    public void receiveStatelessReset(long now) {
        if (transport != null) {
            closeFor(CloseReasons.statelessReset());
            finishClose(now);
        }
    }

    /** For endpoints: closes with no more than one packet. */
    public void abort(long now, long code, String reason) {
        if (transport != null) {
            closeFor(CloseReasons.endpointClosed(code, reason));
            finishClose(now);
        }
    }

    /** For endpoints: whatever is left of it is forgotten before its time. */
    public void forget() {
        if (closing != null && state != State.CLOSED) {
            closing = null;
            transition(State.CLOSED);
        }
    }

    /** A fault of the peer's: the one place where it becomes a close. */
    private void onFault(TransportException e) {
        closeFor(CloseReasons.fault(e));
    }

    void report(String what, Throwable e) {
        owner.logger(LOG).log(System.Logger.Level.ERROR, "connection " + originalDestinationId + " " + what, e);
    }

    /** A bug, ours or the handler's, or a lack of memory: it costs this connection and no other, and both sides hear of it. */
    private void onBug(Throwable e) {
        closeFor(CloseReasons.bug());
        report("is closed by a bug", e);
    }

    /** After any work but sending: a close that it led to happens, and the endpoint asks what there is to send. */
    private void settle(long now) {
        finishClose(now);
        owner.dirty(this);
    }

    // ---- closing ----

    /** Whether packets are processed and sent. */
    boolean isOpen() {
        return transport != null && pending == null;
    }

    /** It is closed as soon as the work in progress is done. What is said first counts. */
    void closeFor(CloseReason reason) {
        if (pending == null && transport != null) {
            pending = reason;
        }
    }

    void onEstablished() {
        transition(State.ESTABLISHED);
    }

    /** Shrinks to what answers stragglers (RFC 9000 10.2), and tells the handler. */
    private void finishClose(long now) {
        CloseReason reason = pending;
        Transport t = transport;
        if (reason == null || t == null) {
            return;
        }
        State next = CloseReasons.stateAfter(reason.kind());
        Closing left = Closing.of(t, reason, next, now);
        lastStats = t.stats();
        result = t.handshake.result();
        newToken = t.newToken();
        closing = left;
        transport = null;
        readAhead = null;
        pending = null;
        t.close();
        transition(next);
        owner.closed(this, left.isPathProved());
        event(new QuicEvent.ConnectionClosed(reason), now);
        owner.dirty(this);
        tellClosed(reason);
    }

    private void tellClosed(CloseReason reason) {
        if (handler == null) {
            return;
        }
        try {
            handler.onClosed(this, reason);
        } catch (RuntimeException | Error e) {
            report("has ended, and its handler fails over it", e);
        }
    }

    private void transition(State next) {
        if (next.compareTo(state) <= 0) {
            throw new IllegalStateException(state + " to " + next);
        }
        state = next;
    }

    /** For what is rare enough that the event may be built before it is known whether anyone listens. */
    private void event(QuicEvent event, long now) {
        if (listener != null) {
            listener.onEvent(now, this, event);
        }
    }

    // ---- for the application ----

    /**
     * Opens a stream.
     *
     * @param sink takes what the peer sends on it; {@link StreamSink#NONE} for a unidirectional one
     * @return its ID, or -1: the peer's limit is reached, and {@link ConnectionHandler#onStreamsAvailable} tells when not
     */
    public long openStream(boolean bidirectional, StreamSink sink) {
        return isOpen() && transport != null ? transport.streams.open(bidirectional, sink) : -1;
    }

    /** How many streams of a kind we may ever open, by what the peer has said so far; 0 before the handshake is complete. */
    public long streamLimit(boolean bidirectional) {
        return isOpen() && transport != null ? transport.streams.limit(bidirectional) : 0;
    }

    /** Copies bytes to be sent; answers how many were taken, and {@link ConnectionHandler#onStreamWritable} tells of room. */
    public int write(long id, byte[] buf, int off, int len) {
        if (!isOpen() || transport == null) {
            return 0;
        }
        int taken = transport.streams.write(id, buf, off, len);
        owner.dirty(this);
        return taken;
    }

    /** How many bytes {@link #write} would take now. */
    public int writableBytes(long id) {
        return isOpen() && transport != null ? transport.streams.writableBytes(id) : 0;
    }

    /** Takes an array to be sent; it must fit {@link #writableBytes} and comes back by {@link ConnectionHandler#recycle}. */
    public void writeOwned(long id, byte[] chunk, int off, int len) {
        if (isOpen() && transport != null) {
            transport.streams.writeOwned(id, chunk, off, len);
            owner.dirty(this);
        } else {
            handler().recycle(chunk);
        }
    }

    /** No more will be written: FIN follows what was. */
    public void finish(long id) {
        if (isOpen() && transport != null) {
            transport.streams.finish(id);
            owner.dirty(this);
        }
    }

    /** Abandons the sending of a stream with an application's code (RFC 9000 3.1). */
    public void reset(long id, long code) {
        if (isOpen() && transport != null) {
            transport.streams.reset(id, code);
            owner.dirty(this);
        }
    }

    /** Asks the peer not to send more on a stream, with an application's code (RFC 9000 3.5). */
    public void stopSending(long id, long code) {
        if (isOpen() && transport != null) {
            transport.streams.stopSending(id, code);
            owner.dirty(this);
        }
    }

    /** Gives back credit for bytes that the sink took and the application has used. */
    public void consumed(long id, long bytes) {
        if (isOpen() && transport != null) {
            transport.streams.consumed(id, bytes);
            if (transport.streams.hasControl()) {
                owner.dirty(this);
            }
        }
    }

    /** The owner is done with a stream: the peer may have a new one for it once both directions are. */
    public void release(long id) {
        if (isOpen() && transport != null) {
            transport.streams.release(id);
            owner.dirty(this);
        }
    }

    /** Sets the urgency (0 first, 7 last) and whether streams of it take turns (RFC 9218). */
    public void setPriority(long id, int urgency, boolean incremental) {
        if (isOpen() && transport != null) {
            transport.streams.setPriority(id, urgency, incremental);
        }
    }

    /**
     * Closes with an application's code. Nothing more is received; the close goes with the next {@code transmit}, and then
     * {@link ConnectionHandler#onClosed} is called.
     */
    public void close(long code, String reason) {
        if (isOpen()) {
            closeFor(CloseReasons.application(code, reason));
            owner.dirty(this);
        }
    }

    /** Sends a PING, which the peer acknowledges. */
    public void ping() {
        if (isOpen() && transport != null && state == State.ESTABLISHED) {
            transport.application.requestPing();
            owner.dirty(this);
        }
    }

    /** Updates the 1-RTT keys as soon as that is allowed (RFC 9001 6.1). */
    public void updateKeys() {
        if (isOpen() && transport != null) {
            transport.wantKeyUpdate();
            owner.dirty(this);
        }
    }

    /**
     * Moves a client to another address of its own, once the path from there is proved (RFC 9000 9.2).
     *
     * @return false if it cannot: the handshake is not confirmed, the server forbids it, or gave no spare connection ID
     */
    public boolean migrate(long now, NetPath path) {
        boolean begun = isOpen() && transport != null && transport.migration.begin(path, now);
        if (begun) {
            owner.dirty(this);
        }
        return begun;
    }

    /** Goes on after {@link ConnectionHandler#onDelegated}. */
    public void resume(long now, Delegated work) {
        Transport t = transport;
        if (t != null && pending == null) {
            try {
                t.handshake.resume(work, now);
                t.replay(now);
                deliver(t);
            } catch (TransportException e) {
                onFault(e);
            } catch (RuntimeException | Error e) {
                onBug(e);
            }
            settle(now);
        }
    }

    /** Where in its life it is. */
    public State state() {
        return state;
    }

    /** Whether we are its client. */
    public boolean isClient() {
        return client;
    }

    /** The last path on which the peer proved to be. */
    public NetPath path() {
        return transport != null ? transport.paths.validated() : lastStats.path();
    }

    /** The application protocol; empty until the handshake is complete. */
    public String alpn() {
        HandshakeResult r = handshake();
        return r == null ? "" : r.alpn();
    }

    /** A snapshot of its figures; the last ones once it is closed. */
    public ConnectionStats stats() {
        return transport != null ? transport.stats() : lastStats;
    }

    /** A number that no other connection of this endpoint has. */
    public long id() {
        return number;
    }

    /** The Destination Connection ID of the client's first packet; names the connection in logs. */
    public ConnectionId originalDestinationId() {
        return originalDestinationId;
    }

    /** What TLS agreed on; null until the handshake is complete. */
    public @Nullable HandshakeResult handshake() {
        return transport == null ? result : transport.handshake.result();
    }

    /** A client: the latest token with which its next connection to this server can prove its address; null if none came. */
    public byte @Nullable [] newToken() {
        return transport == null ? newToken : transport.newToken();
    }

    @Override
    public String toString() {
        return (client ? "client " : "server ") + originalDestinationId + " " + state;
    }
}

package dev.tokioj.tls;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One side of one TLS 1.3 handshake for QUIC, without I/O: it takes the bytes of CRYPTO frames and hands out events
 * (RFC 9001 section 4.1). One thread at a time.
 *
 * <p>After each {@link #start}, {@link #receive} and {@link #resume} the caller takes all events with {@link #poll}. A
 * {@link TlsAlertException} ends the handshake: the engine has wiped its secrets and only throws the same again.
 */
public abstract sealed class TlsEngine permits ClientHandshake, ServerHandshake {
    private enum Life {
        RUNNING,
        SUSPENDED,
        FAILED,
        CLOSED
    }

    private final ArrayDeque<TlsEvent> events = new ArrayDeque<>();
    private final MessageBuffer input = new MessageBuffer();
    private final TlsLimits limits;
    private Life life = Life.RUNNING;
    private EncryptionLevel readLevel = EncryptionLevel.INITIAL;
    private @Nullable Delegated awaited;
    private @Nullable TlsAlertException failure;

    TlsEngine(TlsLimits limits) {
        this.limits = limits;
    }

    /**
     * A client's side.
     *
     * @param serverName the host name or IP address literal that the server's certificate must be for
     * @param transportParameters the body of our quic_transport_parameters extension, encoded by QUIC
     * @throws IllegalArgumentException if {@code serverName} is neither
     */
    public static TlsEngine client(TlsClientConfig config, String serverName, byte[] transportParameters) {
        return new ClientHandshake(config, ServerName.of(serverName), transportParameters.clone());
    }

    /**
     * A server's side.
     *
     * @param transportParameters the body of our quic_transport_parameters extension, encoded by QUIC
     */
    public static TlsEngine server(TlsServerConfig config, byte[] transportParameters) {
        return new ServerHandshake(config, transportParameters.clone());
    }

    /** Begins, once: a client hands out its ClientHello, a server has nothing to do. */
    public final void start() throws TlsAlertException {
        checkAlive();
        try {
            begin();
        } catch (TlsAlertException e) {
            throw fail(e);
        }
    }

    /**
     * Takes handshake bytes of one level: contiguous, each byte once, in any fragmentation. QUIC keeps the bytes of a level
     * back until the engine has handed out the read secret of that level.
     *
     * @throws TlsAlertException if the peer broke the protocol or is refused
     * @throws IllegalStateException after {@link #close}
     */
    public final void receive(EncryptionLevel level, byte[] buf, int off, int len) throws TlsAlertException {
        Objects.checkFromIndexSize(off, len, buf.length);
        checkAlive();
        try {
            checkLevel(level);
            input.append(buf, off, len);
            if (life == Life.SUSPENDED && input.size() > limits.maxSuspendedBytes()) {
                throw TlsAlertException.bufferExceeded("too many handshake bytes while a check is under way");
            }
            process();
        } catch (TlsAlertException e) {
            throw fail(e);
        }
    }

    /** The next event, or null if there is none now. */
    public final @Nullable TlsEvent poll() {
        return events.poll();
    }

    /**
     * Goes on after the work of {@link TlsEvent.NeedsWork} was run.
     *
     * @throws TlsAlertException if the work failed, or if what was received meanwhile breaks the protocol
     * @throws IllegalStateException if the work was not run, or is not what the engine waits for
     */
    public final void resume(Delegated work) throws TlsAlertException {
        checkAlive();
        if (life != Life.SUSPENDED || awaited != work) {
            throw new IllegalStateException("the engine does not wait for this work");
        }
        try {
            work.checkOutcome();
            awaited = null;
            life = Life.RUNNING;
            onWorkDone(work);
            process();
        } catch (TlsAlertException e) {
            throw fail(e);
        }
    }

    /** Whether {@link TlsEvent.Complete} was emitted. */
    public abstract boolean isComplete();

    /**
     * What was agreed on, or null while that is not known: at a client until the handshake is complete, at a server from
     * the ClientHello on (then not yet authenticated).
     */
    public abstract @Nullable HandshakeResult result();

    /** Wipes the secrets, also those in events that nobody took. Idempotent; only {@link #poll} may follow. */
    public final void close() {
        if (life != Life.CLOSED) {
            life = Life.CLOSED;
            wipe();
        }
    }

    // ---- for the two sides ----

    abstract void begin() throws TlsAlertException;

    /** Refuses a type that cannot come now, before any of its body is kept. */
    abstract void expect(HandshakeType type) throws TlsAlertException;

    abstract void onMessage(HandshakeMessage message, byte[] encoded) throws TlsAlertException;

    abstract void onWorkDone(Delegated work) throws TlsAlertException;

    abstract void wipeSecrets();

    final void emit(TlsEvent event) {
        events.add(event);
    }

    final void suspend(Delegated work) {
        awaited = work;
        life = Life.SUSPENDED;
        events.add(new TlsEvent.NeedsWork(work));
    }

    final TlsLimits limits() {
        return limits;
    }

    /**
     * The peer sends at the next level from here on. Bytes that are left in the old one would have been sent under the
     * wrong keys (RFC 9001 section 4.1.3, RFC 8446 section 5.1).
     */
    final void readNextLevel(EncryptionLevel next) throws TlsAlertException {
        if (!input.isEmpty()) {
            if (HandshakeType.of(input.type()) == HandshakeType.KEY_UPDATE) {
                throw keyUpdate();
            }
            throw TlsAlertException.protocolViolation(
                    TlsAlert.UNEXPECTED_MESSAGE, "handshake bytes are left over at a change of keys");
        }
        readLevel = next;
        input.release();
    }

    static TlsAlertException unexpected(HandshakeType type) {
        return type == HandshakeType.KEY_UPDATE
                ? keyUpdate()
                : new TlsAlertException(TlsAlert.UNEXPECTED_MESSAGE, "unexpected " + type);
    }

    // ---- inside ----

    /** QUIC has a key update of its own (RFC 9001 section 6). */
    private static TlsAlertException keyUpdate() {
        return new TlsAlertException(TlsAlert.UNEXPECTED_MESSAGE, "TLS KeyUpdate is forbidden in QUIC");
    }

    private void process() throws TlsAlertException {
        while (life == Life.RUNNING && input.hasHeader()) {
            HandshakeType type = HandshakeType.of(input.type());
            if (type == null) {
                throw new TlsAlertException(TlsAlert.UNEXPECTED_MESSAGE, "unknown handshake type " + input.type());
            }
            expect(type);
            int limit = type == HandshakeType.CLIENT_HELLO ? limits.maxClientHelloBytes() : limits.maxMessageBytes();
            if (input.bodyLength() > limit) {
                throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, type + " is longer than " + limit + " bytes");
            }
            if (!input.hasMessage()) {
                return;
            }
            byte[] encoded = input.take();
            onMessage(HandshakeCodec.decode(type, encoded, limits), encoded);
        }
    }

    private void checkLevel(EncryptionLevel level) throws TlsAlertException {
        if (level == EncryptionLevel.EARLY_DATA) {
            throw TlsAlertException.protocolViolation(
                    TlsAlert.UNEXPECTED_MESSAGE, "0-RTT packets carry no handshake bytes");
        }
        int order = level.compareTo(readLevel);
        if (order < 0) {
            throw TlsAlertException.protocolViolation(
                    TlsAlert.UNEXPECTED_MESSAGE, "more handshake bytes at the finished level " + level);
        }
        if (order > 0) {
            throw new TlsAlertException(
                    TlsAlert.UNEXPECTED_MESSAGE, "handshake bytes at " + level + " before its keys exist");
        }
    }

    private void checkAlive() throws TlsAlertException {
        if (life == Life.CLOSED) {
            throw new IllegalStateException("the engine is closed");
        }
        if (failure != null) {
            throw failure;
        }
    }

    private TlsAlertException fail(TlsAlertException e) {
        life = Life.FAILED;
        failure = e;
        wipe();
        return e;
    }

    private void wipe() {
        awaited = null;
        input.release();
        for (TlsEvent event : events) {
            switch (event) {
                case TlsEvent.ReadSecret(var level, var suite, var secret) -> Arrays.fill(secret, (byte) 0);
                case TlsEvent.WriteSecret(var level, var suite, var secret) -> Arrays.fill(secret, (byte) 0);
                case TlsEvent.CryptoData _,
                        TlsEvent.PeerTransportParameters _,
                        TlsEvent.NeedsWork _,
                        TlsEvent.Complete _ -> {}
            }
        }
        events.clear();
        wipeSecrets();
    }
}

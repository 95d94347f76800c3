package dev.tokioj.quic.connection;

import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.TransportParameters;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.EncryptionLevel;
import dev.tokioj.tls.HandshakeResult;
import dev.tokioj.tls.TlsAlertException;
import dev.tokioj.tls.TlsEngine;
import dev.tokioj.tls.TlsEvent;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Joins the TLS engine with the connection (RFC 9001 4): carries bytes between CRYPTO frames and the engine, installs keys,
 * checks and applies the peer's transport parameters, and knows how far the handshake is.
 */
final class Handshake {

    /** How far it is; only forward. */
    enum Progress {
        /** Going on. */
        RUNNING,
        /** Complete (RFC 9001 4.1.1). */
        COMPLETE,
        /** Confirmed: the peer has it complete too (RFC 9001 4.1.2). */
        CONFIRMED
    }

    private final Transport t;
    private final TlsEngine engine;
    private Progress progress = Progress.RUNNING;
    private @Nullable TransportParameters peer;
    private @Nullable HandshakeResult result;
    private boolean keysInstalled;

    /** What a client must find in the server's transport parameters (RFC 9000 7.3). */
    private final ConnectionId originalDestinationId;

    private @Nullable ConnectionId retrySourceId;
    private @Nullable ConnectionId peerSourceId;

    Handshake(Transport t, TlsEngine engine, ConnectionId originalDestinationId) {
        this.t = t;
        this.engine = engine;
        this.originalDestinationId = originalDestinationId;
    }

    Progress progress() {
        return progress;
    }

    boolean isComplete() {
        return progress != Progress.RUNNING;
    }

    boolean isConfirmed() {
        return progress == Progress.CONFIRMED;
    }

    /** What TLS agreed on; null until the handshake is complete. */
    @Nullable HandshakeResult result() {
        return result;
    }

    /** The peer's transport parameters; null until they came. */
    @Nullable TransportParameters peerParameters() {
        return peer;
    }

    /** The Source Connection ID of the peer's first packet; null before. */
    @Nullable ConnectionId peerSourceId() {
        return peerSourceId;
    }

    void peerSourceId(ConnectionId id) {
        peerSourceId = id;
    }

    /** A client accepted a Retry that came from this ID. */
    void retrySourceId(ConnectionId id) {
        retrySourceId = id;
    }

    boolean retried() {
        return retrySourceId != null;
    }

    /** Begins; a client's ClientHello is then ready to be sent. */
    void start(long now) throws TransportException {
        try {
            engine.start();
        } catch (TlsAlertException e) {
            throw fault(e);
        }
        pump(now);
    }

    /** A CRYPTO frame came. */
    void receive(PacketSpace space, Frame.Crypto f, long now) throws TransportException {
        EncryptionLevel level = level(space);
        space.crypto.receive(f, (buf, off, len) -> {
            try {
                engine.receive(level, buf, off, len);
            } catch (TlsAlertException e) {
                throw fault(e);
            }
        });
        pump(now);
    }

    /** Work that the engine waited for is done. */
    void resume(Delegated work, long now) throws TransportException {
        try {
            engine.resume(work);
        } catch (TlsAlertException e) {
            throw fault(e);
        }
        pump(now);
    }

    private static TransportException fault(TlsAlertException e) {
        return new TransportException(e.quicErrorCode(), 0, e.reason());
    }

    private static EncryptionLevel level(PacketSpace space) {
        return switch (space.id) {
            case INITIAL -> EncryptionLevel.INITIAL;
            case HANDSHAKE -> EncryptionLevel.HANDSHAKE;
            case APPLICATION -> EncryptionLevel.APPLICATION;
        };
    }

    private PacketSpace space(EncryptionLevel level) {
        return switch (level) {
            case INITIAL -> t.initial;
            case HANDSHAKE -> t.handshakeSpace;
            case APPLICATION -> t.application;
            case EARLY_DATA -> throw new IllegalStateException("0-RTT was not asked for");
        };
    }

    private void pump(long now) throws TransportException {
        for (TlsEvent event = engine.poll(); event != null; event = engine.poll()) {
            switch (event) {
                case TlsEvent.CryptoData(var level, var data) ->
                    space(level).crypto.send(data);
                case TlsEvent.ReadSecret(var level, var suite, var secret) -> {
                    space(level).installRead(PacketKeys.of(suite, secret, t.version));
                    Arrays.fill(secret, (byte) 0);
                    installed(level, false, now);
                }
                case TlsEvent.WriteSecret(var level, var suite, var secret) -> {
                    space(level).installWrite(PacketKeys.of(suite, secret, t.version));
                    Arrays.fill(secret, (byte) 0);
                    installed(level, true, now);
                }
                case TlsEvent.PeerTransportParameters(var encoded) -> onPeerParameters(encoded);
                case TlsEvent.NeedsWork(var work) -> t.connection.handler().onDelegated(t.connection, work);
                case TlsEvent.Complete() -> onComplete(now);
            }
        }
    }

    private void installed(EncryptionLevel level, boolean write, long now) {
        keysInstalled = true;
        if (level == EncryptionLevel.HANDSHAKE) {
            t.loss.onHandshakeKeys();
        }
        if (t.listener != null) {
            t.listener.onEvent(now, t.connection, new QuicEvent.KeysInstalled(level.name(), write));
        }
    }

    /** Whether keys came since this was asked last: packets that waited for them may be opened. */
    boolean takeKeysInstalled() {
        boolean since = keysInstalled;
        keysInstalled = false;
        return since;
    }

    private void onPeerParameters(byte[] encoded) throws TransportException {
        TransportParameters p = TransportParameters.decode(encoded, t.client);
        check(peerSourceId, p.initialSourceConnectionId(), "initial_source_connection_id");
        if (t.client) {
            check(originalDestinationId, p.originalDestinationConnectionId(), "original_destination_connection_id");
            check(retrySourceId, p.retrySourceConnectionId(), "retry_source_connection_id");
        }
        peer = p;
        t.onPeerParameters(p);
    }

    /** Authenticates the connection IDs of the handshake (RFC 9000 7.3). */
    private static void check(@Nullable ConnectionId seen, @Nullable ConnectionId said, String name)
            throws TransportException {
        if (!Objects.equals(seen, said)) {
            throw new TransportException(
                    TransportError.TRANSPORT_PARAMETER_ERROR, name + " is not what the packets had");
        }
    }

    private void onComplete(long now) throws TransportException {
        if (peer == null) {
            throw new TransportException(TransportError.crypto(109), 0, "no transport parameters");
        }
        progress = Progress.COMPLETE;
        result = engine.result();
        keysInstalled = true; // 1-RTT packets may be opened from now on (RFC 9001 5.7)
        t.onHandshakeComplete(now);
        if (!t.client) {
            confirmed(now);
        }
    }

    /** The handshake is confirmed; its keys go (RFC 9001 4.9.2). */
    void confirmed(long now) {
        if (progress != Progress.COMPLETE) {
            return;
        }
        progress = Progress.CONFIRMED;
        t.discard(t.initial, now);
        t.discard(t.handshakeSpace, now);
        t.loss.onHandshakeConfirmed(now);
        var phase = t.application.phase();
        if (phase != null) {
            phase.onHandshakeConfirmed();
        }
        if (t.listener != null) {
            t.listener.onEvent(now, t.connection, new QuicEvent.HandshakeConfirmed());
        }
    }

    /** Wipes what is secret. */
    void close() {
        engine.close();
    }
}

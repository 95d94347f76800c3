package dev.tokioj.quic.connection;

import dev.tokioj.quic.crypto.InitialKeys;
import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.path.LocalCids;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.path.PathResponses;
import dev.tokioj.quic.path.Paths;
import dev.tokioj.quic.path.RemoteCids;
import dev.tokioj.quic.recovery.AckTracker;
import dev.tokioj.quic.recovery.LossDetector;
import dev.tokioj.quic.recovery.Pacer;
import dev.tokioj.quic.recovery.PacketSpaceId;
import dev.tokioj.quic.recovery.RecoveryConfig;
import dev.tokioj.quic.stream.StreamOwner;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.quic.stream.Streams;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.TransportParameters;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.TlsEngine;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a connection consists of while it lives; all of it goes when the connection closes. It joins its parts and decides
 * nothing that one of them could decide.
 */
final class Transport implements StreamOwner {
    /** The least a datagram has that carries an Initial packet or probes a path (RFC 9000 8.2.1 and 14.1). */
    static final int MIN_INITIAL_DATAGRAM = 1200;

    final Connection connection;
    final QuicConfig config;
    final ConnectionOwner owner;
    final @Nullable QuicEventListener listener;
    final Workbench bench;
    final boolean client;
    final Version version;
    final ConnectionId sourceId;
    final int localIdLength;
    /** For choices that nobody gains from guessing; seeded by the secure source. */
    final SplittableRandom dice;

    final boolean spin;

    /** Of the handshake; in their place stands one that does nothing once their keys are discarded. */
    PacketSpace initial;

    PacketSpace handshakeSpace;
    final PacketSpace application;
    final PacketSpace[] spaces;

    final LossDetector loss;
    final Pacer pacer;
    final Streams streams;
    final LocalCids localCids;
    final RemoteCids remoteCids;
    final Paths paths;
    final PathResponses responses;
    final IdleTimeout idle;
    final ProgressBudget budget;
    final Counters counters = new Counters();
    final Handshake handshake;
    final ControlFrames control;
    final FrameDispatcher dispatcher;
    final PacketReceiver receiver;
    final PacketAssembler assembler;
    final Retransmitter retransmitter;
    final Migration migration;
    final Timers timers;

    /** The token of our Initial packets: of a Retry or an earlier connection. */
    byte[] token;

    private byte @Nullable [] newToken;
    private int datagramLength;
    private int datagramSize = MIN_INITIAL_DATAGRAM;
    private long lost;
    private boolean keyUpdateWanted;

    Transport(Connection connection, ConnectionSetup setup, boolean client, Function<byte[], TlsEngine> tls, long now) {
        this.connection = connection;
        this.config = setup.config();
        this.owner = setup.owner();
        this.listener = connection.listener();
        this.bench = setup.bench();
        this.client = client;
        this.version = setup.version();
        this.sourceId = setup.sourceId();
        this.localIdLength = sourceId.length();
        this.dice = new SplittableRandom(setup.random().nextLong());
        this.spin = dice.nextBoolean();
        this.token = setup.token();

        RecoveryConfig recovery = config.recovery();
        this.loss = new LossDetector(recovery, client, MIN_INITIAL_DATAGRAM, config.ecn());
        this.pacer = new Pacer(recovery, MIN_INITIAL_DATAGRAM, now);
        this.initial = space(0, PacketSpaceId.INITIAL, PacketType.INITIAL, recovery);
        this.handshakeSpace = space(1, PacketSpaceId.HANDSHAKE, PacketType.HANDSHAKE, recovery);
        this.application = space(2, PacketSpaceId.APPLICATION, PacketType.ONE_RTT, recovery);
        this.spaces = new PacketSpace[] {initial, handshakeSpace, application};

        this.streams = new Streams(config.streams(), client, setup.pool(), dice.nextLong(), setup.intake(), this);
        this.localCids = new LocalCids(
                sourceId, () -> owner.issueConnectionId(connection), id -> owner.retireConnectionId(connection, id));
        this.remoteCids = new RemoteCids(
                setup.peerId(),
                config.activeConnectionIdLimit(),
                config.connectionIdHoles(),
                resetToken -> owner.addPeerResetToken(connection, resetToken),
                resetToken -> owner.removePeerResetToken(connection, resetToken));
        this.paths =
                new Paths(setup.path(), remoteCids, config.pathProbesPerRtt(), 3 * config.initialRtt(), setup.random());
        this.responses = new PathResponses(config.pathResponses());
        this.idle = new IdleTimeout(config.idleTimeout(), config.keepAlive(), config.quietAfter(), now);
        this.budget = new ProgressBudget(config.nonProgressFrames());
        if (client || setup.addressValidated()) {
            paths.active().limit().lift();
        }

        byte[] parameters = LocalParameters.encode(setup, client);
        this.handshake = new Handshake(this, tls.apply(parameters), setup.originalDestinationId());
        if (!client) {
            handshake.peerSourceId(setup.peerId());
        }
        this.control = new ControlFrames(this);
        this.dispatcher = new FrameDispatcher(this);
        this.receiver = new PacketReceiver(this);
        this.assembler = new PacketAssembler(this);
        this.retransmitter = new Retransmitter(this);
        this.migration = new Migration(this);
        this.timers = new Timers(this, now + config.handshakeTimeout());
        installInitialKeys(setup.keyId());
        pacer.update(now, loss.congestion(), loss.rtt());
    }

    private PacketSpace space(int index, PacketSpaceId id, PacketType type, RecoveryConfig recovery) {
        return new PacketSpace(
                id,
                type,
                new AckTracker(id, recovery, config.maxAckDelay()),
                loss.sent(id),
                new CryptoStream(config.cryptoBuffer(), config.cryptoPieces(), index),
                config.keyUpdatePackets(),
                config.forgedPackets());
    }

    /** Those of this Destination Connection ID of the client's (RFC 9001 5.2). */
    void installInitialKeys(ConnectionId keyId) {
        var clients = InitialKeys.client(keyId, version);
        var servers = InitialKeys.server(keyId, version);
        initial.installRead(client ? servers : clients);
        initial.installWrite(client ? clients : servers);
    }

    /** Adds what a packet needs, in the order in which it does. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(counters);
        paths.collect(to);
        receiver.collect(to);
        to.add(migration);
        to.add(dispatcher);
        application.collect(to);
        localCids.collect(to);
        to.add(idle);
        to.add(budget);
        streams.collect(to);
        loss.collect(to);
        assembler.collect(to);
        to.add(spaces);
        to.add(handshake);
        to.add(handshake.peerParameters());
        to.add(control);
        to.add(timers);
        to.add(retransmitter);
        to.add(responses);
        to.add(pacer);
    }

    // ---- receiving ----

    /** A datagram came: its bytes count once, whatever it holds (RFC 9000 8.1). */
    void receive(byte[] buf, int off, int len, NetPath from, int ecn, long now) throws TransportException {
        datagramLength = len;
        counters.bytesReceived += len;
        Path known = migration.find(from);
        if (known != null) {
            known.limit().received(len);
            loss.onAmplificationLimited(false, now);
        } else if (!migration.mayComeFrom(from, now)) {
            drop(DropReason.PATH_REFUSED, len, now);
            return;
        }
        receiver.receive(buf, off, len, from, ecn, now);
        replay(now);
    }

    /** Opens what waited for keys that came. */
    void replay(long now) throws TransportException {
        while (connection.isOpen() && handshake.takeKeysInstalled() && receiver.hasKept()) {
            receiver.replay(now);
        }
    }

    /** A packet was opened; its frames come next. */
    void onPacketOpened(PacketSpace space, PacketHeader header, Path path, long now) {
        idle.onReceived(now);
        if (client && handshake.peerSourceId() == null && header.isLong()) {
            ConnectionId id = header.scid();
            handshake.peerSourceId(id);
            paths.active().cid(remoteCids.replaceFirst(id));
        }
        if (!client && space == handshakeSpace) {
            path.limit().lift(); // only who got our Initial could make it (RFC 9000 8.1)
            discard(initial, now);
        }
    }

    void onNewConnectionId(Frame.NewConnectionId f) throws TransportException {
        remoteCids.onNewConnectionId(f);
        RemoteCids.Entry before = paths.active().cid();
        RemoteCids.Entry after = remoteCids.stillValid(before);
        for (Path path : new @Nullable Path[] {paths.active(), paths.candidate(), paths.previous()}) {
            if (path != null) {
                path.cid(path.cid().equals(before) ? after : remoteCids.stillValid(path.cid()));
            }
        }
    }

    void keepToken(Frame.NewToken f) {
        if (f.len() <= config.maxTokenLength()) {
            newToken = Arrays.copyOfRange(f.buf(), f.off(), f.off() + f.len());
        }
    }

    byte @Nullable [] newToken() {
        return newToken;
    }

    /** The bytes of the datagram being received. */
    int datagramLength() {
        return datagramLength;
    }

    void drop(DropReason reason, int length, long now) {
        counters.packetsDropped++;
        if (listener != null) {
            listener.onEvent(now, connection, new QuicEvent.PacketDropped(reason, length));
        }
    }

    // ---- handshake ----

    /** The peer's transport parameters came and fit the handshake's IDs. */
    void onPeerParameters(TransportParameters p) {
        idle.negotiate(p.maxIdleTimeoutNanos());
        loss.peerMaxAckDelay(p.maxAckDelayNanos());
        streams.onPeerParameters(p);
        int size = Math.min(config.maxDatagramSize(), p.udpPayloadLimit());
        datagramSize = size;
        loss.onMaxDatagramSize(size);
        pacer.onMaxDatagramSize(size);
        if (client && p.statelessResetToken() != null) {
            paths.active().cid(remoteCids.firstToken(p.statelessResetToken()));
        }
    }

    void onHandshakeComplete(long now) {
        connection.onEstablished();
        TransportParameters peer = Objects.requireNonNull(handshake.peerParameters());
        localCids.limit(peer.activeConnectionIdLimit(), config.issuedConnectionIds());
        if (!client) {
            control.sendHandshakeDone();
            control.sendNewToken(owner.newToken(now, paths.active().net()));
        }
        owner.handshakeComplete(connection);
        if (listener != null) {
            var result = handshake.result();
            listener.onEvent(now, connection, new QuicEvent.HandshakeComplete(result == null ? "" : result.alpn()));
        }
        connection.handler().onHandshakeComplete(connection);
    }

    /** The keys of a level are not needed any more (RFC 9001 4.9). */
    void discard(PacketSpace space, long now) {
        if (space.isDiscarded()) {
            return;
        }
        space.discard();
        loss.discard(space.id, now);
        PacketSpace gone = PacketSpace.discarded(space.id);
        spaces[space.id.index()] = gone;
        if (space.id == PacketSpaceId.INITIAL) {
            initial = gone;
        } else {
            handshakeSpace = gone;
        }
        if (listener != null) {
            listener.onEvent(now, connection, new QuicEvent.KeysDiscarded(space.id.name()));
        }
    }

    long peerAckDelayNanos(long field) {
        TransportParameters peer = handshake.peerParameters();
        return peer == null ? 0 : peer.ackDelayNanos(field);
    }

    boolean mayClearFixedBit() {
        TransportParameters peer = handshake.peerParameters();
        return config.grease() && peer != null && peer.greaseQuicBit();
    }

    // ---- sending ----

    /** Fills in what is to be sent next; false: nothing now. */
    boolean transmit(Transmit out, long now) {
        timers.pacedUntil(Long.MAX_VALUE);
        return assembler.assemble(out, now);
    }

    /** Bytes of UDP payload of our datagrams. */
    int datagramSize() {
        return datagramSize;
    }

    long windowPackets() {
        return loss.congestion().window() / datagramSize;
    }

    /** Whether window and pacer let a full datagram go. If it is the pacer that does not, the timer waits for it. */
    boolean mayBulk(long now) {
        if (loss.congestionRoom() < datagramSize) {
            return false;
        }
        if (pacer.available(now) < datagramSize) {
            timers.pacedUntil(pacer.nextSendTime(now, datagramSize));
            return false;
        }
        return true;
    }

    /** Another key update, as soon as it is allowed. */
    void wantKeyUpdate() {
        keyUpdateWanted = true;
    }

    void updateKeysIfDue(long now) {
        var phase = application.phase();
        if (phase == null) {
            return;
        }
        if (phase.isExhausted()) {
            connection.closeFor(CloseReasons.keysExhausted());
        } else if ((keyUpdateWanted || application.isUpdateDue()) && phase.canUpdate(now)) {
            phase.update(now);
            if (keyUpdateWanted) {
                keyUpdateWanted = false;
                application.requestPing(); // or the peer would not know until there is something to say
            }
            if (listener != null) {
                listener.onEvent(now, connection, new QuicEvent.KeyUpdated(false));
            }
        }
    }

    /** Whether what is to be sent should overtake bulk: handshakes and probes. */
    boolean isUrgent() {
        if (!handshake.isConfirmed()) {
            return true;
        }
        return loss.probes(PacketSpaceId.APPLICATION) > 0;
    }

    /** An ACK frame acknowledged something. */
    void onAcknowledged(long now) {
        pacer.update(now, loss.congestion(), loss.rtt());
        noteLosses(now);
        if (listener != null) {
            var rtt = loss.rtt();
            listener.onEvent(
                    now,
                    connection,
                    new QuicEvent.MetricsUpdated(
                            rtt.latest(),
                            rtt.smoothed(),
                            rtt.variance(),
                            rtt.min(),
                            loss.congestion().window(),
                            loss.bytesInFlight()));
        }
    }

    /** Packets were declared lost because of their age. */
    void onLoss(long now) {
        pacer.update(now, loss.congestion(), loss.rtt());
        noteLosses(now);
    }

    private void noteLosses(long now) {
        long since = loss.packetsLost() - lost;
        lost = loss.packetsLost();
        if (since > 0 && listener != null) {
            listener.onEvent(now, connection, new QuicEvent.PacketsLost(since));
        }
    }

    ConnectionStats stats() {
        var rtt = loss.rtt();
        return new ConnectionStats(
                paths.validated(),
                rtt.latest(),
                rtt.smoothed(),
                rtt.variance(),
                rtt.min(),
                loss.congestion().window(),
                loss.bytesInFlight(),
                loss.ptoCount(),
                counters.packetsSent,
                counters.packetsReceived,
                loss.packetsLost(),
                loss.spuriousLosses(),
                counters.packetsDropped,
                counters.bytesSent,
                counters.bytesReceived,
                datagramSize,
                loss.ecn().state().name(),
                application.keyGeneration());
    }

    /** Nothing has happened for a while: gives back what only a busy connection needs. */
    void rest() {
        application.rest();
        connection.rest();
    }

    /** Wipes keys, gives memory back. */
    void close() {
        streams.close();
        handshake.close();
        receiver.clear();
        for (PacketSpace space : spaces) {
            if (!space.isDiscarded()) {
                space.discard();
            }
        }
    }

    // ---- what streams tell, passed on to the application ----

    @Override
    public StreamSink onPeerStream(long streamId) {
        return connection.handler().onPeerStream(connection, streamId);
    }

    @Override
    public void onStreamWritable(long streamId) {
        connection.handler().onStreamWritable(connection, streamId);
    }

    @Override
    public void onStopSending(long streamId, long code) {
        connection.handler().onStopSending(connection, streamId, code);
    }

    @Override
    public void onStreamsAvailable(boolean bidirectional) {
        connection.handler().onStreamsAvailable(connection, bidirectional);
    }

    @Override
    public void onStreamLimit(boolean bidirectional, long limit) {
        connection.handler().onStreamLimit(connection, bidirectional, limit);
    }

    @Override
    public void onSendComplete(long streamId) {
        connection.handler().onStreamSendComplete(connection, streamId);
    }

    @Override
    public void recycle(byte[] chunk) {
        connection.handler().recycle(chunk);
    }
}

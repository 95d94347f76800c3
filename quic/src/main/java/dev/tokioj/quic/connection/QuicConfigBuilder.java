package dev.tokioj.quic.connection;

import org.jspecify.annotations.Nullable;

/** Builds a {@link QuicConfig}; one thread at a time. */
public final class QuicConfigBuilder {
    private long connectionWindow = 384L << 10;
    private long maxConnectionWindow = 16L << 20;
    private long streamWindow = 256L << 10;
    private long maxStreamWindow = 10L << 20;
    private long maxBidiStreams = 100;
    private long maxUniStreams = 16;
    private int sendBuffer = 1 << 20;
    private long connectionSendBuffer = 8L << 20;
    private int maxAckRanges = 64;
    private long idleTimeout = 30_000_000_000L;
    private long handshakeTimeout = 5_000_000_000L;
    private long keepAlive = 0L;
    private long quietAfter = 1_000_000_000L;
    private int maxDatagramSize = 1200;
    private int maxUdpPayload = 65527;
    private QuicConfig.CongestionAlgorithm congestion = QuicConfig.CongestionAlgorithm.CUBIC;
    private int initialWindowPackets = 10;
    private long maxCongestionWindow = 32L << 20;
    private long initialRtt = 333_000_000L;
    private int ackDelayExponent = 3;
    private long maxAckDelay = 25_000_000L;
    private int ackEvery = 2;
    private int cryptoBuffer = 64 << 10;
    private int cryptoPieces = 128;
    private int undecryptableBuffer = 32 << 10;
    private int activeConnectionIdLimit = 4;
    private int issuedConnectionIds = 4;
    private int connectionIdHoles = 64;
    private int maxTokenLength = 512;
    private int pathResponses = 16;
    private int pathProbesPerRtt = 4;
    private boolean activeMigration = true;
    private long keyUpdatePackets = 1L << 22;
    private long forgedPackets = 1L << 36;
    private int nonProgressFrames = 10_000;
    private int ackOnlyPing = 32;
    private int maxSegments = 64;
    private boolean ecn = true;
    private boolean grease = true;
    private @Nullable QuicEventListener listener;

    QuicConfigBuilder() {}

    static QuicConfigBuilder from(QuicConfig c) {
        var b = new QuicConfigBuilder();
        b.connectionWindow = c.connectionWindow();
        b.maxConnectionWindow = c.maxConnectionWindow();
        b.streamWindow = c.streamWindow();
        b.maxStreamWindow = c.maxStreamWindow();
        b.maxBidiStreams = c.maxBidiStreams();
        b.maxUniStreams = c.maxUniStreams();
        b.sendBuffer = c.sendBuffer();
        b.connectionSendBuffer = c.connectionSendBuffer();
        b.maxAckRanges = c.maxAckRanges();
        b.idleTimeout = c.idleTimeout();
        b.handshakeTimeout = c.handshakeTimeout();
        b.keepAlive = c.keepAlive();
        b.quietAfter = c.quietAfter();
        b.maxDatagramSize = c.maxDatagramSize();
        b.maxUdpPayload = c.maxUdpPayload();
        b.congestion = c.congestion();
        b.initialWindowPackets = c.initialWindowPackets();
        b.maxCongestionWindow = c.maxCongestionWindow();
        b.initialRtt = c.initialRtt();
        b.ackDelayExponent = c.ackDelayExponent();
        b.maxAckDelay = c.maxAckDelay();
        b.ackEvery = c.ackEvery();
        b.cryptoBuffer = c.cryptoBuffer();
        b.cryptoPieces = c.cryptoPieces();
        b.undecryptableBuffer = c.undecryptableBuffer();
        b.activeConnectionIdLimit = c.activeConnectionIdLimit();
        b.issuedConnectionIds = c.issuedConnectionIds();
        b.connectionIdHoles = c.connectionIdHoles();
        b.maxTokenLength = c.maxTokenLength();
        b.pathResponses = c.pathResponses();
        b.pathProbesPerRtt = c.pathProbesPerRtt();
        b.activeMigration = c.activeMigration();
        b.keyUpdatePackets = c.keyUpdatePackets();
        b.forgedPackets = c.forgedPackets();
        b.nonProgressFrames = c.nonProgressFrames();
        b.ackOnlyPing = c.ackOnlyPing();
        b.maxSegments = c.maxSegments();
        b.ecn = c.ecn();
        b.grease = c.grease();
        b.listener = c.listener();
        return b;
    }

    /** Bytes the peer may send on all streams at first. Default: one and a half stream windows; it grows with use. */
    public QuicConfigBuilder connectionWindow(long value) {
        connectionWindow = value;
        return this;
    }

    /** Bytes the connection's window may grow to. Default: 1 Gbit/s at 130 ms. */
    public QuicConfigBuilder maxConnectionWindow(long value) {
        maxConnectionWindow = value;
        return this;
    }

    /** Bytes the peer may send on one stream at first. Default: 100 Mbit/s over 20 ms; it grows with use. */
    public QuicConfigBuilder streamWindow(long value) {
        streamWindow = value;
        return this;
    }

    /** Bytes a stream's window may grow to. Default: two thirds of the connection's, so that one stream cannot starve the rest. */
    public QuicConfigBuilder maxStreamWindow(long value) {
        maxStreamWindow = value;
        return this;
    }

    /** Bidirectional streams the peer may have open. Default: RFC 9114 6.1 wants at least 100. */
    public QuicConfigBuilder maxBidiStreams(long value) {
        maxBidiStreams = value;
        return this;
    }

    /** Unidirectional streams the peer may have open. Default: HTTP/3 needs 3; the rest is room. */
    public QuicConfigBuilder maxUniStreams(long value) {
        maxUniStreams = value;
        return this;
    }

    /** Bytes a stream holds that are unsent or unacknowledged, at most. Default: 1 Gbit/s over 8 ms. */
    public QuicConfigBuilder sendBuffer(int value) {
        sendBuffer = value;
        return this;
    }

    /** Bytes all streams hold that are unsent or unacknowledged, at most. Default: a slow reader pins no more than this. */
    public QuicConfigBuilder connectionSendBuffer(long value) {
        connectionSendBuffer = value;
        return this;
    }

    /** Ranges of received packet numbers kept and reported. Default: more than any sane network makes; a hostile one is forgotten from the oldest on. */
    public QuicConfigBuilder maxAckRanges(int value) {
        maxAckRanges = value;
        return this;
    }

    /** Ns without a packet until the connection is dropped in silence; 0: never (RFC 9000 10.1). Default: what most deployments say. */
    public QuicConfigBuilder idleTimeout(long value) {
        idleTimeout = value;
        return this;
    }

    /** Ns a handshake may take. Default: a half-open connection is cheap to make and must be cheap to hold. */
    public QuicConfigBuilder handshakeTimeout(long value) {
        handshakeTimeout = value;
        return this;
    }

    /** Ns without a packet until a PING is sent; 0: never (RFC 9000 10.1.2). Default: only the application knows whether it waits for something. */
    public QuicConfigBuilder keepAlive(long value) {
        keepAlive = value;
        return this;
    }

    /**
     * Ns without a packet until ciphers and rings that only a busy connection needs are given back; 0: never. Default 1 s: a
     * connection that is used more often keeps them, and making them again costs some 10 us.
     */
    public QuicConfigBuilder quietAfter(long value) {
        quietAfter = value;
        return this;
    }

    /** Bytes of UDP payload we send, at most. Default: every QUIC path carries it (RFC 9000 14); the host raises it where it knows better. */
    public QuicConfigBuilder maxDatagramSize(int value) {
        maxDatagramSize = value;
        return this;
    }

    /** Bytes of UDP payload we receive (RFC 9000 18.2). Default: the protocol's own limit; receive buffers are 64 KB. */
    public QuicConfigBuilder maxUdpPayload(int value) {
        maxUdpPayload = value;
        return this;
    }

    /** The congestion controller. Default: RFC 9438, what the Internet runs. */
    public QuicConfigBuilder congestion(QuicConfig.CongestionAlgorithm value) {
        congestion = value;
        return this;
    }

    /** Datagrams in the first congestion window. Default: RFC 9002 7.2. */
    public QuicConfigBuilder initialWindowPackets(int value) {
        initialWindowPackets = value;
        return this;
    }

    /** Bytes the congestion window may grow to. Default: 2.5 Gbit/s over 100 ms. */
    public QuicConfigBuilder maxCongestionWindow(long value) {
        maxCongestionWindow = value;
        return this;
    }

    /** Ns assumed for a round trip before the first sample. Default: RFC 9002 6.2.2. */
    public QuicConfigBuilder initialRtt(long value) {
        initialRtt = value;
        return this;
    }

    /** Scale of the ACK Delay field (RFC 9000 18.2). Default: the RFC's default. */
    public QuicConfigBuilder ackDelayExponent(int value) {
        ackDelayExponent = value;
        return this;
    }

    /** Ns we may hold back an ACK (RFC 9000 13.2.1). Default: the RFC's default. */
    public QuicConfigBuilder maxAckDelay(long value) {
        maxAckDelay = value;
        return this;
    }

    /** Ack-eliciting packets until an ACK is sent at once (RFC 9000 13.2.2). Default: the RFC's recommendation. */
    public QuicConfigBuilder ackEvery(int value) {
        ackEvery = value;
        return this;
    }

    /** Bytes of CRYPTO data past the first hole, per level (RFC 9000 7.5). Default: a large certificate chain; the RFC asks for 4096. */
    public QuicConfigBuilder cryptoBuffer(int value) {
        cryptoBuffer = value;
        return this;
    }

    /** Pieces of CRYPTO data past the first hole, per level. Default: twice a whole cryptoBuffer of full packets; honest loss makes a handful. */
    public QuicConfigBuilder cryptoPieces(int value) {
        cryptoPieces = value;
        return this;
    }

    /** Bytes of packets kept until their keys come or the handshake work is done. Default: an initial window's worth and some. */
    public QuicConfigBuilder undecryptableBuffer(int value) {
        undecryptableBuffer = value;
        return this;
    }

    /** Connection IDs of the peer that we keep (RFC 9000 18.2). Default: one in use, one to migrate to, two to spare. */
    public QuicConfigBuilder activeConnectionIdLimit(int value) {
        activeConnectionIdLimit = value;
        return this;
    }

    /** Connection IDs that we give the peer, at most. Default: enough for a few rebindings; each costs an entry in the table. */
    public QuicConfigBuilder issuedConnectionIds(int value) {
        issuedConnectionIds = value;
        return this;
    }

    /** Connection IDs whose sequence number came before a lower one did. Default: sixteen times as many as may be active; more is a peer that counts wildly. */
    public QuicConfigBuilder connectionIdHoles(int value) {
        connectionIdHoles = value;
        return this;
    }

    /** Bytes of a NEW_TOKEN token that a client keeps; a longer one is ignored. Default: it must leave room for a ClientHello in the first datagram. */
    public QuicConfigBuilder maxTokenLength(int value) {
        maxTokenLength = value;
        return this;
    }

    /** PATH_CHALLENGE frames remembered until they are answered. Default: no honest peer probes more at once; the oldest is dropped. */
    public QuicConfigBuilder pathResponses(int value) {
        pathResponses = value;
        return this;
    }

    /** New paths a peer may show in three probe timeouts, at most. Default: a rebinding is rare; a storm of them is an attack. */
    public QuicConfigBuilder pathProbesPerRtt(int value) {
        pathProbesPerRtt = value;
        return this;
    }

    /** Whether the peer may migrate on purpose (RFC 9000 18.2, disable_active_migration). Default: phones change networks. */
    public QuicConfigBuilder activeMigration(boolean value) {
        activeMigration = value;
        return this;
    }

    /** Packets sealed with one key until we update it. Default: half of AES-GCM's 2^23 (RFC 9001 6.6). */
    public QuicConfigBuilder keyUpdatePackets(long value) {
        keyUpdatePackets = value;
        return this;
    }

    /** Packets that may fail authentication until the connection is closed; the AEAD has a limit of its own. Default: the lower of what RFC 9001 6.6 allows its AEADs. */
    public QuicConfigBuilder forgedPackets(long value) {
        forgedPackets = value;
        return this;
    }

    /** Frames that move nothing forward that a peer may send without one that does. Default: a ping each 10 ms for 100 s; a flood of them is closed. */
    public QuicConfigBuilder nonProgressFrames(int value) {
        nonProgressFrames = value;
        return this;
    }

    /** ACK-only packets until one carries a PING. Default: so that the peer acknowledges our ACKs and we can forget ranges (RFC 9000 13.2.4). */
    public QuicConfigBuilder ackOnlyPing(int value) {
        ackOnlyPing = value;
        return this;
    }

    /** Segments in one Transmit, at most. Default: UDP GSO's limit on Linux. */
    public QuicConfigBuilder maxSegments(int value) {
        maxSegments = value;
        return this;
    }

    /** Whether packets are marked ECT(0) and the marking validated (RFC 9000 13.4). Default: congestion without loss. */
    public QuicConfigBuilder ecn(boolean value) {
        ecn = value;
        return this;
    }

    /** Whether the quic bit, a reserved transport parameter and reserved versions are used (RFC 9287). Default: what is not used rusts. */
    public QuicConfigBuilder grease(boolean value) {
        grease = value;
        return this;
    }

    /** Hears every event, on the thread of the connection: it must not wait. Default: nobody, and no event is built. */
    public QuicConfigBuilder listener(@Nullable QuicEventListener value) {
        listener = value;
        return this;
    }

    /** The configuration; {@link IllegalArgumentException} names a value that is out of range. */
    public QuicConfig build() {
        return new QuicConfig(
                connectionWindow,
                maxConnectionWindow,
                streamWindow,
                maxStreamWindow,
                maxBidiStreams,
                maxUniStreams,
                sendBuffer,
                connectionSendBuffer,
                maxAckRanges,
                idleTimeout,
                handshakeTimeout,
                keepAlive,
                quietAfter,
                maxDatagramSize,
                maxUdpPayload,
                congestion,
                initialWindowPackets,
                maxCongestionWindow,
                initialRtt,
                ackDelayExponent,
                maxAckDelay,
                ackEvery,
                cryptoBuffer,
                cryptoPieces,
                undecryptableBuffer,
                activeConnectionIdLimit,
                issuedConnectionIds,
                connectionIdHoles,
                maxTokenLength,
                pathResponses,
                pathProbesPerRtt,
                activeMigration,
                keyUpdatePackets,
                forgedPackets,
                nonProgressFrames,
                ackOnlyPing,
                maxSegments,
                ecn,
                grease,
                listener);
    }
}

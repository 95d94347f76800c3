package dev.tokioj.http3;

import dev.tokioj.http3.qpack.Decoder;
import dev.tokioj.http3.qpack.DecoderStream;
import dev.tokioj.http3.qpack.Encoder;
import dev.tokioj.http3.qpack.EncoderStream;
import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.tls.Delegated;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/3 connection (RFC 9114): what clients and servers have in common, that is control and QPACK streams, GOAWAY and the end.
 * The connection's owner thread only.
 */
public abstract sealed class Http3Connection implements ConnectionHandler
        permits Http3ServerConnection, Http3ClientConnection {
    /** What one request gives back to the budget of QPACK instructions: its cancellation, and room. */
    private static final int INSTRUCTIONS_PER_REQUEST = 4;

    private enum State {
        /** The handshake goes on. */
        HANDSHAKING,
        OPEN,
        /** Closed by one side; nothing is sent. */
        CLOSED
    }

    private final Role role;
    private final Http3Config config;
    private final Http3Handler handler;
    private final OwnStreams ownStreams;
    private final ControlStream control;
    private final Encoder encoder = new Encoder();
    private final Decoder decoder = new Decoder();
    private final EncoderStream encoderStream = new EncoderStream();
    private final DecoderStream decoderStream = new DecoderStream();
    private final Budget ignoredStreams;
    private final Budget instructions;
    private final byte[] frameHeaderBytes = new byte[Http3FrameCodec.MAX_HEADER];
    private final ByteWriter frameHeader = new ByteWriter();
    private final StreamTable requests = new StreamTable();
    private State state = State.HANDSHAKING;
    private @Nullable Connection quic;
    private int criticalSeen; // a bit for each type
    private long goAwaySent = ControlStream.NO_GOAWAY;
    private long goAwaySeen = ControlStream.NO_GOAWAY;

    Http3Connection(Role role, Http3Config config, Http3Handler handler, RandomGenerator random) {
        this.role = role;
        this.config = config;
        this.handler = handler;
        this.ownStreams = new OwnStreams(this, random);
        this.control = new ControlStream(role, config, this::onPriorityUpdate);
        this.ignoredStreams = new Budget("ignored streams", config.ignoredStreamsBudget());
        this.instructions = new Budget("QPACK instructions", config.ignoredBytesBudget());
    }

    /** The transport under it; there once the handshake is complete. */
    public final Connection quic() {
        if (quic == null) {
            throw new IllegalStateException("the handshake is not complete");
        }
        return quic;
    }

    /** Whether the handshake is complete and the connection not closed: requests can be made and answered. */
    public final boolean isOpen() {
        return state == State.OPEN && quic().state() == Connection.State.ESTABLISHED;
    }

    /** How many requests are open: not released. */
    public final int openRequests() {
        return requests.size();
    }

    /** What the peer's SETTINGS said, or what holds until they have come (RFC 9114 section 7.2.4.2). */
    public final Settings peerSettings() {
        return control.settings();
    }

    /**
     * Begins a graceful shutdown (RFC 9114 section 5.2). A server refuses requests from now on with H3_REQUEST_REJECTED, but for those
     * that it has and ones with lower IDs that are still on their way; a client makes none. Requests that are open go on; when
     * there are none ({@link #openRequests}), {@link #close}.
     */
    public final void goAway() {
        sendGoAway(goAwayId());
    }

    /** Whether we sent a GOAWAY that excludes requests or pushes to come, or had one. */
    public final boolean isDraining() {
        return goAwaySent != ControlStream.NO_GOAWAY || goAwaySeen != ControlStream.NO_GOAWAY;
    }

    /** Closes the connection with H3_NO_ERROR; requests that are open are aborted. */
    public final void close() {
        close(Http3Error.H3_NO_ERROR.code(), "");
    }

    /** Closes the connection with a code of HTTP/3 and a reason for people. */
    public final void close(long code, String reason) {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            if (quic != null) {
                quic.close(code, reason);
            }
        }
    }

    @Override
    public final void onHandshakeComplete(Connection c) {
        quic = c;
        state = State.OPEN;
        ownStreams.open();
        handler.onReady(this);
    }

    @Override
    public final StreamSink onPeerStream(Connection c, long streamId) {
        boolean unidirectional = (streamId & 0x02) != 0;
        return unidirectional ? new PeerUniStream(this, streamId) : onPeerRequest(c, streamId);
    }

    @Override
    public final void onStreamWritable(Connection c, long streamId) {
        RequestStream request = requests.get(streamId);
        if (request != null) {
            request.onWritable();
        } else {
            ownStreams.onWritable(streamId);
        }
    }

    @Override
    public final void onStopSending(Connection c, long streamId, long code) {
        if (ownStreams.contains(streamId)) {
            fail(Http3Exception.connection(
                    Http3Error.H3_CLOSED_CRITICAL_STREAM, "STOP_SENDING for critical stream " + streamId));
            return;
        }
        RequestStream request = requests.get(streamId);
        if (request != null) {
            request.onStopSending(code);
        }
    }

    @Override
    public final void onStreamsAvailable(Connection c, boolean bidirectional) {
        if (bidirectional) {
            onRequestsAvailable();
        } else {
            ownStreams.open();
        }
    }

    @Override
    public final void onStreamSendComplete(Connection c, long streamId) {
        // Nothing is kept for it: a stream is forgotten when it is released.
    }

    @Override
    public final void recycle(byte[] chunk) {
        handler.recycle(chunk);
    }

    @Override
    public final void onDelegated(Connection c, Delegated work) {
        handler.onDelegated(c, work);
    }

    @Override
    public final void onClosed(Connection c, CloseReason reason) {
        state = State.CLOSED;
        quic = c;
        for (RequestStream request : requests.all()) {
            request.onConnectionClosed(reason.code(), reason.reason());
        }
        handler.onClosed(this, reason);
    }

    /** A bidirectional stream of the peer's. */
    abstract StreamSink onPeerRequest(Connection c, long streamId);

    /** There is credit for a request. */
    abstract void onRequestsAvailable();

    /** What a GOAWAY of ours says now. */
    abstract long goAwayId();

    /** The peer's GOAWAY has a new ID. */
    abstract void onGoAway(long id);

    /** A request came to nothing. */
    abstract void onRequestAborted();

    /** A request was completed in both directions and released. */
    abstract void onRequestCompleted();

    /** The peer violated the protocol: closes the connection (RFC 9114 section 8). */
    final void fail(Http3Exception e) {
        close(e.code(), e.reason());
    }

    /** Sends a GOAWAY, unless one said as much (section 5.2: the ID only falls). */
    final void sendGoAway(long id) {
        if (isOpen() && id < goAwaySent && ownStreams.isControlOpen()) {
            goAwaySent = id;
            ownStreams.sendControl(new Http3Frame.GoAway(id));
        }
    }

    /** The ID of our last GOAWAY, or {@link ControlStream#NO_GOAWAY}. */
    final long goAwaySent() {
        return goAwaySent;
    }

    /** What the control stream said since the last time is in effect. */
    final void onControl() {
        if (control.goAway() < goAwaySeen) {
            goAwaySeen = control.goAway();
            onGoAway(goAwaySeen);
        }
    }

    /** The peer opened a stream of a critical type: one for life (RFC 9114 section 6.2.1, RFC 9204 section 4.2). */
    final void claimCritical(int type) throws Http3Exception {
        if ((criticalSeen & 1 << type) != 0) {
            throw Http3Exception.connection(
                    Http3Error.H3_STREAM_CREATION_ERROR, "a second stream of type 0x" + Integer.toHexString(type));
        }
        criticalSeen |= 1 << type;
    }

    /** The peer opened a stream that we do not read. */
    final void spendIgnoredStream() throws Http3Exception {
        ignoredStreams.spend(1);
    }

    /** The peer sent a QPACK instruction that changes nothing. */
    final void spendInstruction() throws Http3Exception {
        instructions.spend(1);
    }

    /** Refuses to send a section that the peer said it would not take (RFC 9114 section 4.2.2). */
    final void checkPeerTakes(FieldSection section) throws Http3Exception {
        long limit = control.settings().maxFieldSectionSize();
        if (section.fieldSectionSize() > limit) {
            throw Http3Exception.stream(
                    Http3Error.H3_EXCESSIVE_LOAD,
                    "field section of " + section.fieldSectionSize() + ", the peer takes " + limit);
        }
    }

    /** A request was made: that is progress, and the budgets grow by it. */
    final void remember(RequestStream request) {
        requests.add(request);
        control.onRequest();
        ignoredStreams.earn(1);
        instructions.earn(INSTRUCTIONS_PER_REQUEST);
    }

    /** A request is released and nothing of it is left to send. */
    final void forget(RequestStream request) {
        requests.remove(request);
    }

    /** The open requests. */
    final RequestStream[] requests() {
        return requests.all();
    }

    final Role role() {
        return role;
    }

    final Http3Config config() {
        return config;
    }

    final ControlStream control() {
        return control;
    }

    final Encoder encoder() {
        return encoder;
    }

    final Decoder decoder() {
        return decoder;
    }

    final EncoderStream encoderStream() {
        return encoderStream;
    }

    final DecoderStream decoderStream() {
        return decoderStream;
    }

    /** A writer for the header of one frame, from 0; good until the next call. */
    final ByteWriter frameHeader() {
        return frameHeader.reset(frameHeaderBytes, 0, frameHeaderBytes.length);
    }

    private void onPriorityUpdate(Priority priority, long streamId) {
        RequestStream request = requests.get(streamId);
        if (request != null) {
            request.setPriority(priority);
        }
    }
}

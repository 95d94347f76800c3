package dev.tokioj.quic.stream;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.recovery.FrameFate;
import dev.tokioj.quic.recovery.Rtt;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.recovery.SentPackets;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.TransportParameters;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection: which exist, what the peer may do with them, and the owner's operations on them. What is sent, and
 * its fate, is {@link StreamOutput}'s. One thread owns it.
 *
 * <p>Operations of the owner on a stream that is gone, or whose direction is closed by the peer, do nothing: what the owner does
 * and what the peer does cross each other.
 */
@SuppressWarnings("exports") // sinks are for everyone, recovery is for this module
public final class Streams implements FrameFate {
    private final StreamsConfig config;
    private final boolean client;
    private final ChunkPool pool;
    private final StreamOwner owner;
    private final StreamTable table;
    private final ReceiveWindow window;
    private final PeerStreams peerBidi;
    private final PeerStreams peerUni;
    private final LocalStreams localBidi = new LocalStreams();
    private final LocalStreams localUni = new LocalStreams();
    private final StreamOutput output;
    // What the peer allows on a new stream: one that it opens, and the two kinds that we open.
    private long peerOpenedLimit;
    private long localBidiLimit;
    private long localUniLimit;

    /**
     * @param client whether we are the client
     * @param pool for data that must be kept
     * @param hashSeed random: the peer chooses stream IDs, and must not choose where they fall in a table
     * @param intake whether this host keeps up with what comes
     */
    public Streams(
            StreamsConfig config, boolean client, ChunkPool pool, long hashSeed, Intake intake, StreamOwner owner) {
        this.config = config;
        this.client = client;
        this.pool = pool;
        this.owner = owner;
        this.table = new StreamTable(hashSeed);
        this.window = new ReceiveWindow(config.connectionWindow(), config.maxConnectionWindow());
        this.peerBidi = new PeerStreams(config.maxBidiStreams());
        this.peerUni = new PeerStreams(config.maxUniStreams());
        this.output = new StreamOutput(this, config, owner, intake, window, peerBidi, peerUni, localBidi, localUni);
    }

    /** The peer's transport parameters, remembered ones (0-RTT) first: limits are raised to them. */
    public void onPeerParameters(TransportParameters parameters) {
        output.raiseCredit(parameters.initialMaxData());
        peerOpenedLimit = Math.max(peerOpenedLimit, parameters.initialMaxStreamDataBidiLocal());
        localBidiLimit = Math.max(localBidiLimit, parameters.initialMaxStreamDataBidiRemote());
        localUniLimit = Math.max(localUniLimit, parameters.initialMaxStreamDataUni());
        localBidi.raise(parameters.initialMaxStreamsBidi());
        localUni.raise(parameters.initialMaxStreamsUni());
        table.forEach(stream -> {
            SendStream send = stream.send;
            if (send != null) {
                send.credit.raise(sendLimit(stream.id));
                output.update(stream);
            }
        });
    }

    private long sendLimit(long id) {
        if (!isLocal(id)) {
            return peerOpenedLimit;
        }
        return StreamId.isBidirectional(id) ? localBidiLimit : localUniLimit;
    }

    private boolean isLocal(long id) {
        return StreamId.isClientInitiated(id) == client;
    }

    // ---- which stream a frame is about ----

    /** The stream of a frame about what the peer sends; null if it is over. */
    private @Nullable Stream received(long id, int frameType) throws TransportException {
        if (isLocal(id) && !StreamId.isBidirectional(id)) {
            throw new TransportException(TransportError.STREAM_STATE_ERROR, frameType, "stream is for sending only");
        }
        return find(id, frameType);
    }

    /** The stream of a frame about what we send; null if it is over. */
    private @Nullable Stream sent(long id, int frameType) throws TransportException {
        if (!isLocal(id) && !StreamId.isBidirectional(id)) {
            throw new TransportException(TransportError.STREAM_STATE_ERROR, frameType, "stream is for receiving only");
        }
        return find(id, frameType);
    }

    private @Nullable Stream find(long id, int frameType) throws TransportException {
        Stream stream = table.get(id);
        if (stream != null) {
            return stream;
        }
        boolean bidirectional = StreamId.isBidirectional(id);
        long index = StreamId.index(id);
        if (isLocal(id)) {
            if (!(bidirectional ? localBidi : localUni).isOpened(index)) {
                throw new TransportException(TransportError.STREAM_STATE_ERROR, frameType, "stream was not opened");
            }
            return null;
        }
        PeerStreams streams = bidirectional ? peerBidi : peerUni;
        if (index >= streams.limit()) {
            throw new TransportException(TransportError.STREAM_LIMIT_ERROR, frameType, "more streams than allowed");
        }
        if (streams.isRetired(index)) {
            return null;
        }
        streams.onUsed(index);
        stream = create(id, bidirectional, true);
        StreamSink sink = owner.onPeerStream(id);
        if (stream.recv != null) {
            stream.recv.sink(sink);
        }
        return stream;
    }

    private Stream create(long id, boolean sends, boolean receives) {
        SendStream send = sends ? new SendStream(new SendBuffer(pool, owner::recycle), sendLimit(id)) : null;
        RecvStream recv = null;
        if (receives) {
            ReceiveWindow streamWindow = new ReceiveWindow(config.streamWindow(), config.maxStreamWindow());
            recv = new RecvStream(streamWindow, window, new Reassembler(pool, config.maxStreamWindow()));
        }
        Stream stream = new Stream(id, send, recv);
        table.add(stream);
        return stream;
    }

    /** After anything that happened to a stream: its places in the queues, and its end. */
    private void settle(Stream stream) {
        output.update(stream);
        retireIfOver(stream);
    }

    void retireIfOver(Stream stream) {
        if (!stream.isOver()) {
            return;
        }
        stream.hold = Stream.Hold.RETIRED;
        table.remove(stream);
        if (!isLocal(stream.id)) {
            (StreamId.isBidirectional(stream.id) ? peerBidi : peerUni).retire(StreamId.index(stream.id));
        }
    }

    @Nullable Stream get(long id) {
        return table.get(id);
    }

    /** Streams that exist: opened or used, and not over. */
    public int count() {
        return table.size();
    }

    /** Bytes of all streams that are unsent or unacknowledged. */
    public long buffered() {
        return output.buffered();
    }

    // ---- frames received; each throws the connection error that the frame is ----

    /** STREAM (RFC 9000 section 19.8). */
    public void onFrame(Frame.Stream f) throws TransportException {
        onStream(f.streamId(), f.offset(), f.buf(), f.off(), f.len(), f.fin());
    }

    /** STREAM (RFC 9000 section 19.8), by its fields. */
    public void onStream(long streamId, long offset, byte[] buf, int off, int len, boolean fin)
            throws TransportException {
        Stream stream = received(streamId, FrameType.STREAM);
        if (stream != null && stream.recv != null) {
            stream.recv.onData(offset, buf, off, len, fin);
            settle(stream);
        }
    }

    /** RESET_STREAM (RFC 9000 section 19.4). */
    public void onFrame(Frame.ResetStream f) throws TransportException {
        Stream stream = received(f.streamId(), FrameType.RESET_STREAM);
        if (stream != null && stream.recv != null) {
            stream.recv.onReset(f.errorCode(), f.finalSize());
            settle(stream);
        }
    }

    /** STREAM_DATA_BLOCKED (RFC 9000 section 19.13): the window follows consumption, so it changes nothing. */
    public void onFrame(Frame.StreamDataBlocked f) throws TransportException {
        received(f.streamId(), FrameType.STREAM_DATA_BLOCKED);
    }

    /** STOP_SENDING (RFC 9000 section 19.5): the stream is reset with the same code. */
    public void onFrame(Frame.StopSending f) throws TransportException {
        Stream stream = sent(f.streamId(), FrameType.STOP_SENDING);
        if (stream == null || stream.send == null || !stream.send.isOpen()) {
            return;
        }
        output.reset(stream, stream.send, f.errorCode());
        settle(stream);
        if (stream.hold == Stream.Hold.OWNED) {
            owner.onStopSending(stream.id, f.errorCode());
        }
    }

    /** MAX_STREAM_DATA (RFC 9000 section 19.10). */
    public void onFrame(Frame.MaxStreamData f) throws TransportException {
        Stream stream = sent(f.streamId(), FrameType.MAX_STREAM_DATA);
        if (stream != null && stream.send != null && stream.send.credit.raise(f.maximum())) {
            settle(stream);
        }
    }

    /** MAX_DATA (RFC 9000 section 19.9). */
    public void onFrame(Frame.MaxData f) {
        output.raiseCredit(f.maximum());
    }

    /** MAX_STREAMS (RFC 9000 section 19.11). */
    public void onFrame(Frame.MaxStreams f) {
        if ((f.bidirectional() ? localBidi : localUni).raise(f.maximum())) {
            owner.onStreamLimit(f.bidirectional(), f.maximum());
        }
    }

    // ---- the owner's operations ----

    /** Opens a stream; -1 if the peer allows no more now: then {@link StreamOwner#onStreamsAvailable} comes. */
    public long open(boolean bidirectional, StreamSink sink) {
        long index = (bidirectional ? localBidi : localUni).open();
        if (index < 0) {
            return -1;
        }
        Stream stream = create(StreamId.of(client, bidirectional, index), true, bidirectional);
        if (stream.recv != null) {
            stream.recv.sink(sink);
        }
        return stream.id;
    }

    /** How many streams of a kind {@link #open} may ever open, by what the peer has said so far (RFC 9000 section 4.6). */
    public long limit(boolean bidirectional) {
        return (bidirectional ? localBidi : localUni).limit();
    }

    /** The stream of an operation on what we send, as long as it is open. */
    private @Nullable Stream writable(long id) {
        Stream stream = table.get(id);
        if (stream == null || stream.send == null || !stream.send.isOpen()) {
            return null;
        }
        if (stream.send.isFinished()) {
            throw new IllegalStateException("write on stream " + id + " after finish");
        }
        return stream;
    }

    /** Copies bytes to send; returns how many it took. If less than offered, {@link StreamOwner#onStreamWritable} comes. */
    public int write(long streamId, byte[] buf, int off, int len) {
        Stream stream = writable(streamId);
        return stream == null || stream.send == null ? 0 : output.write(stream, stream.send, buf, off, len);
    }

    /** The bytes that {@link #write} would take. */
    public int writableBytes(long streamId) {
        Stream stream = table.get(streamId);
        return stream == null || stream.send == null || !stream.send.isWritable() ? 0 : output.room(stream.send);
    }

    /** Takes the array until {@link StreamOwner#recycle}; at most {@link #writableBytes}. */
    public void writeOwned(long streamId, byte[] chunk, int off, int len) {
        Stream stream = writable(streamId);
        if (stream == null || stream.send == null) {
            owner.recycle(chunk);
            return;
        }
        output.writeOwned(stream, stream.send, chunk, off, len);
    }

    /** Asks for {@link StreamOwner#onStreamWritable} as a short {@link #write} does: for who writes owned chunks. */
    public void awaitWritable(long streamId) {
        Stream stream = table.get(streamId);
        if (stream != null && stream.send != null && stream.send.isWritable()) {
            output.awaitRoom(stream, stream.send);
        }
    }

    /** Nothing more is written: FIN follows the bytes. */
    public void finish(long streamId) {
        Stream stream = table.get(streamId);
        if (stream != null && stream.send != null) {
            stream.send.finish();
            settle(stream);
        }
    }

    /** Abandons sending (RESET_STREAM). Nothing if everything was acknowledged, or it is reset. */
    public void reset(long streamId, long code) {
        Stream stream = table.get(streamId);
        if (stream != null && stream.send != null) {
            output.reset(stream, stream.send, code);
            settle(stream);
        }
    }

    /** Asks the peer to stop sending (STOP_SENDING); the sink gets no more. */
    public void stopSending(long streamId, long code) {
        Stream stream = table.get(streamId);
        if (stream != null && stream.recv != null) {
            stream.recv.stop(code);
            settle(stream);
        }
    }

    /** The application has used that many bytes of what the sink was given: the peer may send as many more. */
    public void consumed(long streamId, long bytes) {
        Stream stream = table.get(streamId);
        if (stream != null && stream.recv != null) {
            stream.recv.consumed(bytes);
            settle(stream);
        }
    }

    /**
     * The owner is done with the stream, and calls nothing more for it. What is not finished is reset, what was not read to its
     * end is stopped, each with code 0. When both directions are done the peer gets credit for another stream.
     */
    public void release(long streamId) {
        Stream stream = table.get(streamId);
        if (stream == null || stream.hold != Stream.Hold.OWNED) {
            return;
        }
        stream.hold = Stream.Hold.RELEASED;
        if (stream.send != null && stream.send.isWritable()) {
            output.reset(stream, stream.send, 0);
        }
        if (stream.recv != null) {
            stream.recv.stop(0);
        }
        settle(stream);
    }

    /** Which stream sends first (RFC 9218): urgency 0 (first) to 7; incremental ones of an urgency take turns. */
    public void setPriority(long streamId, int urgency, boolean incremental) {
        if (urgency < 0 || urgency >= StreamScheduler.LEVELS) {
            throw new IllegalArgumentException("urgency " + urgency);
        }
        Stream stream = table.get(streamId);
        if (stream != null) {
            output.prioritize(stream, urgency, incremental);
        }
    }

    // ---- sending ----

    /** Whether {@link #writeControl} has a frame to write. */
    public boolean hasControl() {
        return output.hasControl();
    }

    /** Whether {@link #writeData} has a frame to write. */
    public boolean hasData() {
        return output.hasData();
    }

    /**
     * Writes as many of the control frames that are due as fit (MAX_*, RESET_STREAM, STOP_SENDING, *_BLOCKED) and records them in
     * the packet being built.
     *
     * @param rtt tunes the windows that grow
     * @return how many frames were written
     */
    public int writeControl(ByteWriter w, SentPackets packet, long now, Rtt rtt) {
        return output.writeControl(w, packet, now, rtt);
    }

    /** Fills what is left with STREAM frames, each with a length, lost data first; returns how many frames were written. */
    public int writeData(ByteWriter w, SentPackets packet) {
        return output.writeData(w, packet);
    }

    /** {@inheritDoc} For the kinds of frames that {@link #writeControl} and {@link #writeData} record. */
    @Override
    public void acked(SentFrame frame, long a, long b, long c) {
        output.acked(frame, a, b, c);
    }

    /** {@inheritDoc} For the kinds of frames that {@link #writeControl} and {@link #writeData} record. */
    @Override
    public void lost(SentFrame frame, long a, long b, long c) {
        output.lost(frame, a, b, c);
    }

    /** Tells the owner what happened since: to be called after a datagram was processed. */
    public void deliverEvents() {
        output.deliverEvents();
    }

    /** The connection is over: all memory goes back, owned chunks are recycled, and nobody is told. */
    public void close() {
        table.forEach(stream -> {
            if (stream.send != null) {
                stream.send.buffer.discard();
            }
            if (stream.recv != null) {
                stream.recv.drop();
            }
        });
        table.clear();
    }

    /** Adds what a packet needs of it. */
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        table.collect(to);
        window.collect(to);
        peerBidi.collect(to);
        localBidi.collect(to);
        output.collect(to);
    }
}

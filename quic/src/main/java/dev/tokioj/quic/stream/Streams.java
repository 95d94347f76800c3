package dev.tokioj.quic.stream;

import dev.tokioj.quic.recovery.FrameFate;
import dev.tokioj.quic.recovery.Rtt;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.recovery.SentPackets;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.TransportParameters;

/**
 * The streams of a connection. One thread owns it.
 *
 * <p>Operations of the owner on a stream that is gone, or whose direction is closed by the peer, do nothing: what the owner does
 * and what the peer does cross each other.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable", "exports"})
public final class Streams implements FrameFate {

    /**
     * @param client whether we are the client
     * @param pool for data that must be kept
     * @param hashSeed random: the peer chooses stream IDs, and must not choose where they fall in a table
     */
    public Streams(StreamsConfig config, boolean client, ChunkPool pool, long hashSeed, StreamOwner owner) {
        throw new UnsupportedOperationException();
    }

    /** The peer's transport parameters, remembered ones (0-RTT) first: limits are raised to them. */
    public void onPeerParameters(TransportParameters parameters) {
        throw new UnsupportedOperationException();
    }

    // ---- frames received; each throws the connection error that the frame is ----

    public void onFrame(Frame.Stream f) throws TransportException {
        throw new UnsupportedOperationException();
    }

    public void onFrame(Frame.ResetStream f) throws TransportException {
        throw new UnsupportedOperationException();
    }

    public void onFrame(Frame.StopSending f) throws TransportException {
        throw new UnsupportedOperationException();
    }

    public void onFrame(Frame.MaxData f) {
        throw new UnsupportedOperationException();
    }

    public void onFrame(Frame.MaxStreamData f) throws TransportException {
        throw new UnsupportedOperationException();
    }

    public void onFrame(Frame.MaxStreams f) {
        throw new UnsupportedOperationException();
    }

    public void onFrame(Frame.StreamDataBlocked f) throws TransportException {
        throw new UnsupportedOperationException();
    }

    // ---- the owner's operations ----

    /** Opens a stream; -1 if the peer allows no more now: then {@link StreamOwner#onStreamsAvailable} comes. */
    public long open(boolean bidirectional, StreamSink sink) {
        throw new UnsupportedOperationException();
    }

    /** Copies bytes to send; returns how many it took. If less than offered, {@link StreamOwner#onStreamWritable} comes. */
    public int write(long streamId, byte[] buf, int off, int len) {
        throw new UnsupportedOperationException();
    }

    /** The bytes that {@link #write} would take. */
    public int writableBytes(long streamId) {
        throw new UnsupportedOperationException();
    }

    /** Takes the array until {@link StreamOwner#recycle}; at most {@link #writableBytes}. */
    public void writeOwned(long streamId, byte[] chunk, int off, int len) {
        throw new UnsupportedOperationException();
    }

    /** Nothing more is written: FIN follows the bytes. */
    public void finish(long streamId) {
        throw new UnsupportedOperationException();
    }

    /** Abandons sending (RESET_STREAM). Nothing if it is finished and acknowledged, or reset. */
    public void reset(long streamId, long code) {
        throw new UnsupportedOperationException();
    }

    /** Asks the peer to stop sending (STOP_SENDING); the sink gets no more. */
    public void stopSending(long streamId, long code) {
        throw new UnsupportedOperationException();
    }

    /** The application has used that many bytes of what the sink was given: the peer may send as many more. */
    public void consumed(long streamId, long bytes) {
        throw new UnsupportedOperationException();
    }

    /**
     * The owner is done with the stream, and calls nothing more for it. What is not finished is reset, what was not read to its
     * end is stopped, each with code 0. When both directions are done the peer gets credit for another stream.
     */
    public void release(long streamId) {
        throw new UnsupportedOperationException();
    }

    /** Which stream sends first (RFC 9218): urgency 0 (first) to 7; incremental ones of an urgency take turns. */
    public void setPriority(long streamId, int urgency, boolean incremental) {
        throw new UnsupportedOperationException();
    }

    // ---- sending ----

    /** Whether {@link #writeControl} has a frame to write. */
    public boolean hasControl() {
        throw new UnsupportedOperationException();
    }

    /** Whether {@link #writeData} has a frame to write. */
    public boolean hasData() {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes as many of the control frames that are due as fit (MAX_*, RESET_STREAM, STOP_SENDING, *_BLOCKED) and records them in
     * the packet being built.
     *
     * @param rtt tunes the windows that grow
     * @return how many frames were written
     */
    public int writeControl(ByteWriter w, SentPackets packet, long now, Rtt rtt) {
        throw new UnsupportedOperationException();
    }

    /** Fills what is left with STREAM frames, each with a length, lost data first; returns how many frames were written. */
    public int writeData(ByteWriter w, SentPackets packet) {
        throw new UnsupportedOperationException();
    }

    /** {@inheritDoc} For the kinds of frames that {@link #writeControl} and {@link #writeData} record. */
    @Override
    public void acked(SentFrame frame, long a, long b, long c) {
        throw new UnsupportedOperationException();
    }

    /** {@inheritDoc} For the kinds of frames that {@link #writeControl} and {@link #writeData} record. */
    @Override
    public void lost(SentFrame frame, long a, long b, long c) {
        throw new UnsupportedOperationException();
    }

    /** Tells the owner what happened since: to be called after a datagram was processed. */
    public void deliverEvents() {
        throw new UnsupportedOperationException();
    }

    /** The connection is over: all memory goes back, owned chunks are recycled, and nobody is told. */
    public void close() {
        throw new UnsupportedOperationException();
    }
}

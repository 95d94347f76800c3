package dev.tokioj.quic.stream;

import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * The receiving part of a stream (RFC 9000 section 3.2). Every check comes before the first change: of the final size, of the
 * stream's window and of the connection's.
 */
final class RecvStream {
    /** The states of figure 3. */
    enum State {
        RECV,
        SIZE_KNOWN,
        DATA_RECVD,
        RESET_RECVD,
        DATA_READ,
        RESET_READ;

        private boolean mayBecome(State to) {
            return switch (this) {
                case RECV -> to == SIZE_KNOWN || to == RESET_RECVD;
                case SIZE_KNOWN -> to == DATA_RECVD || to == RESET_RECVD;
                case DATA_RECVD -> to == DATA_READ;
                case RESET_RECVD -> to == RESET_READ;
                case DATA_READ, RESET_READ -> false;
            };
        }
    }

    private static final long UNKNOWN = -1;

    final ReceiveWindow window;
    private final ReceiveWindow connection;
    private final Reassembler reassembler;
    private final Reassembler.Output deliver = this::deliver;
    // Null once we do not want the stream any more: what comes is counted and dropped.
    private @Nullable StreamSink sink;
    private State state = State.RECV;
    private long finalSize = UNKNOWN;
    // What the sink was given; the owner can have consumed no more.
    private long delivered;
    private Delivery stop = Delivery.NONE;
    private long stopCode;

    RecvStream(ReceiveWindow window, ReceiveWindow connection, Reassembler reassembler) {
        this.window = window;
        this.connection = connection;
        this.reassembler = reassembler;
    }

    /** Where the bytes go, unless the owner has stopped the stream already. */
    void sink(StreamSink to) {
        if (stop == Delivery.NONE && state == State.RECV) {
            sink = to;
        }
    }

    State state() {
        return state;
    }

    private void transition(State to) {
        if (!state.mayBecome(to)) {
            throw new IllegalStateException(state + " to " + to);
        }
        state = to;
    }

    /** Whether more may come that matters. */
    boolean isOpen() {
        return state == State.RECV || state == State.SIZE_KNOWN;
    }

    private boolean isDropped() {
        return sink == null;
    }

    // ---- frames ----

    /** STREAM (RFC 9000 section 19.8). */
    void onData(long offset, byte[] buf, int off, int len, boolean fin) throws TransportException {
        long end = offset + len;
        checkFinalSize(end, fin, FrameType.STREAM);
        if (!isOpen()) {
            return;
        }
        checkWindows(end, FrameType.STREAM);
        count(end);
        if (fin && state == State.RECV) {
            finalSize = end;
            transition(State.SIZE_KNOWN);
        }
        if (isDropped()) {
            drop();
            return;
        }
        // The sink may drop the stream meanwhile; the window bounds how far ahead the data is.
        if (len > 0 && !reassembler.receive(offset, buf, off, len, deliver)) {
            throw new TransportException(
                    TransportError.FLOW_CONTROL_ERROR, FrameType.STREAM, "beyond the stream's window");
        }
        StreamSink to = sink;
        if (state == State.SIZE_KNOWN && to != null && delivered == finalSize) {
            transition(State.DATA_RECVD);
            to.onFin();
            readIfConsumed();
        }
    }

    private void deliver(byte[] buf, int off, int len) {
        StreamSink to = sink;
        if (to != null) {
            delivered += len;
            to.onData(buf, off, len);
        }
    }

    /** RESET_STREAM (RFC 9000 section 19.4). */
    void onReset(long code, long size) throws TransportException {
        checkFinalSize(size, true, FrameType.RESET_STREAM);
        if (!isOpen()) {
            return;
        }
        checkWindows(size, FrameType.RESET_STREAM);
        count(size);
        finalSize = size;
        transition(State.RESET_RECVD);
        reassembler.clear();
        StreamSink to = sink;
        // The owner consumes what it was given; nobody else will consume the rest.
        consume(finalSize - (to == null ? window.consumed() : delivered));
        transition(State.RESET_READ);
        if (to != null) {
            to.onReset(code);
        }
    }

    private void checkFinalSize(long end, boolean fin, int frameType) throws TransportException {
        boolean changed = finalSize != UNKNOWN && (end > finalSize || (fin && end != finalSize));
        if (changed || (fin && end < window.received())) {
            throw new TransportException(TransportError.FINAL_SIZE_ERROR, frameType, "final size of a stream changed");
        }
    }

    private void checkWindows(long end, int frameType) throws TransportException {
        long more = end - window.received();
        if (more > 0 && !window.mayReceive(more)) {
            throw new TransportException(TransportError.FLOW_CONTROL_ERROR, frameType, "beyond the stream's window");
        }
        if (more > 0 && !connection.mayReceive(more)) {
            throw new TransportException(
                    TransportError.FLOW_CONTROL_ERROR, frameType, "beyond the connection's window");
        }
    }

    private void count(long end) {
        long more = end - window.received();
        if (more > 0) {
            window.onReceived(more);
            connection.onReceived(more);
        }
    }

    // ---- the owner ----

    private void consume(long bytes) {
        window.onConsumed(bytes);
        connection.onConsumed(bytes);
    }

    /** The owner used bytes that the sink was given. */
    void consumed(long bytes) {
        if (isDropped()) {
            return;
        }
        // After a reset what was never delivered counts as consumed already.
        long given = state == State.RESET_READ ? finalSize : delivered;
        if (bytes < 0 || bytes > given - window.consumed()) {
            throw new IllegalStateException("consumed " + bytes + " of " + (given - window.consumed()));
        }
        consume(bytes);
        readIfConsumed();
    }

    private void readIfConsumed() {
        if (state == State.DATA_RECVD && window.consumed() == finalSize) {
            transition(State.DATA_READ);
        }
    }

    /** Nobody reads the stream any more: what came and comes counts as consumed. */
    void drop() {
        sink = null;
        reassembler.clear();
        consume(window.received() - window.consumed());
        if (state == State.SIZE_KNOWN) {
            transition(State.DATA_RECVD);
        }
        readIfConsumed();
    }

    /** Asks the peer to stop, if there is a point to it. */
    void stop(long code) {
        if (isOpen() && stop == Delivery.NONE) {
            // With the size known the peer has sent everything once; it is asked not to send it again.
            stop = Delivery.DUE;
            stopCode = code;
        }
        drop();
    }

    boolean isStopDue() {
        return stop == Delivery.DUE && state == State.RECV;
    }

    long stopCode() {
        return stopCode;
    }

    void onStopSent() {
        stop = stop.sent();
    }

    void onStopAcked() {
        stop = Delivery.ACKED;
    }

    void onStopLost() {
        stop = stop.lost();
    }

    /** Whether a MAX_STREAM_DATA frame is worth sending; not once the size is known (section 13.3). */
    boolean isWindowDue() {
        return state == State.RECV && !isDropped() && window.isDue();
    }
}

package dev.tokioj.quic.stream;

/** The sending part of a stream (RFC 9000 section 3.1). */
final class SendStream {
    /** The states of figure 2. */
    enum State {
        READY,
        SEND,
        DATA_SENT,
        DATA_RECVD,
        RESET_SENT,
        RESET_RECVD;

        private boolean mayBecome(State to) {
            return switch (this) {
                case READY -> to == SEND || to == RESET_SENT;
                case SEND -> to == DATA_SENT || to == RESET_SENT;
                case DATA_SENT -> to == DATA_RECVD || to == RESET_SENT;
                case RESET_SENT -> to == RESET_RECVD;
                case DATA_RECVD, RESET_RECVD -> false;
            };
        }
    }

    final SendBuffer buffer;
    final SendCredit credit;
    private State state = State.READY;
    // NONE until the owner finishes the stream.
    private Delivery fin = Delivery.NONE;
    private Delivery reset = Delivery.NONE;
    private long resetCode;

    SendStream(SendBuffer buffer, long limit) {
        this.buffer = buffer;
        this.credit = new SendCredit(limit);
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

    /** Whether data, or its end, may still be sent. */
    boolean isOpen() {
        return state == State.READY || state == State.SEND || state == State.DATA_SENT;
    }

    /** Whether the owner may write: it has not finished, and nobody has reset. */
    boolean isWritable() {
        return isOpen() && fin == Delivery.NONE;
    }

    boolean isFinished() {
        return fin != Delivery.NONE;
    }

    /** Whether the peer has everything that it will get. */
    boolean isDone() {
        return state == State.DATA_RECVD || state == State.RESET_RECVD;
    }

    void finish() {
        if (fin == Delivery.NONE && isOpen()) {
            fin = Delivery.DUE;
        }
    }

    /** Whether there is something to send that needs no credit: lost bytes, or the FIN alone. */
    boolean hasRepair() {
        return isOpen() && (buffer.hasLost() || (fin == Delivery.DUE && buffer.unsent() == 0));
    }

    /** Whether there are bytes never sent that the peer gives credit for. */
    boolean hasNew() {
        return isOpen() && buffer.unsent() > 0 && credit.available() > 0;
    }

    /** Whether the peer should hear that the stream is blocked. */
    boolean isBlockedDue() {
        return isOpen() && buffer.unsent() > 0 && credit.isBlockedDue();
    }

    /** Whether a STREAM frame that ends at this offset carries the FIN. */
    boolean finAt(long end) {
        return fin != Delivery.NONE && end == buffer.written();
    }

    /** A STREAM frame is sent. */
    void onSent(long offset, int len, boolean withFin) {
        if (state == State.READY) {
            transition(State.SEND);
        }
        long newBytes = Math.max(0, offset + len - buffer.sent());
        credit.use(newBytes);
        buffer.onSent(offset, len);
        if (withFin) {
            fin = fin.sent();
            if (state == State.SEND) {
                transition(State.DATA_SENT);
            }
        }
    }

    /** A STREAM_DATA_BLOCKED frame is sent. */
    long onBlockedSent() {
        if (state == State.READY) {
            transition(State.SEND);
        }
        return credit.signalBlocked();
    }

    /** A STREAM frame was acknowledged; returns how many bytes less are held. */
    long onAcked(long offset, int len, boolean withFin) {
        if (!isOpen()) {
            return 0;
        }
        long freed = buffer.onAcked(offset, len);
        if (withFin) {
            fin = Delivery.ACKED;
        }
        if (fin == Delivery.ACKED && buffer.allAcknowledged()) {
            transition(State.DATA_RECVD);
        }
        return freed;
    }

    void onLost(long offset, int len, boolean withFin) {
        if (!isOpen()) {
            return;
        }
        buffer.onLost(offset, len);
        if (withFin) {
            fin = fin.lost();
        }
    }

    /** Abandons the stream; returns how many bytes less are held. The final size is what was sent. */
    long reset(long code) {
        if (!isOpen()) {
            return 0;
        }
        transition(State.RESET_SENT);
        resetCode = code;
        reset = Delivery.DUE;
        return buffer.discard();
    }

    boolean isResetDue() {
        return reset == Delivery.DUE;
    }

    long resetCode() {
        return resetCode;
    }

    long finalSize() {
        return buffer.sent();
    }

    void onResetSent() {
        reset = reset.sent();
    }

    void onResetAcked() {
        if (state == State.RESET_SENT) {
            reset = Delivery.ACKED;
            transition(State.RESET_RECVD);
        }
    }

    void onResetLost() {
        reset = reset.lost();
    }
}

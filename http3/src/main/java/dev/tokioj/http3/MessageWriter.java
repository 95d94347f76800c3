package dev.tokioj.http3;

import dev.tokioj.http3.qpack.Encoder;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.VarInt;

/**
 * Writes one message on a request stream (RFC 9114 section 4.1): interim responses, the head, content, maybe trailers. A write in
 * the wrong order is the caller's bug; once the message was reset, by us or by the peer, writes are ignored. One thread owns it.
 */
final class MessageWriter {
    private static final long UNASSIGNED = -1;

    private enum State {
        HEAD,
        BODY,
        /** Complete, but the connection has not had room for all of it. */
        FINISHING,
        FINISHED,
        RESET
    }

    private final Http3Connection http3;
    private final Outgoing outgoing = new Outgoing();
    private long id = UNASSIGNED;
    private State state = State.HEAD;

    MessageWriter(Http3Connection http3) {
        this.http3 = http3;
    }

    /** The ID of the stream that it writes to. */
    long id() {
        return id;
    }

    /** Says which stream it writes to, before anything is written. */
    void opened(long id) {
        this.id = id;
    }

    /** An interim response. */
    void informational(FieldSection head) throws Http3Exception {
        checkResponse(head, true);
        if (expect(State.HEAD)) {
            section(head);
        }
    }

    /** The head of a response. */
    void response(FieldSection head) throws Http3Exception {
        checkResponse(head, false);
        if (expect(State.HEAD)) {
            section(head);
            state = State.BODY;
        }
    }

    /** A head that was checked before, or is our own: of a request, as it opens the stream. */
    void head(FieldSection head) {
        encode(head);
        state = State.BODY;
    }

    /** See {@link RequestStream#writableBytes}. */
    int writableBytes() {
        if (state != State.BODY || !outgoing.isEmpty() || !http3.isOpen()) {
            return 0;
        }
        int room = http3.quic().writableBytes(id);
        return Math.max(1, room - 1 - VarInt.length(room));
    }

    /**
     * See {@link RequestStream#write}. Where it takes less than offered, the last byte taken did not fit the transport and is held:
     * that is what makes the transport tell of room.
     */
    int write(byte[] buf, int off, int len) {
        if (!expect(State.BODY)) {
            return 0;
        }
        int taken = 0;
        int room = writableBytes();
        while (taken < len && room > 0) {
            int n = Math.min(len - taken, room);
            frameHeader(FrameType.DATA, n);
            outgoing.send(http3, id, buf, off + taken, n);
            taken += n;
            room = writableBytes();
        }
        return taken;
    }

    /** See {@link RequestStream#writeOwned}. */
    boolean writeOwned(byte[] chunk, int off, int len) {
        if (!expect(State.BODY) || writableBytes() == 0) {
            return false;
        }
        if (len == 0) {
            http3.recycle(chunk);
            return true;
        }
        frameHeader(FrameType.DATA, len);
        if (outgoing.isEmpty()) {
            outgoing.sendChunk(http3, id, chunk, off, len);
        } else {
            outgoing.send(http3, id, chunk, off, len);
            http3.recycle(chunk);
        }
        return true;
    }

    /** The trailer section; {@link #finish} follows. */
    void trailers(FieldSection trailers) throws Http3Exception {
        try {
            FieldValidator.trailers(trailers);
        } catch (Http3Exception e) {
            throw new IllegalArgumentException(e.reason());
        }
        if (expect(State.BODY)) {
            section(trailers);
        }
    }

    /** The message is complete. */
    void finish() {
        if (expect(State.BODY)) {
            state = State.FINISHING;
            complete();
        }
    }

    /** Gives the message up, if it is not complete. */
    void reset(long code) {
        if (isWriting()) {
            state = State.RESET;
            outgoing.discard(http3);
            http3.quic().reset(id, code);
        }
    }

    /** The stream is reset, by the transport or with it: nothing is left to send. */
    void abandon() {
        state = State.RESET;
        outgoing.discard(http3);
    }

    /** The transport has room again. */
    void onWritable() {
        if (outgoing.flush(http3, id) && state == State.FINISHING) {
            complete();
        }
    }

    /** Whether the message is begun or due, and not complete. */
    boolean isWriting() {
        return state == State.HEAD || state == State.BODY;
    }

    /** Whether nothing of the message has been written. */
    boolean awaitsHead() {
        return state == State.HEAD;
    }

    /** Whether the owner has written all of it. */
    boolean isComplete() {
        return state == State.FINISHING || state == State.FINISHED;
    }

    /** Whether the owner has written all of it and the transport has not taken all. */
    boolean isFinishing() {
        return state == State.FINISHING;
    }

    private void complete() {
        if (outgoing.isEmpty()) {
            state = State.FINISHED;
            http3.quic().finish(id);
        }
    }

    /** Whether the message is where it must be; false if it is no longer sent at all. */
    private boolean expect(State wanted) {
        if (state == State.RESET || !http3.isOpen()) {
            return false;
        }
        if (state != wanted) {
            throw new IllegalStateException("stream " + id + ": " + state + " where " + wanted + " was due");
        }
        return true;
    }

    private void checkResponse(FieldSection head, boolean informational) {
        if (http3.role() == Role.CLIENT) {
            throw new IllegalStateException("a client's request has one head");
        }
        try {
            if (FieldValidator.response(head) < 200 != informational) {
                throw new IllegalArgumentException("status " + head.first(":status"));
            }
            FieldValidator.contentLength(head);
        } catch (Http3Exception e) {
            throw new IllegalArgumentException(e.reason());
        }
    }

    private void section(FieldSection section) throws Http3Exception {
        http3.checkPeerTakes(section);
        encode(section);
    }

    private void encode(FieldSection section) {
        Encoder encoder = http3.encoder();
        encoder.begin();
        for (int i = 0; i < section.size(); i++) {
            encoder.line(section.name(i), section.value(i), section.neverIndexed(i));
        }
        frameHeader(FrameType.HEADERS, encoder.length());
        outgoing.send(http3, id, encoder.array(), 0, encoder.length());
    }

    private void frameHeader(long type, int length) {
        ByteWriter header = http3.frameHeader();
        Http3FrameCodec.writeHeader(header, type, length);
        outgoing.send(http3, id, header.array(), 0, header.position());
    }
}

package dev.tokioj.http3;

import dev.tokioj.http3.qpack.Encoder;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.VarInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on a bidirectional stream (RFC 9114 sections 4.1 and 6.1): a server writes the response, a client the
 * content of the request. What comes in goes to a {@link MessageSink}. Whoever has it must {@link #release} it in the end.
 * The connection's owner thread only.
 *
 * <p>A write in the wrong order is the caller's bug: {@link IllegalStateException}. But once the peer has stopped our message
 * ({@link MessageSink#onSendStopped}) or we have cancelled it, and once the connection has closed, writes are ignored.
 */
public final class RequestStream {
    private static final int UNASSIGNED = -1;

    /** Where our message is. */
    private enum Sending {
        HEAD,
        BODY,
        /** Complete, but the connection has not had room for all of it. */
        FINISHING,
        FINISHED,
        /** Cancelled by us or stopped by the peer. */
        RESET
    }

    /** Who still has an interest in the stream. */
    private enum Life {
        OPEN,
        /** Open, and counted as aborted. */
        ABORTED,
        RELEASED
    }

    /** What is awaited of a request's head, see {@link Http3ServerConnection#sweepHeads}. */
    private enum HeadWatch {
        NEW,
        SEEN
    }

    private final Http3Connection http3;
    private final MessageReader reader;
    private final Outgoing outgoing = new Outgoing();
    private long id;
    private Sending sending = Sending.HEAD;
    private Life life = Life.OPEN;
    private HeadWatch headWatch = HeadWatch.NEW;
    private @Nullable MessageSink sink;

    private RequestStream(
            Http3Connection http3,
            long id,
            MessageReader.Expectation expectation,
            @Nullable MessageSink sink,
            Function<RequestStream, HeadSink> head) {
        this.http3 = http3;
        this.id = id;
        this.sink = sink;
        this.reader =
                new MessageReader(http3.role(), http3.config(), expectation, http3.decoder(), head.apply(this));
    }

    /** A stream that a client opened, whose request goes to {@code handler}. */
    static RequestStream accepted(Http3ServerConnection http3, long id, Http3ServerHandler handler) {
        return new RequestStream(
                http3,
                id,
                MessageReader.Expectation.CONTENT,
                null,
                stream -> new RequestHead(http3, stream, handler));
    }

    /** A stream that we are about to open ({@link #opened}), whose response goes to {@code sink}. */
    static RequestStream opening(
            Http3ClientConnection http3, MessageReader.Expectation expectation, ResponseSink sink) {
        return new RequestStream(http3, UNASSIGNED, expectation, sink, stream -> new ResponseHead(sink));
    }

    /** Hands the head of a request to the server's handler. */
    private record RequestHead(Http3ServerConnection http3, RequestStream stream, Http3ServerHandler handler)
            implements HeadSink {
        @Override
        public void onInformational(FieldSection head) {
            throw new IllegalStateException("no interim requests");
        }

        @Override
        public MessageSink onHead(FieldSection head) {
            String priority = head.first("priority");
            if (priority != null) {
                stream.setPriority(Priority.parse(priority));
            }
            MessageSink sink = handler.onRequest(stream, head);
            stream.sink = sink;
            return sink;
        }
    }

    /** Hands the heads of a response to the client's sink. */
    private record ResponseHead(ResponseSink sink) implements HeadSink {
        @Override
        public void onInformational(FieldSection head) {
            sink.onInformational(head);
        }

        @Override
        public MessageSink onHead(FieldSection head) {
            sink.onResponse(head);
            return sink;
        }
    }

    /** Takes the bytes of the stream from the transport. */
    private final class Incoming implements StreamSink {
        @Override
        public void onData(byte[] buf, int off, int len) {
            int passedOn = 0;
            try {
                passedOn = reader.receive(buf, off, len);
            } catch (Http3Exception e) {
                passedOn = reader.passedOn();
                fail(e);
            }
            if (passedOn < len) {
                http3.quic().consumed(id, len - passedOn);
            }
        }

        @Override
        public void onFin() {
            try {
                reader.end();
            } catch (Http3Exception e) {
                fail(e);
            }
        }

        @Override
        public void onReset(long code) {
            onPeerReset(code);
        }
    }

    /** The stream's ID. */
    public long id() {
        return id;
    }

    /** The connection it is on. */
    public Http3Connection connection() {
        return http3;
    }

    /**
     * A server sends an interim response, 1xx but 101 (RFC 9114 section 4.1), before the final one.
     *
     * @throws Http3Exception the section is larger than the peer takes (section 4.2.2); nothing was sent
     * @throws IllegalArgumentException the section is malformed (sections 4.2 and 4.3)
     */
    public void sendInformational(FieldSection head) throws Http3Exception {
        checkHead(head, true);
        if (expect(Sending.HEAD)) {
            sendSection(head);
        }
    }

    /**
     * A server sends the head of its final response. (A client's was sent by {@link Http3ClientConnection#request}.)
     *
     * @param end whether there is neither content nor trailers
     * @throws Http3Exception the section is larger than the peer takes (section 4.2.2); nothing was sent
     * @throws IllegalArgumentException the section is malformed (sections 4.2 and 4.3)
     */
    public void sendHeaders(FieldSection head, boolean end) throws Http3Exception {
        checkHead(head, false);
        if (expect(Sending.HEAD)) {
            sendSection(head);
            sending = Sending.BODY;
            if (end) {
                finish();
            }
        }
    }

    /** Whether content would be taken now: 0 if not, and then {@link MessageSink#onWritable} comes; else how much, about. */
    public int writableBytes() {
        if (sending != Sending.BODY || !outgoing.isEmpty() || !http3.isOpen()) {
            return 0;
        }
        int room = http3.quic().writableBytes(id);
        return Math.max(1, room - 1 - VarInt.length(room));
    }

    /**
     * Sends content as a DATA frame, copying it.
     *
     * @return how many bytes were taken. If fewer than offered, {@link MessageSink#onWritable} comes when there is room
     */
    public int write(byte[] buf, int off, int len) {
        if (!expect(Sending.BODY) || len == 0) {
            return 0;
        }
        int taken = Math.min(len, writableBytes());
        if (taken > 0) {
            sendFrameHeader(FrameType.DATA, taken);
            outgoing.send(http3, id, buf, off, taken);
        }
        return taken;
    }

    /**
     * Sends content as a DATA frame without copying it: takes the array, which comes back by {@link Http3Handler#recycle}.
     *
     * @return false if it was not taken, being 0 bytes {@link #writableBytes writable}
     */
    public boolean writeOwned(byte[] chunk, int off, int len) {
        if (!expect(Sending.BODY) || writableBytes() == 0) {
            return false;
        }
        if (len == 0) {
            http3.recycle(chunk);
            return true;
        }
        sendFrameHeader(FrameType.DATA, len);
        if (outgoing.isEmpty()) {
            outgoing.sendChunk(http3, id, chunk, off, len);
        } else {
            outgoing.send(http3, id, chunk, off, len);
            http3.recycle(chunk);
        }
        return true;
    }

    /**
     * Ends our message with a trailer section.
     *
     * @throws Http3Exception the section is larger than the peer takes (RFC 9114 section 4.2.2); nothing was sent
     * @throws IllegalArgumentException the section is malformed (sections 4.2 and 4.3)
     */
    public void sendTrailers(FieldSection trailers) throws Http3Exception {
        try {
            FieldValidator.trailers(trailers);
        } catch (Http3Exception e) {
            throw refused(e);
        }
        if (expect(Sending.BODY)) {
            sendSection(trailers);
            finish();
        }
    }

    /** Ends our message. */
    public void finish() {
        if (expect(Sending.BODY)) {
            sending = Sending.FINISHING;
            completeSending();
        }
    }

    /**
     * Gives both messages up (RFC 9114 section 4.1.1): resets ours if it is not complete, and reads no more of the peer's. The sink
     * is not called any more. A client's code is H3_REQUEST_CANCELLED; a server's too once something was done about the request.
     */
    public void cancel(long code) {
        resetSending(code);
        stopReading(code);
    }

    /** Reads no more of the peer's message; a server that does so after an early response says H3_NO_ERROR (section 4.1). */
    public void stopReading(long code) {
        if (reader.isReading()) {
            reader.stop();
            if (http3.isOpen()) {
                http3.quic().stopSending(id, code);
            }
        }
    }

    /** Content that the sink was given has been used: the peer may send that much more. */
    public void consumed(long bytes) {
        reader.consumed(bytes);
        if (http3.isOpen() && bytes > 0) {
            http3.quic().consumed(id, bytes);
        }
    }

    /** Sets the priority of our message (RFC 9218); a server's is set by the request's fields already. */
    public void setPriority(Priority priority) {
        if (http3.isOpen() && id != UNASSIGNED) {
            http3.quic().setPriority(id, priority.urgency(), priority.incremental());
        }
    }

    /**
     * The owner is done with the stream: a client may have a new one for it. What is not complete is cancelled. The sink is not
     * called any more, and this object must not be used any more.
     */
    public void release() {
        if (life == Life.RELEASED) {
            return;
        }
        boolean complete = reader.isComplete() && isSent();
        boolean answered = http3.role() == Role.SERVER && isSent();
        resetSending(Http3Error.H3_REQUEST_CANCELLED.code());
        stopReading((answered ? Http3Error.H3_NO_ERROR : Http3Error.H3_REQUEST_CANCELLED).code());
        life = Life.RELEASED;
        reader.stop();
        if (http3.isOpen()) {
            if (reader.unconsumed() > 0) {
                http3.quic().consumed(id, reader.unconsumed());
            }
            http3.quic().release(id);
        } else {
            outgoing.discard(http3);
        }
        if (complete) {
            http3.onRequestCompleted();
        }
        if (sending != Sending.FINISHING || !http3.isOpen()) {
            http3.forget(this);
        }
    }

    /** The ID it was opened with. */
    void opened(long id) {
        this.id = id;
    }

    /** What the transport gives the stream's bytes to. */
    StreamSink incoming() {
        return new Incoming();
    }

    /** A client sends the head of its request. */
    void sendRequest(FieldSection head, boolean end) {
        writeSection(head);
        sending = Sending.BODY;
        if (end) {
            finish();
        }
    }

    /** The transport has room again. */
    void onWritable() {
        if (!outgoing.flush(http3, id)) {
            return;
        }
        switch (sending) {
            case FINISHING -> completeSending();
            case BODY -> {
                if (life != Life.RELEASED && sink != null) {
                    sink.onWritable();
                }
            }
            case HEAD, FINISHED, RESET -> {}
        }
    }

    /** The peer sent STOP_SENDING; the transport has reset our part. */
    void onStopSending(long code) {
        boolean wasSending = sending == Sending.HEAD || sending == Sending.BODY;
        sending = Sending.RESET;
        outgoing.discard(http3);
        if (life == Life.RELEASED) {
            http3.forget(this);
            return;
        }
        if (wasSending && countAborted()) {
            if (sink != null) {
                sink.onSendStopped(code);
            } else {
                reject();
            }
        }
    }

    /** The connection is gone. */
    void onConnectionClosed(long code, String reason) {
        boolean wasReading = reader.isReading();
        boolean wasSending = sending == Sending.HEAD || sending == Sending.BODY;
        reader.stop();
        if (wasSending) {
            sending = Sending.RESET;
        }
        outgoing.discard(http3);
        if (sink == null || life == Life.RELEASED) {
            return;
        }
        if (wasReading) {
            sink.onAborted(code, reason);
        } else if (wasSending) {
            sink.onSendStopped(code);
        }
    }

    /** A server that is going away will not process this request of ours. */
    void onRejected() {
        resetSending(Http3Error.H3_REQUEST_CANCELLED.code());
        abort(Http3Error.H3_REQUEST_CANCELLED.code(), Http3Error.H3_REQUEST_REJECTED.code(), "the server goes away");
    }

    /** Whether the request's head has not come since the last time this was asked. */
    boolean isHeadOverdue() {
        boolean overdue = reader.awaitsHead() && headWatch == HeadWatch.SEEN;
        headWatch = HeadWatch.SEEN;
        return overdue;
    }

    /** Refuses a request of which nothing was handed to the handler (RFC 9114 section 4.1.1). */
    void reject() {
        cancel(Http3Error.H3_REQUEST_REJECTED.code());
        release();
    }

    private void onPeerReset(long code) {
        if (!reader.isReading()) {
            return;
        }
        reader.stop();
        if (!countAborted()) {
            return;
        }
        if (sink != null) {
            sink.onAborted(code, "reset by the peer");
        } else {
            reject();
        }
    }

    /** What came in is wrong. */
    private void fail(Http3Exception e) {
        if (e.scope() == Http3Exception.Scope.CONNECTION) {
            http3.fail(e);
            return;
        }
        boolean tooLarge = e.error() == Http3Error.H3_EXCESSIVE_LOAD;
        if (http3.role() == Role.SERVER && sink == null && tooLarge && sending == Sending.HEAD) {
            // RFC 9114 section 4.2.2; the rest of the request is of no use: section 4.1.
            writeSection(FieldSection.response(431).build());
            sending = Sending.BODY;
            finish();
            abort(Http3Error.H3_NO_ERROR.code(), e.code(), e.reason());
        } else {
            resetSending(e.code());
            abort(e.code(), e.code(), e.reason());
        }
    }

    /** Stops what comes in and tells the owner; a stream that has none yet is released. */
    private void abort(long stopCode, long code, String reason) {
        reader.stop();
        http3.quic().stopSending(id, stopCode);
        if (!countAborted()) {
            return;
        }
        if (life == Life.RELEASED) {
            return;
        }
        if (sink != null) {
            sink.onAborted(code, reason);
        } else {
            release();
        }
    }

    /** Counts a request that came to nothing, once; false if it was one too many and the connection is closed. */
    private boolean countAborted() {
        if (life != Life.OPEN) {
            return true;
        }
        life = Life.ABORTED;
        return http3.onRequestAborted();
    }

    private boolean isSent() {
        return sending == Sending.FINISHING || sending == Sending.FINISHED;
    }

    private void resetSending(long code) {
        if (!isSent() && sending != Sending.RESET) {
            sending = Sending.RESET;
            outgoing.discard(http3);
            if (http3.isOpen()) {
                http3.quic().reset(id, code);
            }
        }
    }

    private void completeSending() {
        if (outgoing.isEmpty()) {
            sending = Sending.FINISHED;
            http3.quic().finish(id);
            if (life == Life.RELEASED) {
                http3.forget(this);
            }
        }
    }

    /** Whether our message is where it must be; false if it is no longer sent at all. */
    private boolean expect(Sending wanted) {
        if (sending == Sending.RESET || !http3.isOpen()) {
            return false;
        }
        if (sending != wanted) {
            throw new IllegalStateException("stream " + id + ": " + sending + " where " + wanted + " was due");
        }
        return true;
    }

    private void checkHead(FieldSection head, boolean informational) {
        if (http3.role() == Role.CLIENT) {
            throw new IllegalStateException("a client's request has one head");
        }
        try {
            if (FieldValidator.response(head) < 200 != informational) {
                throw new IllegalArgumentException("status " + head.first(":status"));
            }
            FieldValidator.contentLength(head);
        } catch (Http3Exception e) {
            throw refused(e);
        }
    }

    private static IllegalArgumentException refused(Http3Exception e) {
        return new IllegalArgumentException(e.reason());
    }

    private void sendSection(FieldSection section) throws Http3Exception {
        http3.checkPeerTakes(section);
        writeSection(section);
    }

    private void writeSection(FieldSection section) {
        Encoder encoder = http3.encoder();
        encoder.begin();
        for (int i = 0; i < section.size(); i++) {
            encoder.line(section.name(i), section.value(i), section.neverIndexed(i));
        }
        sendFrameHeader(FrameType.HEADERS, encoder.length());
        outgoing.send(http3, id, encoder.array(), 0, encoder.length());
    }

    private void sendFrameHeader(long type, int length) {
        ByteWriter header = http3.frameHeader();
        Http3FrameCodec.writeHeader(header, type, length);
        outgoing.send(http3, id, header.array(), 0, header.position());
    }
}

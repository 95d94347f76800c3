package dev.tokioj.http3;

import dev.tokioj.quic.stream.StreamSink;
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
    private final MessageWriter writer;
    private Life life = Life.OPEN;
    private HeadWatch headWatch = HeadWatch.NEW;
    private @Nullable MessageSink sink;

    private RequestStream(
            Http3Connection http3,
            MessageReader.Expectation expectation,
            @Nullable MessageSink sink,
            Function<RequestStream, HeadSink> head) {
        this.http3 = http3;
        this.sink = sink;
        this.writer = new MessageWriter(http3);
        this.reader = new MessageReader(http3.role(), http3.config(), expectation, http3.decoder(), head.apply(this));
    }

    /** A stream that a client opened, whose request goes to {@code handler}. */
    static RequestStream accepted(Http3ServerConnection http3, long id, Http3ServerHandler handler) {
        var stream = new RequestStream(
                http3, MessageReader.Expectation.CONTENT, null, self -> new RequestHead(self, handler));
        stream.opened(id);
        return stream;
    }

    /** A stream that we are about to open ({@link #opened}), whose response goes to {@code sink}. */
    static RequestStream opening(
            Http3ClientConnection http3, MessageReader.Expectation expectation, ResponseSink sink) {
        return new RequestStream(http3, expectation, sink, self -> new ResponseHead(sink));
    }

    /** The stream's ID. */
    public long id() {
        return writer.id();
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
        writer.informational(head);
    }

    /**
     * A server sends the head of its final response. (A client's was sent by {@link Http3ClientConnection#request}.)
     *
     * @param end whether there is neither content nor trailers
     * @throws Http3Exception the section is larger than the peer takes (section 4.2.2); nothing was sent
     * @throws IllegalArgumentException the section is malformed (sections 4.2 and 4.3)
     */
    public void sendHeaders(FieldSection head, boolean end) throws Http3Exception {
        writer.response(head);
        if (end) {
            writer.finish();
        }
    }

    /**
     * Whether content would be taken now: 0 if not. While our message's content is due and the connection open,
     * {@link MessageSink#onWritable} comes then. Else how many bytes fit the transport, about; at least 1.
     */
    public int writableBytes() {
        return writer.writableBytes();
    }

    /**
     * Sends content as a DATA frame, copying it.
     *
     * @return how many bytes were taken. If fewer than offered, {@link MessageSink#onWritable} comes when there is room again
     */
    public int write(byte[] buf, int off, int len) {
        return writer.write(buf, off, len);
    }

    /**
     * Sends content as a DATA frame without copying it: takes the array, which comes back by {@link Http3Handler#recycle}. It may
     * be longer than {@link #writableBytes}.
     *
     * @return false if it was not taken, as {@link #writableBytes} is 0
     */
    public boolean writeOwned(byte[] chunk, int off, int len) {
        return writer.writeOwned(chunk, off, len);
    }

    /**
     * Ends our message with a trailer section.
     *
     * @throws Http3Exception the section is larger than the peer takes (RFC 9114 section 4.2.2); nothing was sent
     * @throws IllegalArgumentException the section is malformed (sections 4.2 and 4.3)
     */
    public void sendTrailers(FieldSection trailers) throws Http3Exception {
        writer.trailers(trailers);
        writer.finish();
    }

    /** Ends our message. */
    public void finish() {
        writer.finish();
    }

    /**
     * Gives both messages up (RFC 9114 section 4.1.1): resets ours if it is not complete, and reads no more of the peer's. The sink
     * is not called any more. A client's code is H3_REQUEST_CANCELLED; a server's too once something was done about the request.
     */
    public void cancel(long code) {
        writer.reset(code);
        stopReading(code);
    }

    /** Reads no more of the peer's message; a server that does so after an early response says H3_NO_ERROR (section 4.1). */
    public void stopReading(long code) {
        if (reader.isReading()) {
            reader.stop();
            http3.quic().stopSending(id(), code);
        }
    }

    /** Content that the sink was given has been used: the peer may send that much more. */
    public void consumed(long bytes) {
        reader.consumed(bytes);
        http3.quic().consumed(id(), bytes);
    }

    /** Sets the priority of our message (RFC 9218); a server's is set by the request's fields already. */
    public void setPriority(Priority priority) {
        http3.quic().setPriority(id(), priority.urgency(), priority.incremental());
    }

    /**
     * The owner is done with the stream: a client may have a new one for it. What is not complete is cancelled; what is complete
     * is still sent. The sink is not called any more, and this object must not be used any more.
     */
    public void release() {
        if (life == Life.RELEASED) {
            return;
        }
        boolean complete = reader.isComplete() && writer.isComplete();
        boolean answered = http3.role() == Role.SERVER && writer.isComplete();
        writer.reset(Http3Error.H3_REQUEST_CANCELLED.code());
        stopReading((answered ? Http3Error.H3_NO_ERROR : Http3Error.H3_REQUEST_CANCELLED).code());
        life = Life.RELEASED;
        if (complete) {
            http3.onRequestCompleted();
        }
        letGo();
    }

    /** The ID it was opened with. */
    void opened(long id) {
        writer.opened(id);
    }

    /** Who takes the news of a request, once its head has come. */
    void sink(MessageSink sink) {
        this.sink = sink;
    }

    /** What the transport gives the stream's bytes to. */
    StreamSink incoming() {
        return new Incoming();
    }

    /** Sends a head that was checked before: a client's request, or our own answer. */
    void sendHead(FieldSection head, boolean end) {
        writer.head(head);
        if (end) {
            writer.finish();
        }
    }

    /** The transport has room again. */
    void onWritable() {
        writer.onWritable();
        if (life == Life.RELEASED) {
            letGo();
        } else if (writer.writableBytes() > 0 && sink != null) {
            sink.onWritable();
        }
    }

    /** The peer sent STOP_SENDING; the transport has reset our part. */
    void onStopSending(long code) {
        boolean wasWriting = writer.isWriting();
        writer.abandon();
        if (life == Life.RELEASED) {
            letGo();
        } else if (wasWriting) {
            countAborted();
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
        boolean wasWriting = writer.isWriting();
        reader.stop();
        writer.abandon();
        if (sink == null || life == Life.RELEASED) {
            return;
        }
        if (wasReading) {
            sink.onAborted(code, reason);
        } else if (wasWriting) {
            sink.onSendStopped(code);
        }
    }

    /** A server that is going away will not process this request of ours. */
    void onRejected() {
        abortBoth(
                Http3Error.H3_REQUEST_CANCELLED.code(), Http3Error.H3_REQUEST_REJECTED.code(), "the server goes away");
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

    /** Leaves a released stream to the transport, once that has taken all of our message. */
    private void letGo() {
        if (!writer.isFinishing()) {
            http3.quic().release(id());
            http3.forget(this);
        }
    }

    /** What came in is wrong. */
    private void fail(Http3Exception e) {
        if (e.scope() == Http3Exception.Scope.CONNECTION) {
            http3.fail(e);
            reader.stop();
            // Now: when the connection has ended, the reader no longer tells that somebody waits for it.
            if (sink != null && life == Life.OPEN) {
                life = Life.ABORTED;
                sink.onAborted(e.code(), e.reason());
            }
            return;
        }
        boolean tooLarge = e.error() == Http3Error.H3_EXCESSIVE_LOAD;
        if (http3.role() == Role.SERVER && sink == null && tooLarge && writer.awaitsHead()) {
            // RFC 9114 section 4.2.2; the rest of the request is of no use: section 4.1.
            sendHead(FieldSection.response(431).build(), true);
            abort(Http3Error.H3_NO_ERROR.code(), e.code(), e.reason());
        } else {
            abortBoth(e.code(), e.code(), e.reason());
        }
    }

    private void abortBoth(long sentCode, long code, String reason) {
        boolean wasWriting = writer.isWriting();
        writer.reset(sentCode);
        abort(sentCode, code, reason);
        // Nobody else tells whoever waits for room to write.
        if (wasWriting && sink != null && life != Life.RELEASED) {
            sink.onSendStopped(code);
        }
    }

    /** Stops what comes in and tells the owner; a stream that has none yet is released. */
    private void abort(long stopCode, long code, String reason) {
        reader.stop();
        http3.quic().stopSending(id(), stopCode);
        if (life == Life.RELEASED) {
            return;
        }
        countAborted();
        if (sink != null) {
            sink.onAborted(code, reason);
        } else {
            release();
        }
    }

    /** Counts a request that came to nothing, once; one too many closes the connection. */
    private void countAborted() {
        if (life == Life.OPEN) {
            life = Life.ABORTED;
            http3.onRequestAborted();
        }
    }

    /** Takes the bytes of the stream from the transport. */
    private final class Incoming implements StreamSink {
        @Override
        public void onData(byte[] buf, int off, int len) {
            int passedOn;
            try {
                passedOn = reader.receive(buf, off, len);
            } catch (Http3Exception e) {
                passedOn = reader.passedOn();
                fail(e);
            }
            if (passedOn < len) {
                http3.quic().consumed(id(), len - passedOn);
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
            if (!reader.isReading()) {
                return;
            }
            reader.stop();
            countAborted();
            if (sink != null) {
                sink.onAborted(code, "reset by the peer");
            } else {
                reject();
            }
        }
    }
}

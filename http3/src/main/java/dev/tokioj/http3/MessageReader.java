package dev.tokioj.http3;

import dev.tokioj.http3.qpack.Decoder;
import dev.tokioj.http3.qpack.QpackException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message off a request stream (RFC 9114 section 4.1): HEADERS, any DATA, maybe trailing HEADERS; of a server with
 * interim responses before. It checks the order of frames, the fields, and that content-length is the sum of the DATA at every
 * way to end (section 4.1.2). Throws stream and connection errors and reads nothing more then. One thread owns it.
 */
final class MessageReader implements FrameSink {
    /** What of the request decides how the response is read. */
    enum Expectation {
        /** A request, or a response that may have content. */
        CONTENT,
        /** A response to HEAD: none, whatever content-length says (section 4.1.2). */
        NO_CONTENT,
        /** A response to CONNECT: 2xx turns the stream into a tunnel (section 4.4). */
        TUNNEL
    }

    private enum State {
        HEAD,
        BODY,
        /** DATA in both directions and nothing else: section 4.4. */
        TUNNEL,
        TRAILED,
        ENDED,
        STOPPED
    }

    private static final long ANY_LENGTH = FieldValidator.NO_CONTENT_LENGTH;

    private final Role role;
    private final Http3Config config;
    private final Expectation expectation;
    private final Decoder decoder;
    private final HeadSink head;
    private final Http3FrameCodec codec;
    private final Budget ignored;
    private State state = State.HEAD;
    private @Nullable MessageSink sink;
    private long expectedLength = ANY_LENGTH;
    private long bodyLength;
    private int passedOn;
    private long unconsumed;

    /**
     * A reader of a request (we are the server) or a response.
     *
     * @param decoder shared by all the streams of the connection
     */
    MessageReader(Role role, Http3Config config, Expectation expectation, Decoder decoder, HeadSink head) {
        this.role = role;
        this.config = config;
        this.expectation = expectation;
        this.decoder = decoder;
        this.head = head;
        this.codec = new Http3FrameCodec(config.maxFieldSectionSize());
        this.ignored = new Budget("ignored bytes on a request stream", config.ignoredBytesBudget());
    }

    /**
     * Takes the next bytes of the stream, and says how many of them were handed to the sink as content: the others need no
     * keeping, whether it throws or not ({@link #passedOn}).
     */
    int receive(byte[] buf, int off, int len) throws Http3Exception {
        passedOn = 0;
        try {
            codec.receive(buf, off, len, this);
        } catch (Http3Exception e) {
            become(State.STOPPED);
            throw e;
        }
        return passedOn;
    }

    /** How many bytes the last {@link #receive} handed on. */
    int passedOn() {
        return passedOn;
    }

    /** The sink's owner has used bytes of the content; more than it was given is its bug. */
    void consumed(long bytes) {
        if (bytes < 0 || bytes > unconsumed) {
            throw new IllegalArgumentException("consumed " + bytes + " of " + unconsumed);
        }
        unconsumed -= bytes;
    }

    /** How much of the content was handed on and is not used. */
    long unconsumed() {
        return unconsumed;
    }

    /** The stream has ended. */
    void end() throws Http3Exception {
        if (state == State.ENDED || state == State.STOPPED) {
            return;
        }
        try {
            codec.end();
            if (state == State.HEAD) {
                throw role == Role.SERVER
                        ? Http3Exception.stream(Http3Error.H3_REQUEST_INCOMPLETE, "no request")
                        : Http3Exception.stream(Http3Error.H3_MESSAGE_ERROR, "no final response");
            }
            checkLength();
        } catch (Http3Exception e) {
            become(State.STOPPED);
            throw e;
        }
        become(State.ENDED);
        if (sink != null) {
            sink.onEnd();
        }
    }

    /** Reads no more; nothing more is called. */
    void stop() {
        become(State.STOPPED);
        codec.stop();
    }

    /** Whether the head of the message is still to come. */
    boolean awaitsHead() {
        return state == State.HEAD;
    }

    /** Whether more is read: neither ended nor stopped. */
    boolean isReading() {
        return state != State.ENDED && state != State.STOPPED;
    }

    /** Whether the message came to its proper end. */
    boolean isComplete() {
        return state == State.ENDED;
    }

    @Override
    public Payload admit(long type) throws Http3Exception {
        if (type == FrameType.DATA) {
            if (state != State.BODY && state != State.TUNNEL) {
                throw unexpected(state == State.HEAD ? "DATA before HEADERS" : "DATA after trailers");
            }
            return Payload.PASSED;
        }
        if (type == FrameType.HEADERS) {
            if (state != State.HEAD && state != State.BODY) {
                throw unexpected(state == State.TUNNEL ? "HEADERS in a tunnel" : "HEADERS after trailers");
            }
            return Payload.HELD;
        }
        if (type == FrameType.PUSH_PROMISE && role == Role.CLIENT) {
            // Any push ID is above the maximum that we never gave (section 7.2.5).
            throw Http3Exception.connection(Http3Error.H3_ID_ERROR, "PUSH_PROMISE without MAX_PUSH_ID");
        }
        if (FrameType.isKnown(type)) {
            throw unexpected("frame of type 0x" + Long.toHexString(type) + " on a request stream");
        }
        return Payload.SKIPPED;
    }

    @Override
    public void onSkipped(long length) throws Http3Exception {
        ignored.spend(Http3Config.FRAME_COST);
        ignored.spend(length);
    }

    @Override
    public void onDataFrame(long length) throws Http3Exception {
        if (length == 0) {
            ignored.spend(Http3Config.FRAME_COST);
        }
        if (expectedLength != ANY_LENGTH && length > expectedLength - bodyLength) {
            throw malformed("more content than content-length");
        }
        bodyLength += length;
        if (bodyLength < 0) {
            throw malformed("content of 2^63 bytes");
        }
    }

    @Override
    public void onData(byte[] buf, int off, int len) {
        if (sink != null) {
            passedOn += len;
            unconsumed += len;
            sink.onBody(buf, off, len);
        }
    }

    @Override
    public void onFrame(Http3Frame frame) throws Http3Exception {
        if (!(frame instanceof Http3Frame.Headers(var buf, var off, var len))) {
            throw new IllegalStateException("admitted a frame that is not HEADERS: " + frame);
        }
        FieldSection fields = decode(buf, off, len);
        if (state == State.BODY) {
            FieldValidator.trailers(fields);
            checkLength();
            become(State.TRAILED);
            if (sink != null) {
                sink.onTrailers(fields);
            }
        } else if (role == Role.SERVER) {
            FieldValidator.request(fields);
            boolean tunnel = "CONNECT".equals(fields.first(":method"));
            begin(fields, tunnel, tunnel ? ANY_LENGTH : FieldValidator.contentLength(fields));
        } else {
            onResponseHead(fields, len);
        }
    }

    private void onResponseHead(FieldSection fields, int encodedLength) throws Http3Exception {
        int status = FieldValidator.response(fields);
        if (status < 200) {
            ignored.spend(Http3Config.FRAME_COST + encodedLength);
            head.onInformational(fields);
            return;
        }
        boolean tunnel = expectation == Expectation.TUNNEL && status < 300;
        boolean empty = expectation == Expectation.NO_CONTENT || status == 204 || status == 304;
        if (tunnel) {
            begin(fields, true, ANY_LENGTH);
        } else {
            long declared = FieldValidator.contentLength(fields);
            begin(fields, false, empty ? 0 : declared);
        }
    }

    private void begin(FieldSection fields, boolean tunnel, long contentLength) {
        expectedLength = contentLength;
        become(tunnel ? State.TUNNEL : State.BODY);
        sink = head.onHead(fields);
    }

    private FieldSection decode(byte[] buf, int off, int len) throws Http3Exception {
        FieldSection.Builder builder = FieldSection.builder();
        try {
            decoder.begin(buf, off, len, config.maxFieldSectionSize());
            while (decoder.next()) {
                builder.line(decoder.name(), decoder.value(), decoder.neverIndexed());
            }
        } catch (QpackException e) {
            throw Http3Exception.of(e);
        }
        return builder.build();
    }

    private void checkLength() throws Http3Exception {
        if (expectedLength != ANY_LENGTH && expectedLength != bodyLength) {
            throw malformed("content of " + bodyLength + " bytes, content-length " + expectedLength);
        }
    }

    /** The one transition: what is stopped or ended stays so. */
    private void become(State next) {
        if (state != State.STOPPED && state != State.ENDED) {
            state = next;
        }
    }

    private static Http3Exception unexpected(String reason) {
        return Http3Exception.connection(Http3Error.H3_FRAME_UNEXPECTED, reason);
    }

    private static Http3Exception malformed(String reason) {
        return Http3Exception.stream(Http3Error.H3_MESSAGE_ERROR, reason);
    }
}

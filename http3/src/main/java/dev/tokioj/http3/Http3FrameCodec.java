package dev.tokioj.http3;

import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.VarInt;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Frames of HTTP/3 (RFC 9114 section 7.1) on one stream: reads them in any fragmentation and writes them. Payloads taken whole are
 * held up to a limit, in memory that grows with the bytes that have come and not with the length that was claimed; of all other
 * payloads nothing is ever held. An instance reads one stream and belongs to one thread.
 */
final class Http3FrameCodec {
    /** The bytes of the longest frame header. */
    static final int MAX_HEADER = 16;

    private static final int HELD_INITIAL = 256;
    private static final byte[] NOTHING = {};

    private enum State {
        TYPE,
        LENGTH,
        PASSED,
        HELD,
        SKIPPED,
        STOPPED
    }

    private final int maxHeld;
    private final PartialVarInt varInt = new PartialVarInt();
    private State state = State.TYPE;
    private FrameSink.Payload payload = FrameSink.Payload.SKIPPED;
    private long type;
    private long missing;
    private byte[] held = NOTHING;
    private int heldLength;

    /** A reader that takes payloads whole up to {@code maxHeld} bytes. */
    Http3FrameCodec(int maxHeld) {
        this.maxHeld = maxHeld;
    }

    /**
     * Takes the next bytes of the stream and calls {@code sink}, which may {@link #stop} meanwhile.
     *
     * @throws Http3Exception H3_FRAME_ERROR for a layout that is wrong, H3_EXCESSIVE_LOAD for a payload above the limit (for
     *     HEADERS an error of the stream only), and whatever the sink throws; nothing more is read then
     */
    void receive(byte[] buf, int off, int len, FrameSink sink) throws Http3Exception {
        int at = off;
        int end = off + len;
        try {
            while (at < end && state != State.STOPPED) {
                at = switch (state) {
                    case TYPE, LENGTH -> header(buf[at], sink) ? at + 1 : end;
                    case PASSED -> pass(buf, at, end, sink);
                    case HELD -> hold(buf, at, end, sink);
                    case SKIPPED -> skip(at, end);
                    case STOPPED -> end;
                };
            }
        } catch (Http3Exception e) {
            stop();
            throw e;
        }
    }

    /**
     * The stream has ended.
     *
     * @throws Http3Exception H3_FRAME_ERROR if that was inside a frame (section 7.1)
     */
    void end() throws Http3Exception {
        boolean betweenFrames = state == State.TYPE && !varInt.isPartial();
        if (!betweenFrames && state != State.STOPPED) {
            stop();
            throw error("stream ends inside a frame");
        }
    }

    /** Reads no more: whatever else comes is not looked at. */
    void stop() {
        state = State.STOPPED;
        held = NOTHING;
    }

    /** One byte of the header; false if the sink stopped us. */
    private boolean header(byte b, FrameSink sink) throws Http3Exception {
        if (!varInt.receive(b)) {
            return true;
        }
        if (state == State.TYPE) {
            type = varInt.value();
            payload = sink.admit(type);
            become(State.LENGTH);
        } else {
            missing = varInt.value();
            begin(sink);
        }
        return state != State.STOPPED;
    }

    private void begin(FrameSink sink) throws Http3Exception {
        switch (payload) {
            case PASSED -> {
                sink.onDataFrame(missing);
                become(missing == 0 ? State.TYPE : State.PASSED);
            }
            case SKIPPED -> {
                sink.onSkipped(missing);
                become(missing == 0 ? State.TYPE : State.SKIPPED);
            }
            case HELD -> {
                if (missing > maxHeld) {
                    String reason = "frame of " + missing + " bytes, the limit is " + maxHeld;
                    throw type == FrameType.HEADERS
                            ? Http3Exception.stream(Http3Error.H3_EXCESSIVE_LOAD, reason)
                            : Http3Exception.connection(Http3Error.H3_EXCESSIVE_LOAD, reason);
                }
                heldLength = 0;
                become(State.HELD);
                if (missing == 0) {
                    complete(NOTHING, 0, 0, sink);
                }
            }
        }
    }

    private int pass(byte[] buf, int at, int end, FrameSink sink) throws Http3Exception {
        int n = (int) Math.min(end - at, missing);
        missing -= n;
        if (missing == 0) {
            become(State.TYPE);
        }
        sink.onData(buf, at, n);
        return at + n;
    }

    private int skip(int at, int end) {
        int n = (int) Math.min(end - at, missing);
        missing -= n;
        if (missing == 0) {
            become(State.TYPE);
        }
        return at + n;
    }

    private int hold(byte[] buf, int at, int end, FrameSink sink) throws Http3Exception {
        int n = (int) Math.min(end - at, missing);
        if (heldLength == 0 && n == missing) {
            complete(buf, at, n, sink);
            return at + n;
        }
        if (n > held.length - heldLength) {
            int whole = heldLength + (int) missing;
            int grown = Math.max(heldLength + n, Math.max(HELD_INITIAL, 2 * held.length));
            held = Arrays.copyOf(held, Math.min(whole, grown));
        }
        System.arraycopy(buf, at, held, heldLength, n);
        heldLength += n;
        missing -= n;
        if (missing == 0) {
            byte[] whole = held;
            held = NOTHING;
            complete(whole, 0, heldLength, sink);
        }
        return at + n;
    }

    private void complete(byte[] buf, int off, int len, FrameSink sink) throws Http3Exception {
        become(State.TYPE);
        sink.onFrame(parse(type, buf, off, len));
    }

    /** The one transition: what is stopped stays stopped. */
    private void become(State next) {
        if (state != State.STOPPED) {
            state = next;
        }
    }

    private static Http3Frame parse(long type, byte[] buf, int off, int len) throws Http3Exception {
        if (type == FrameType.HEADERS) {
            return new Http3Frame.Headers(buf, off, len);
        }
        if (type == FrameType.SETTINGS) {
            return new Http3Frame.SettingsFrame(Settings.decode(buf, off, len));
        }
        var reader = new ByteReader().reset(buf, off, off + len);
        try {
            long id = reader.varInt();
            if (type == FrameType.PRIORITY_UPDATE) {
                var value = new String(buf, reader.position(), reader.remaining(), StandardCharsets.ISO_8859_1);
                return new Http3Frame.PriorityUpdate(id, Priority.parse(value));
            }
            if (reader.remaining() > 0) {
                throw error("frame longer than its fields");
            }
            if (type == FrameType.CANCEL_PUSH) {
                return new Http3Frame.CancelPush(id);
            }
            if (type == FrameType.GOAWAY) {
                return new Http3Frame.GoAway(id);
            }
            if (type == FrameType.MAX_PUSH_ID) {
                return new Http3Frame.MaxPushId(id);
            }
        } catch (TransportException e) {
            throw error("frame shorter than its fields");
        }
        throw new IllegalStateException("held a frame of type " + type);
    }

    private static Http3Exception error(String reason) {
        return Http3Exception.connection(Http3Error.H3_FRAME_ERROR, reason);
    }

    /** Writes the header of a frame: {@value #MAX_HEADER} bytes at most. */
    static void writeHeader(ByteWriter writer, long type, long length) {
        writer.varInt(type).varInt(length);
    }

    /** Writes a frame whole; the writer must have room for it. */
    static void write(ByteWriter writer, Http3Frame frame) {
        switch (frame) {
            case Http3Frame.Headers(var buf, var off, var len) -> {
                writeHeader(writer, FrameType.HEADERS, len);
                writer.bytes(buf, off, len);
            }
            case Http3Frame.SettingsFrame(var settings) -> {
                var payload = new ByteWriter().reset(new byte[64], 0, 64);
                settings.write(payload);
                writeHeader(writer, FrameType.SETTINGS, payload.position());
                writer.bytes(payload.array(), 0, payload.position());
            }
            case Http3Frame.CancelPush(var pushId) -> writeNumber(writer, FrameType.CANCEL_PUSH, pushId);
            case Http3Frame.GoAway(var id) -> writeNumber(writer, FrameType.GOAWAY, id);
            case Http3Frame.MaxPushId(var pushId) -> writeNumber(writer, FrameType.MAX_PUSH_ID, pushId);
            case Http3Frame.PriorityUpdate(var streamId, var priority) -> {
                byte[] value = priority.fieldValue().getBytes(StandardCharsets.ISO_8859_1);
                writeHeader(writer, FrameType.PRIORITY_UPDATE, VarInt.length(streamId) + value.length);
                writer.varInt(streamId).bytes(value);
            }
        }
    }

    private static void writeNumber(ByteWriter writer, long type, long number) {
        writeHeader(writer, type, VarInt.length(number));
        writer.varInt(number);
    }
}

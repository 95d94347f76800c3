package dev.tokioj.http3;

/**
 * A frame (RFC 9114 section 7.2) that is taken whole. DATA is none of them: its payload is passed on as it comes and never held,
 * see {@link FrameSink}.
 */
public sealed interface Http3Frame {
    /** HEADERS (section 7.2.2): the encoded field section is {@code buf[off, off + len)}, there only during the call. */
    @SuppressWarnings("ArrayRecordComponent") // a view, never compared
    record Headers(byte[] buf, int off, int len) implements Http3Frame {}

    /** CANCEL_PUSH (section 7.2.3). */
    record CancelPush(long pushId) implements Http3Frame {}

    /** SETTINGS (section 7.2.4). */
    record SettingsFrame(Settings settings) implements Http3Frame {}

    /** GOAWAY (section 7.2.6): of a server a stream ID, of a client a push ID. */
    record GoAway(long id) implements Http3Frame {}

    /** MAX_PUSH_ID (section 7.2.7). */
    record MaxPushId(long pushId) implements Http3Frame {}

    /** PRIORITY_UPDATE for a request stream (RFC 9218 section 7.2). */
    record PriorityUpdate(long streamId, Priority priority) implements Http3Frame {}
}

package dev.tokioj.http3;

/** The owner of a server's connection: what answers requests. */
public interface Http3ServerHandler extends Http3Handler {
    /**
     * A request came; its fields are checked (RFC 9114 section 4.3.1). Whatever becomes of it, {@link RequestStream#release} must be
     * called in the end, when nothing works for it any more: only then may the client have one more request open, which is what
     * bounds the work it can cause by making requests and resetting them.
     *
     * @return who takes the content, the trailers and the news of this stream
     */
    MessageSink onRequest(RequestStream stream, FieldSection head);
}

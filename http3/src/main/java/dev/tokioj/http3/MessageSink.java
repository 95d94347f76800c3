package dev.tokioj.http3;

/**
 * Takes what follows the head of an incoming message, and what happens to the outgoing one of the same stream. Called on the
 * connection's owner thread, and may call back into the {@link RequestStream}; nothing is called once that is released.
 */
public interface MessageSink {
    /**
     * Content: {@code buf[off, off + len)}, not empty, there only during the call. The sink must take it all; it is bounded by the
     * stream's flow control, and {@link RequestStream#consumed} lets more come.
     */
    void onBody(byte[] buf, int off, int len);

    /** The trailer section, after all content. */
    void onTrailers(FieldSection trailers);

    /** The message is complete and well formed. The last of the incoming message's calls. */
    void onEnd();

    /**
     * The incoming message will not be completed: the peer reset it, it is malformed, or the connection is closed. Instead of
     * {@link #onEnd}. Where the fault was the message's, the outgoing one is reset too, of which {@link
     * #onSendStopped} tells if it was not complete; else it can go on.
     *
     * @param code of HTTP/3 ({@link Http3Error#name}), or the transport's if the connection was closed by it
     */
    void onAborted(long code, String reason);

    /** There is room again after a write took less than offered, or nothing ({@link RequestStream#writableBytes} 0). */
    void onWritable();

    /**
     * The peer wants no more of the outgoing message, which is reset: nothing more can be written. With H3_NO_ERROR a server has
     * all it needs for its response, which goes on (RFC 9114 section 4.1). It comes too when the connection closes while only the
     * outgoing message was not complete, and after {@link #onAborted} where that has reset it.
     */
    void onSendStopped(long code);
}

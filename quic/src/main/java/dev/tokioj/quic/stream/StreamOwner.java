package dev.tokioj.quic.stream;

/**
 * Who owns a connection's streams: what {@link Streams} tells. {@link #onPeerStream} and {@link #onStopSending} come while a frame
 * is processed, the others from {@link Streams#deliverEvents}. It may call back into {@link Streams}.
 */
public interface StreamOwner {
    /** The peer opened a stream and something came on it. Returns where its bytes go. */
    StreamSink onPeerStream(long streamId);

    /** There is room again after {@link Streams#write} took less than it was offered. */
    void onStreamWritable(long streamId);

    /** The peer does not want more of the stream (RFC 9000 section 3.5); it is reset with the same code already. */
    void onStopSending(long streamId, long code);

    /** {@link Streams#open} answered -1 and would not now. */
    void onStreamsAvailable(boolean bidirectional);

    /** The peer has raised how many streams of a kind we may ever open. While a frame is processed. */
    default void onStreamLimit(boolean bidirectional, long limit) {}

    /** All that was sent was acknowledged, FIN or reset included. */
    void onSendComplete(long streamId);

    /** A chunk of {@link Streams#writeOwned} is not needed any more. At any time; it must not call back. */
    void recycle(byte[] chunk);
}

package dev.tokioj.quic.stream;

/**
 * Where the bytes of a stream go, in order, while a packet is processed. Implemented by the protocol above. It may call back into
 * the connection; a stream that it stops or resets gives it no more.
 */
public interface StreamSink {
    /** The sink of a stream that is not read: of a unidirectional stream that we open. */
    StreamSink NONE = new StreamSink() {
        @Override
        public void onData(byte[] buf, int off, int len) {
            throw new IllegalStateException("data on a stream that cannot be read");
        }

        @Override
        public void onFin() {
            throw new IllegalStateException("FIN on a stream that cannot be read");
        }

        @Override
        public void onReset(long code) {
            throw new IllegalStateException("reset of a stream that cannot be read");
        }
    };

    /**
     * The next bytes. The sink takes all of them, and copies what it keeps: the array is used again. There are never more than
     * the window that was granted; {@link Streams#consumed} gives credit for more.
     */
    void onData(byte[] buf, int off, int len);

    /** The peer has ended the stream, and all of it was given to {@link #onData}. The last call. */
    void onFin();

    /** The peer has abandoned the stream with this application error code; bytes may be missing. The last call. */
    void onReset(long code);
}

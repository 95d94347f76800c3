package dev.tokioj.quic.stream;

/**
 * Takes what the peer sends on a stream, in order, in the middle of the processing of a packet. It must take all it is given:
 * the window we granted bounds it. Owner's thread.
 */
public interface StreamSink {

    /** The next bytes; {@code buf} is the packet's and good during the call only. */
    void onData(byte[] buf, int off, int len);

    /** All bytes were given. The last call. */
    void onFin();

    /** The peer abandoned the stream (RFC 9000 19.4). The last call. */
    void onReset(long code);
}

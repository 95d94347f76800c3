package dev.tokioj.quic.connection;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.tls.Delegated;

/**
 * The protocol above one connection. Called on the owner's thread, in the middle of the connection's work; it may call the
 * connection back, but not the endpoint. A RuntimeException thrown here is a bug of ours: it closes this connection with
 * INTERNAL_ERROR and nothing else.
 */
public interface ConnectionHandler {
    /** Adds what the handling of a packet will need, for {@link Connection#prefetch}. */
    default void collect(ReadAhead.Builder to) {}

    /** The handshake is complete: streams may be opened (RFC 9001 4.1.1). Once, before any stream of the peer's. */
    void onHandshakeComplete(Connection c);

    /** The peer opened a stream; its bytes go to the sink that is returned. */
    StreamSink onPeerStream(Connection c, long streamId);

    /** There is room again after {@link Connection#write} took less than it was offered. */
    void onStreamWritable(Connection c, long streamId);

    /** The peer does not want more of a stream (RFC 9000 3.5); the connection has reset it with the same code. */
    void onStopSending(Connection c, long streamId, long code);

    /** {@link Connection#openStream} answered -1 and would not now. */
    void onStreamsAvailable(Connection c, boolean bidirectional);

    /** The peer has raised how many streams of a kind we may ever open: {@link Connection#streamLimit}. */
    default void onStreamLimit(Connection c, boolean bidirectional, long limit) {}

    /** All we sent on the stream, its FIN or its reset included, was acknowledged. */
    void onStreamSendComplete(Connection c, long streamId);

    /** A chunk given to {@link Connection#writeOwned} is no longer needed. */
    void recycle(byte[] chunk);

    /** Handshake work that may be slow: run it, here or on another thread, then {@link Connection#resume} on this one. */
    void onDelegated(Connection c, Delegated work);

    /** The connection ended. Once, and the last call. */
    void onClosed(Connection c, CloseReason reason);
}

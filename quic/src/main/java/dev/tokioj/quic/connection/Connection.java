package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.HandshakeResult;
import org.jspecify.annotations.Nullable;

/** One QUIC connection. The owner's thread only. */
@SuppressWarnings("DoNotCallSuggester")
public final class Connection {

    /** Where in its life a connection is (RFC 9000 10). */
    public enum State {
        /** The handshake goes on. */
        HANDSHAKING,
        /** The handshake is complete. */
        ESTABLISHED,
        /** We closed it and answer with CONNECTION_CLOSE (RFC 9000 10.2.1). */
        CLOSING,
        /** The peer closed it; nothing is sent (RFC 9000 10.2.2). */
        DRAINING,
        /** Nothing is left. */
        CLOSED
    }

    Connection() {}

    /**
     * Opens a stream.
     *
     * @param sink takes what the peer sends on it; not used for a unidirectional one
     * @return its ID, or -1: the peer's limit is reached, and {@link ConnectionHandler#onStreamsAvailable} tells when not
     */
    public long openStream(boolean bidirectional, StreamSink sink) {
        throw new UnsupportedOperationException();
    }

    /** Copies bytes to be sent; answers how many were taken, and {@link ConnectionHandler#onStreamWritable} tells of room. */
    public int write(long id, byte[] buf, int off, int len) {
        throw new UnsupportedOperationException();
    }

    /** How many bytes {@link #write} would take now. */
    public int writableBytes(long id) {
        throw new UnsupportedOperationException();
    }

    /** Takes an array to be sent; it must fit {@link #writableBytes} and comes back by {@link ConnectionHandler#recycle}. */
    public void writeOwned(long id, byte[] chunk, int off, int len) {
        throw new UnsupportedOperationException();
    }

    /** No more will be written. */
    public void finish(long id) {
        throw new UnsupportedOperationException();
    }

    /** Abandons the sending of a stream (RFC 9000 3.1). */
    public void reset(long id, long code) {
        throw new UnsupportedOperationException();
    }

    /** Asks the peer not to send more on a stream (RFC 9000 3.5). */
    public void stopSending(long id, long code) {
        throw new UnsupportedOperationException();
    }

    /** Gives back credit for bytes that the sink took and the application has used. */
    public void consumed(long id, long bytes) {
        throw new UnsupportedOperationException();
    }

    /** The owner is done with a stream: the peer may have a new one for it. */
    public void release(long id) {
        throw new UnsupportedOperationException();
    }

    /** Sets the urgency (0 first, 7 last) and whether streams of it take turns (RFC 9218). */
    public void setPriority(long id, int urgency, boolean incremental) {
        throw new UnsupportedOperationException();
    }

    /** Closes with an application code. */
    public void close(long code, String reason) {
        throw new UnsupportedOperationException();
    }

    /** Sends a PING. */
    public void ping() {
        throw new UnsupportedOperationException();
    }

    /** Goes on after {@link ConnectionHandler#onDelegated}. */
    public void resume(long now, Delegated work) {
        throw new UnsupportedOperationException();
    }

    /** Where in its life it is. */
    public State state() {
        throw new UnsupportedOperationException();
    }

    /** Whether we are its client. */
    public boolean isClient() {
        throw new UnsupportedOperationException();
    }

    /** The last validated path. */
    public NetPath path() {
        throw new UnsupportedOperationException();
    }

    /** The application protocol; empty until the handshake is complete. */
    public String alpn() {
        throw new UnsupportedOperationException();
    }

    /** A snapshot of its figures. */
    public ConnectionStats stats() {
        throw new UnsupportedOperationException();
    }

    /** A number that no other connection of this endpoint has. */
    public long id() {
        throw new UnsupportedOperationException();
    }

    /** The Destination Connection ID of the client's first packet; names the connection in logs. */
    public ConnectionId originalDestinationId() {
        throw new UnsupportedOperationException();
    }

    /** What TLS agreed on; null until the handshake is complete. */
    public @Nullable HandshakeResult handshake() {
        throw new UnsupportedOperationException();
    }
}

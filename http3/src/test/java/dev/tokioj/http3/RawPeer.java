package dev.tokioj.http3;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.tls.Delegated;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A peer that knows QUIC and nothing of HTTP/3: it writes the bytes it is told to, and keeps what it gets. */
final class RawPeer implements ConnectionHandler {
    final Map<Long, ByteArrayOutputStream> received = new HashMap<>();
    final Map<Long, String> resets = new HashMap<>();
    final Map<Long, String> stops = new HashMap<>();
    final Set<Long> ended = new TreeSet<>();
    private @Nullable Pipe pipe;
    private @Nullable Connection connection;
    private @Nullable CloseReason closed;

    /** The wire that it is on. */
    void on(Pipe pipe) {
        this.pipe = pipe;
    }

    boolean isReady() {
        return connection != null;
    }

    Connection connection() {
        if (connection == null) {
            throw new IllegalStateException("not connected");
        }
        return connection;
    }

    /** The name of the code that the connection ended with; "open" before. */
    String closed() {
        return closed == null ? "open" : Http3Error.name(closed.code());
    }

    boolean isClosed() {
        return closed != null;
    }

    /** Whether it was the application that the peer closed it for. */
    boolean isClosedByApplication() {
        return closed != null && closed.kind() == CloseReason.Kind.PEER_APPLICATION;
    }

    /** Opens a stream, writes and leaves it open. */
    long open(boolean bidirectional, byte[] bytes) {
        var sink = new Sink();
        sink.id = connection().openStream(bidirectional, bidirectional ? sink : StreamSink.NONE);
        if (sink.id < 0) {
            throw new AssertionError("no more streams");
        }
        write(sink.id, bytes);
        return sink.id;
    }

    void write(long id, byte[] bytes) {
        int taken = connection().write(id, bytes, 0, bytes.length);
        if (taken != bytes.length && closed == null) {
            throw new AssertionError("only " + taken + " of " + bytes.length + " taken");
        }
    }

    byte[] received(long id) {
        var bytes = received.get(id);
        return bytes == null ? new byte[0] : bytes.toByteArray();
    }

    @Override
    public void onHandshakeComplete(Connection c) {
        connection = c;
    }

    @Override
    public StreamSink onPeerStream(Connection c, long streamId) {
        var sink = new Sink();
        sink.id = streamId;
        return sink;
    }

    @Override
    public void onStreamWritable(Connection c, long streamId) {
        // It writes what there is room for.
    }

    @Override
    public void onStopSending(Connection c, long streamId, long code) {
        stops.put(streamId, Http3Error.name(code));
    }

    @Override
    public void onStreamsAvailable(Connection c, boolean bidirectional) {
        // It asks when it needs one.
    }

    @Override
    public void onStreamSendComplete(Connection c, long streamId) {
        // It does not wait for it.
    }

    @Override
    public void recycle(byte[] chunk) {
        throw new AssertionError("it owns no chunks");
    }

    @Override
    public void onDelegated(Connection c, Delegated work) {
        if (pipe != null) {
            pipe.delegate(c, work);
        }
    }

    @Override
    public void onClosed(Connection c, CloseReason reason) {
        closed = reason;
    }

    private final class Sink implements StreamSink {
        private long id;

        @Override
        public void onData(byte[] buf, int off, int len) {
            received.computeIfAbsent(id, key -> new ByteArrayOutputStream()).write(buf, off, len);
            connection().consumed(id, len);
        }

        @Override
        public void onFin() {
            ended.add(id);
        }

        @Override
        public void onReset(long code) {
            resets.put(id, Http3Error.name(code));
        }
    }
}

package dev.tokioj.quic.connection;

import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.tls.Delegated;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An application that notes what it is told, sends what it is asked to, and may echo. */
final class TestApp implements ConnectionHandler {

    /** What came on a stream. */
    static final class Received {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean fin;
        long reset = -1;
    }

    /** What is still to be written to a stream. */
    private static final class Outgoing {
        final byte[] data;
        int written;

        Outgoing(byte[] data) {
            this.data = data;
        }
    }

    final Map<Long, Received> streams = new LinkedHashMap<>();
    final List<Long> sendComplete = new ArrayList<>();
    final List<String> stopped = new ArrayList<>();
    final List<Delegated> delegated = new ArrayList<>();
    private final Map<Long, Outgoing> outgoing = new LinkedHashMap<>();

    @Nullable Connection connection;

    @Nullable CloseReason closed;

    int completed;
    int available;
    boolean echo;
    boolean failOnStream;
    /** What the application fails with when a stream comes or the connection ends; null: it does not. */
    @Nullable Error fails;

    /** Whether delegated work is left to the test. */
    boolean holdDelegated;

    Pair.@Nullable Clock clock;

    Connection connection() {
        if (connection == null) {
            throw new AssertionError("no connection");
        }
        return connection;
    }

    /** Opens a stream and sends all of {@code data} and FIN. */
    long send(boolean bidirectional, byte[] data) {
        Connection c = connection();
        long[] id = {-1};
        id[0] = c.openStream(bidirectional, bidirectional ? new Sink(c, () -> id[0]) : StreamSink.NONE);
        if (id[0] >= 0) {
            outgoing.put(id[0], new Outgoing(data));
            pump(c, id[0]);
        }
        return id[0];
    }

    private void pump(Connection c, long id) {
        Outgoing out = outgoing.get(id);
        if (out == null) {
            return;
        }
        out.written += c.write(id, out.data, out.written, out.data.length - out.written);
        if (out.written == out.data.length) {
            c.finish(id);
            outgoing.remove(id);
        }
    }

    byte[] received(long id) {
        Received r = streams.get(id);
        return r == null ? new byte[0] : r.bytes.toByteArray();
    }

    boolean finished(long id) {
        Received r = streams.get(id);
        return r != null && r.fin;
    }

    private interface Id {
        long get();
    }

    private final class Sink implements StreamSink {
        private final Connection c;
        private final Id id;

        Sink(Connection c, Id id) {
            this.c = c;
            this.id = id;
        }

        private Received stream() {
            return streams.computeIfAbsent(id.get(), _ -> new Received());
        }

        @Override
        public void onData(byte[] buf, int off, int len) {
            stream().bytes.write(buf, off, len);
            c.consumed(id.get(), len);
        }

        @Override
        public void onFin() {
            Received r = stream();
            r.fin = true;
            if (echo) {
                outgoing.put(id.get(), new Outgoing(r.bytes.toByteArray()));
                pump(c, id.get());
            }
        }

        @Override
        public void onReset(long code) {
            stream().reset = code;
        }
    }

    @Override
    public void onHandshakeComplete(Connection c) {
        connection = c;
        completed++;
    }

    @Override
    public StreamSink onPeerStream(Connection c, long streamId) {
        if (failOnStream) {
            throw new IllegalStateException("a bug of the application's");
        }
        fail();
        streams.computeIfAbsent(streamId, _ -> new Received());
        return new Sink(c, () -> streamId);
    }

    @Override
    public void onStreamWritable(Connection c, long streamId) {
        pump(c, streamId);
    }

    @Override
    public void onStopSending(Connection c, long streamId, long code) {
        stopped.add(streamId + ":" + code);
        outgoing.remove(streamId);
    }

    @Override
    public void onStreamsAvailable(Connection c, boolean bidirectional) {
        available++;
    }

    @Override
    public void onStreamSendComplete(Connection c, long streamId) {
        sendComplete.add(streamId);
    }

    @Override
    public void recycle(byte[] chunk) {}

    @Override
    public void onDelegated(Connection c, Delegated work) {
        if (holdDelegated || clock == null) {
            delegated.add(work);
        } else {
            work.run();
            clock.later(now -> c.resume(now, work));
        }
    }

    @Override
    public void onClosed(Connection c, CloseReason reason) {
        if (closed != null) {
            var twice = new AssertionError("closed twice: " + closed + " and " + reason);
            if (clock == null) {
                throw twice;
            }
            // Not here, where the connection would take it for a bug of ours and go on.
            clock.later(_ -> {
                throw twice;
            });
        }
        closed = reason;
        fail();
    }

    private void fail() {
        if (fails != null) {
            throw fails;
        }
    }
}

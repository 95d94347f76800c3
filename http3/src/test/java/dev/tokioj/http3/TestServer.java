package dev.tokioj.http3;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.tls.Delegated;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A server's owner that lets a test say what becomes of each request. */
final class TestServer implements Http3ServerHandler {
    /** What becomes of one request. */
    static class Served extends Transcript {
        final RequestStream stream;
        final FieldSection head;

        Served(RequestStream stream, FieldSection head) {
            this.stream = stream;
            this.head = head;
        }

        /** Answers with a body and is done with the stream. */
        void respond(int status, String body) {
            try {
                stream.sendHeaders(FieldSection.response(status).build(), body.isEmpty());
                if (!body.isEmpty()) {
                    byte[] bytes = Bytes.ascii(body);
                    if (stream.write(bytes, 0, bytes.length) < bytes.length) {
                        throw new AssertionError("no room for a short body");
                    }
                    stream.finish();
                }
            } catch (Http3Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    final List<Served> served = new ArrayList<>();
    final List<byte[]> recycled = new ArrayList<>();
    final Http3ServerConnection http3;
    private final BiFunction<RequestStream, FieldSection, Served> behaviour;
    private @Nullable Pipe pipe;
    private @Nullable CloseReason closed;
    private long goAway = -1;

    TestServer(Http3Config config, BiFunction<RequestStream, FieldSection, Served> behaviour) {
        this.behaviour = behaviour;
        this.http3 = new Http3ServerConnection(config, this, new Pipe.SeededRandom(5));
    }

    void on(Pipe pipe) {
        this.pipe = pipe;
    }

    /** The name of the code that the connection ended with; "open" before. */
    String closed() {
        return closed == null ? "open" : Http3Error.name(closed.code());
    }

    boolean isClosed() {
        return closed != null;
    }

    long goAway() {
        return goAway;
    }

    @Override
    public MessageSink onRequest(RequestStream stream, FieldSection head) {
        Served each = behaviour.apply(stream, head);
        served.add(each);
        return each;
    }

    @Override
    public void onReady(Http3Connection connection) {
        if (connection != http3) {
            throw new AssertionError("another connection");
        }
    }

    @Override
    public void onGoAway(Http3Connection connection, long id) {
        goAway = id;
    }

    @Override
    public void onDelegated(Connection connection, Delegated work) {
        if (pipe != null) {
            pipe.delegate(connection, work);
        }
    }

    @Override
    public void recycle(byte[] chunk) {
        recycled.add(chunk);
    }

    @Override
    public void onClosed(Http3Connection connection, CloseReason reason) {
        closed = reason;
    }
}

package dev.tokioj.http3;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.tls.Delegated;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client's owner that keeps what it is told. */
final class TestClient implements Http3ClientHandler {
    final Http3ClientConnection http3;
    final List<String> news = new ArrayList<>();
    private @Nullable Pipe pipe;
    private @Nullable CloseReason closed;

    TestClient(Http3Config config) {
        this.http3 = new Http3ClientConnection(config, this, new Pipe.SeededRandom(6));
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

    /** Makes a request that must be taken. */
    RequestStream request(String method, String path, boolean end, ResponseSink sink) throws Http3Exception {
        RequestStream stream = http3.request(
                FieldSection.request(method, "https", "localhost", path).build(), end, sink);
        if (stream == null) {
            throw new AssertionError("no stream for the request");
        }
        return stream;
    }

    @Override
    public void onReady(Http3Connection connection) {
        news.add("ready");
    }

    @Override
    public void onGoAway(Http3Connection connection, long id) {
        news.add("goaway " + id);
    }

    @Override
    public void onRequestsAvailable(Http3ClientConnection connection) {
        news.add("requests available");
    }

    @Override
    public void onDelegated(Connection connection, Delegated work) {
        if (pipe != null) {
            pipe.delegate(connection, work);
        }
    }

    @Override
    public void recycle(byte[] chunk) {
        news.add("recycled");
    }

    @Override
    public void onClosed(Http3Connection connection, CloseReason reason) {
        closed = reason;
    }
}

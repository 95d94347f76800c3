package dev.tokioj.http3;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.stream.StreamSink;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The client's side of an HTTP/3 connection. The connection's owner thread only. */
public final class Http3ClientConnection extends Http3Connection {
    private static final long NO_STREAM = -1;

    private final Http3ClientHandler handler;

    /** The handler for one connection of the transport; {@code random} is for what is sent to be ignored. */
    public Http3ClientConnection(Http3Config config, Http3ClientHandler handler, RandomGenerator random) {
        super(Role.CLIENT, config, handler, random);
        this.handler = handler;
    }

    /**
     * Makes a request (RFC 9114 section 4.1).
     *
     * @param head pseudo-header fields first ({@link FieldSection#request})
     * @param end whether there is neither content nor trailers
     * @return the stream, to be released in the end; null if the server allows no more streams at the moment, and
     *     {@link Http3ClientHandler#onRequestsAvailable} tells when it does
     * @throws Http3Exception H3_REQUEST_REJECTED: the connection is closed or draining, another can take it; H3_EXCESSIVE_LOAD:
     *     the section is larger than the server takes
     * @throws IllegalArgumentException the section is malformed (sections 4.2 and 4.3)
     */
    public @Nullable RequestStream request(FieldSection head, boolean end, ResponseSink sink) throws Http3Exception {
        try {
            FieldValidator.request(head);
            FieldValidator.contentLength(head);
        } catch (Http3Exception e) {
            throw new IllegalArgumentException(e.reason());
        }
        if (!isOpen() || isDraining()) {
            throw Http3Exception.stream(Http3Error.H3_REQUEST_REJECTED, "the connection takes no more requests");
        }
        checkPeerTakes(head);
        RequestStream request = RequestStream.opening(this, expectation(head), sink);
        long id = quic().openStream(true, request.incoming());
        if (id == NO_STREAM) {
            return null;
        }
        request.opened(id);
        remember(request);
        request.sendHead(head, end);
        return request;
    }

    @Override
    StreamSink onPeerRequest(Connection c, long streamId) {
        fail(Http3Exception.connection(
                Http3Error.H3_STREAM_CREATION_ERROR, "bidirectional stream " + streamId + " of the server's"));
        return new DiscardingSink(c, streamId);
    }

    @Override
    void onRequestsAvailable() {
        handler.onRequestsAvailable(this);
    }

    /** A push ID: we accept no push. */
    @Override
    long goAwayId() {
        return 0;
    }

    @Override
    void onGoAway(long id) {
        for (RequestStream request : requests()) {
            if (request.id() >= id && isOpen()) {
                request.onRejected();
            }
        }
        handler.onGoAway(this, id);
    }

    @Override
    void onRequestAborted() {
        // A server that aborts what it is asked for harms itself.
    }

    @Override
    void onRequestCompleted() {
        // No budget grows by it.
    }

    private static MessageReader.Expectation expectation(FieldSection head) {
        String method = head.first(":method");
        if ("HEAD".equals(method)) {
            return MessageReader.Expectation.NO_CONTENT;
        }
        return "CONNECT".equals(method) ? MessageReader.Expectation.TUNNEL : MessageReader.Expectation.CONTENT;
    }
}

package dev.tokioj.http3;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.stream.StreamSink;
import java.util.random.RandomGenerator;

/** The server's side of an HTTP/3 connection. The connection's owner thread only. */
public final class Http3ServerConnection extends Http3Connection {
    /** The GOAWAY that excludes nothing that a client could still open (RFC 9114 section 5.2). */
    private static final long GOAWAY_ANNOUNCEMENT = (1L << 62) - 4;

    private final Http3ServerHandler handler;
    private final Budget abortedRequests;
    private long nextRequestId;

    /** The handler for one connection of the transport; {@code random} is for what is sent to be ignored. */
    public Http3ServerConnection(Http3Config config, Http3ServerHandler handler, RandomGenerator random) {
        super(Role.SERVER, config, handler, random);
        this.handler = handler;
        this.abortedRequests = new Budget("aborted requests", config.abortedRequestsBudget());
    }

    /**
     * Tells the client to make no new requests, and refuses none yet (RFC 9114 section 5.2). After a round trip's time, {@link #goAway}
     * then loses none.
     */
    public void announceGoAway() {
        sendGoAway(GOAWAY_ANNOUNCEMENT);
    }

    /**
     * Rejects the requests whose head has not come since the previous call: called at an interval, it bounds how long a client can
     * hold a stream open without saying what it wants.
     *
     * @return how many were rejected
     */
    public int sweepHeads() {
        int rejected = 0;
        for (RequestStream request : requests()) {
            if (isOpen() && request.isHeadOverdue()) {
                request.reject();
                rejected++;
            }
        }
        return rejected;
    }

    @Override
    StreamSink onPeerRequest(Connection c, long streamId) {
        if (streamId >= goAwaySent()) {
            long rejected = Http3Error.H3_REQUEST_REJECTED.code();
            c.reset(streamId, rejected);
            c.stopSending(streamId, rejected);
            c.release(streamId);
            return new DiscardingSink(c, streamId);
        }
        nextRequestId = Math.max(nextRequestId, streamId + 4);
        RequestStream request = RequestStream.accepted(this, streamId, handler);
        remember(request);
        return request.incoming();
    }

    @Override
    void onRequestsAvailable() {
        // A server makes none.
    }

    @Override
    long goAwayId() {
        return nextRequestId;
    }

    @Override
    void onGoAway(long id) {
        handler.onGoAway(this, id);
    }

    @Override
    void onRequestAborted() {
        try {
            abortedRequests.spend(1);
        } catch (Http3Exception e) {
            fail(e);
        }
    }

    @Override
    void onRequestCompleted() {
        abortedRequests.earn(1);
    }
}

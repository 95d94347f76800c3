package dev.tokioj.http3;

/** The owner of a client's connection: what makes requests. */
public interface Http3ClientHandler extends Http3Handler {
    /** {@link Http3ClientConnection#request} answered null for want of streams, and would not now. */
    void onRequestsAvailable(Http3ClientConnection connection);
}

package dev.tokioj.net;

/** Serves a server's connections, each in a task of its own. */
@FunctionalInterface
public interface QuicHandler {
    /**
     * Serves one connection. When it returns, the connection is closed gracefully; when it throws, with application code 1, and
     * the exception is logged unless it tells that the connection has ended.
     */
    void serve(QuicConnection connection) throws Exception;
}

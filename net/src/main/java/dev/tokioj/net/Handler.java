package dev.tokioj.net;

/** Answers requests of an {@link Http3Server}, each in a task of its own: it may block, and by default also compute. */
@FunctionalInterface
public interface Handler {
    /**
     * Answers one request with one of the {@code respond} methods. An exception becomes status 500 if nothing was sent yet, else the
     * stream is reset; it is logged unless the client has gone.
     */
    void handle(Exchange exchange) throws Exception;
}

package dev.tokioj.quic.connection;

/**
 * Hears of what a connection does: qlog, metrics, tests. Called on the owner's thread (in {@code net}: on the event loop itself, where a
 * call of this library that would wait throws {@link IllegalStateException}), in the middle of the work: it must be quick, must not wait
 * and must not call the connection. What it throws is logged, once for a connection, and changes nothing else.
 */
@FunctionalInterface
public interface QuicEventListener {

    /**
     * Something happened.
     *
     * @param now ns, the connection's clock
     */
    void onEvent(long now, Connection connection, QuicEvent event);
}

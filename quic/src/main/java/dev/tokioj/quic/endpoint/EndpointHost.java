package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import org.jspecify.annotations.Nullable;

/** Where an endpoint lives: a loop with sockets and timers, or a simulated host. Called on the owner's thread. */
public interface EndpointHost {

    /**
     * A server's new connection, before its ClientHello is processed.
     *
     * @return who handles it, or null to refuse it with CONNECTION_REFUSED
     */
    @Nullable ConnectionHandler accept(Connection c);

    /** {@link Endpoint#transmit} should be called soon, until it answers false. Said once until then. */
    void dirty(Endpoint e);

    /**
     * {@link Endpoint#onTimeout} is due at {@code deadline}; replaces the deadline told before.
     *
     * @param deadline ns on the clock of {@code now}; {@link Long#MAX_VALUE}: none
     */
    void rearm(Connection c, long deadline);

    /** Nothing is left of the connection: its timer and whatever the host keeps for it may go. */
    void released(Connection c);

    /**
     * What is to be used in place of this logger: a host whose thread must not wait for a disk or a lock puts a queue in front.
     * Asked for each line; there is one when a connection is closed by a bug, and else none.
     */
    default System.Logger logger(System.Logger logger) {
        return logger;
    }
}

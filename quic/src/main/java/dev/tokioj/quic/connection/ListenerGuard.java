package dev.tokioj.quic.connection;

import org.jspecify.annotations.Nullable;

/**
 * Stands before the listener of one connection: what that throws ends here, because the listener is called in the middle of a packet
 * and the connection is not its own. Said once for a connection; the listener goes on hearing. Owner's thread only.
 */
final class ListenerGuard implements QuicEventListener {
    private static final System.Logger LOG = System.getLogger(QuicEventListener.class.getName());

    private enum Said {
        NOTHING,
        THAT_IT_FAILS
    }

    private final QuicEventListener listener;
    private final ConnectionOwner owner;
    private Said said = Said.NOTHING;

    private ListenerGuard(QuicEventListener listener, ConnectionOwner owner) {
        this.listener = listener;
        this.owner = owner;
    }

    /** Null if there is no listener: then no event is built. */
    static @Nullable QuicEventListener of(@Nullable QuicEventListener listener, ConnectionOwner owner) {
        return listener == null ? null : new ListenerGuard(listener, owner);
    }

    @Override
    public void onEvent(long now, Connection connection, QuicEvent event) {
        try {
            listener.onEvent(now, connection, event);
        } catch (Throwable e) {
            if (said == Said.NOTHING) {
                said = Said.THAT_IT_FAILS;
                String text = "the listener of connection " + connection.originalDestinationId() + " failed at "
                        + event.getClass().getSimpleName() + ", and what else it throws is not said";
                owner.logger(LOG).log(System.Logger.Level.ERROR, text, e);
            }
        }
    }
}

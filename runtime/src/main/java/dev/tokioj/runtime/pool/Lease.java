package dev.tokioj.runtime.pool;

import org.jspecify.annotations.Nullable;

/**
 * A connection lent by a {@link ConnectionPool}, until {@link #close}. Any thread, callbacks of loops included: giving back never
 * waits.
 *
 * @param <K> the address
 * @param <C> the connection
 */
public final class Lease<K, C> implements AutoCloseable {
    private final Hold<K, C> hold;
    private final LeakWatch.@Nullable Watched watched;

    Lease(Hold<K, C> hold, LeakWatch leaks) {
        this.hold = hold;
        this.watched = leaks.isDue()
                ? leaks.watch(this, "a lease of a connection to " + hold.pooled.slot.key, () -> hold.end(Hold.End.LOST))
                : null;
    }

    /**
     * The connection.
     *
     * @throws IllegalStateException after {@link #close} or {@link #invalidate}: it may be another's by now
     */
    public C connection() {
        if (!hold.isOut()) {
            throw new IllegalStateException("the connection to " + key() + " was given back: borrow another");
        }
        return hold.pooled.connection;
    }

    /** The address that the connection was made to: the one asked for. */
    public K key() {
        return hold.pooled.slot.key;
    }

    /** Whether it has been neither given back nor invalidated. */
    public boolean isActive() {
        return hold.isOut();
    }

    /** Gives the connection back, for others to use. A second time, or after {@link #invalidate}, it does nothing. */
    @Override
    public void close() {
        end(Hold.End.RETURNED);
    }

    /**
     * Gives the connection back as one not to be used again, because it is broken or in an unknown state: the pool closes it, once it
     * carries no other lease. After {@link #close} it does nothing.
     */
    public void invalidate() {
        end(Hold.End.INVALIDATED);
    }

    private void end(Hold.End how) {
        if (hold.end(how) && watched != null) {
            watched.end();
        }
    }

    @Override
    public String toString() {
        return "lease of a connection to " + key() + (hold.isOut() ? "" : ", given back");
    }
}

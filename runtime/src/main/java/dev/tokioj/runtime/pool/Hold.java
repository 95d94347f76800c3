package dev.tokioj.runtime.pool;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Lease} stands for, and what comes back in its place when it was lost: a place on a connection. It comes back once,
 * whoever brings it.
 */
final class Hold<K, C> {
    /** How it came back. */
    enum End {
        RETURNED,
        /** And the connection is not to be used again. */
        INVALIDATED,
        /** Its lease was lost: who knows in what state the connection is. */
        LOST
    }

    final Pooled<K, C> pooled;
    private final ConnectionPool<K, C> pool;
    private final AtomicReference<@Nullable End> end = new AtomicReference<>();

    Hold(ConnectionPool<K, C> pool, Pooled<K, C> pooled) {
        this.pool = pool;
        this.pooled = pooled;
    }

    boolean isOut() {
        return end.get() == null;
    }

    /** Any thread. Whether it was out. */
    boolean end(End how) {
        if (!end.compareAndSet(null, how)) {
            return false;
        }
        pool.giveBack(this, how);
        return true;
    }
}

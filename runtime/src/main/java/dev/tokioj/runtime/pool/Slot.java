package dev.tokioj.runtime.pool;

import java.util.LinkedHashSet;

/** One address: its connections and who waits for them. Changed by the pool's operations alone. */
final class Slot<K, C> {
    final K key;
    /** Who waits, first come first; some may have given up and not yet left. */
    final LinkedHashSet<Waiter<K, C>> waiters = new LinkedHashSet<>();
    /** Connections that can take a lease; the last one first, so that those too many come to rest. */
    final LinkedHashSet<Pooled<K, C>> roomy = new LinkedHashSet<>();
    /** Connections, those being made included. */
    int connections;
    /** Being made. */
    int attempts;
    /** Being asked whether they are healthy. */
    int checks;

    Slot(K key) {
        this.key = key;
    }

    boolean isUnused() {
        return connections == 0 && waiters.isEmpty();
    }

    /** How many connections the waiters could use: of one that carries several nobody knows how many before it is made. */
    int wanted(int maxLeases) {
        return maxLeases == 1 ? waiters.size() : Math.min(1, waiters.size());
    }
}

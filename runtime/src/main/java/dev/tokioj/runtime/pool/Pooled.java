package dev.tokioj.runtime.pool;

/** One connection of the pool's. Changed by the pool's operations alone. */
final class Pooled<K, C> {
    /** How far it has come; each is left for a later one only, but for CHECKING, which may go back. */
    enum State {
        OPEN,
        /** Idle and being asked whether it is healthy: nobody's. */
        CHECKING,
        /** Carries its leases to their end and takes no more. */
        RETIRED,
        CLOSED
    }

    /** Whether it may be lent without being asked. */
    enum Trust {
        /** Was made or asked just now. */
        FRESH,
        /** By how long it lay unused. */
        BY_REST
    }

    final Slot<K, C> slot;
    final C connection;
    final long createdAt;
    long idleSince;
    /** Leases it carries. */
    int active;
    /** Leases it ever carried. */
    long granted;
    /** How many it may ever carry. */
    long limit;

    State state = State.OPEN;
    Trust trust = Trust.FRESH;

    Pooled(Slot<K, C> slot, C connection, long now, long limit) {
        this.slot = slot;
        this.connection = connection;
        this.createdAt = now;
        this.idleSince = now;
        this.limit = limit;
    }

    boolean hasRoom(int maxLeases) {
        return state == State.OPEN && active < maxLeases && granted < limit;
    }

    boolean isIdle() {
        return state == State.OPEN && active == 0;
    }

    /** Has carried all it may, while somebody waits for its address: its place is worth more than the hope for a higher limit. */
    boolean isInTheWay() {
        return granted >= limit && !slot.waiters.isEmpty();
    }
}

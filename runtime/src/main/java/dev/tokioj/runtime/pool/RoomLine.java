package dev.tokioj.runtime.pool;

import java.util.LinkedHashSet;

/** The addresses that wait for room in the whole pool: those that have no connection, and after them those that want more. */
final class RoomLine<K, C> {
    private final LinkedHashSet<Slot<K, C>> starving = new LinkedHashSet<>();
    private final LinkedHashSet<Slot<K, C>> blocked = new LinkedHashSet<>();

    /** Keeps its place if it has one. */
    void enter(Slot<K, C> slot) {
        (slot.connections == 0 ? starving : blocked).add(slot);
    }

    /** Goes behind the others that want more, or to those that have none, if it is one of these now. */
    void enterAgain(Slot<K, C> slot) {
        blocked.remove(slot);
        enter(slot);
    }

    void leave(Slot<K, C> slot) {
        starving.remove(slot);
        blocked.remove(slot);
    }

    /** Whose turn it is, of a line that is not empty. */
    Slot<K, C> leaveFirst() {
        return (starving.isEmpty() ? blocked : starving).removeFirst();
    }

    boolean isEmpty() {
        return starving.isEmpty() && blocked.isEmpty();
    }

    /** How many have no connection. */
    int starving() {
        return starving.size();
    }

    /** How many have some and want more. */
    int blocked() {
        return blocked.size();
    }

    void clear() {
        starving.clear();
        blocked.clear();
    }
}

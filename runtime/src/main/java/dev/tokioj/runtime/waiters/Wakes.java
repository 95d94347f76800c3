package dev.tokioj.runtime.waiters;

import org.jspecify.annotations.Nullable;

/** Those whose wait was ended under a lock, to be unparked without it, in order. One thread's. */
public final class Wakes {
    private @Nullable WaitNode first;
    private @Nullable WaitNode last;

    /** None yet. */
    public Wakes() {}

    /** Ends the node's wait, which the caller has claimed; the node is on no list any more. */
    public void complete(WaitNode node) {
        // Before it is done: its owner does not touch the links of a node that is off its list.
        if (last == null) {
            first = node;
        } else {
            last.next = node;
        }
        last = node;
        node.waiter.complete(node);
    }

    /** Unparks them all. */
    public void unpark() {
        WaitNode node = first;
        while (node != null) {
            WaitNode next = node.next;
            node.waiter.unpark();
            node = next;
        }
        first = null;
        last = null;
    }
}

package dev.tokioj.runtime.waiters;

import org.jspecify.annotations.Nullable;

/** The place of a {@link Waiter} in one list. One who waits for several things has a node at each. */
public final class WaitNode {
    final Waiter waiter;
    /** What is given or taken here: the claimer's until the wait is done, then the owner's. */
    public @Nullable Object item;

    // The list's, under its owner's lock; a node that was woken is chained by next to the others.
    @Nullable WaitNode previous;

    @Nullable WaitNode next;

    boolean linked;

    /** A node with an item to give, or without. */
    public WaitNode(Waiter waiter, @Nullable Object item) {
        this.waiter = waiter;
        this.item = item;
    }

    /** Whose wait it is. */
    public Waiter waiter() {
        return waiter;
    }
}

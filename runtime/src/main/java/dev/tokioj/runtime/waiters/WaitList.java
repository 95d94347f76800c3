package dev.tokioj.runtime.waiters;

import org.jspecify.annotations.Nullable;

/**
 * Who waits, first come first served: a list through the nodes' own links, so that leaving it is O(1) and leaves nothing behind.
 * Guarded by its owner's lock, except {@link #size} and {@link #isEmpty}.
 */
public final class WaitList {
    private @Nullable WaitNode first;
    private @Nullable WaitNode last;
    private volatile int size;

    /** An empty one. */
    public WaitList() {}

    /** Any thread, without the lock: how many wait. Who publishes something to them looks here after a full fence. */
    public int size() {
        return size;
    }

    /** Any thread, as {@link #size}. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Who came first; null if nobody waits. */
    public @Nullable WaitNode first() {
        return first;
    }

    /** Puts the node at the end. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
    public void add(WaitNode node) {
        node.previous = last;
        node.next = null;
        if (last == null) {
            first = node;
        } else {
            last.next = node;
        }
        last = node;
        node.linked = true;
        size++;
    }

    /** Takes it off, if it is on. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
    public void remove(WaitNode node) {
        if (!node.linked) {
            return;
        }
        WaitNode before = node.previous;
        WaitNode after = node.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        node.previous = null;
        node.next = null;
        node.linked = false;
        size--;
    }
}

package dev.tokioj.runtime.waiters;

import java.lang.invoke.VarHandle;

/**
 * Those who wait for a state to change, and are all told when it does: each then looks for himself.
 *
 * <pre>
 * waiter:   add() (full fence);  look again;  park
 * changer:  change the state;  wakeAll() (full fence, then reads whether anybody waits)
 * </pre>
 */
public final class WaitSet {
    private final ShortLock lock = new ShortLock();
    private final WaitList waiting = new WaitList();

    /** Nobody waits yet. */
    public WaitSet() {}

    /** Waiter: will be told of the next change. It must look again before it parks. */
    public void add(WaitNode node) {
        lock.lock();
        try {
            waiting.add(node);
        } finally {
            lock.unlock();
        }
        VarHandle.fullFence();
    }

    /** Waiter: no longer. */
    public void remove(WaitNode node) {
        lock.lock();
        try {
            waiting.remove(node);
        } finally {
            lock.unlock();
        }
    }

    /** Any thread, after a change: ends the waits of all. */
    public void wakeAll() {
        VarHandle.fullFence();
        if (waiting.isEmpty()) {
            return;
        }
        Wakes wakes = new Wakes();
        lock.lock();
        try {
            for (WaitNode node = waiting.first(); node != null; node = waiting.first()) {
                waiting.remove(node);
                if (node.waiter.claim()) {
                    wakes.complete(node);
                }
            }
        } finally {
            lock.unlock();
        }
        wakes.unpark();
    }

    /** How many wait; may lag. */
    public int size() {
        return waiting.size();
    }
}

package dev.tokioj.runtime.waiters;

import org.jspecify.annotations.Nullable;

/** One permit, or a row of those who wait for one: the heart of {@code sync.Notify}. Any thread; nothing here waits. */
public final class Permit {
    private final ShortLock lock = new ShortLock();
    // Under the lock. The permit is there only while nobody waits.
    private final WaitList waiting = new WaitList();
    private boolean available;

    /** Not there. */
    public Permit() {}

    /** Gives it to who waits longest; if nobody waits it stays, once. */
    public void giveOne() {
        Wakes wakes = new Wakes();
        lock.lock();
        try {
            if (!giveLocked(wakes)) {
                available = true;
            }
        } finally {
            lock.unlock();
        }
        wakes.unpark();
    }

    /** Gives one to each who waits now; if nobody waits nothing stays. Returns how many. */
    public int giveAll() {
        Wakes wakes = new Wakes();
        int given = 0;
        lock.lock();
        try {
            while (giveLocked(wakes)) {
                given++;
            }
        } finally {
            lock.unlock();
        }
        wakes.unpark();
        return given;
    }

    private boolean giveLocked(Wakes wakes) {
        for (WaitNode node = waiting.first(); node != null; node = waiting.first()) {
            waiting.remove(node);
            if (node.waiter.claim()) {
                wakes.complete(node);
                return true;
            }
        }
        return false;
    }

    /** How many wait; may lag. */
    public int waiting() {
        return waiting.size();
    }

    /** Taking it, as one of several things to wait for. Any number of threads may use one arm: it holds nothing. */
    public Arm arm() {
        return new TakeArm();
    }

    private final class TakeArm implements Arm {
        @Override
        public boolean poll() {
            lock.lock();
            try {
                boolean taken = available;
                available = false;
                return taken;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public @Nullable WaitNode enlist(Waiter waiter) {
            WaitNode node = new WaitNode(waiter, null);
            lock.lock();
            try {
                if (!available) {
                    waiting.add(node);
                } else if (waiter.claim()) {
                    available = false;
                    waiter.complete(node);
                }
            } finally {
                lock.unlock();
            }
            return node;
        }

        @Override
        public void delist(WaitNode node) {
            lock.lock();
            try {
                waiting.remove(node);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean settle(WaitNode node) {
            return true;
        }
    }
}

package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.ShortLock;
import dev.tokioj.runtime.waiters.WaitList;
import dev.tokioj.runtime.waiters.WaitNode;
import dev.tokioj.runtime.waiters.Waiter;
import dev.tokioj.runtime.waiters.Wakes;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A channel's store, and those who wait at its two ends. Any thread; nothing here waits. */
// The protocol. The fast way of both sides touches the store alone and then looks whether anybody waits. Who finds
// nothing (or no room) enlists and looks again. As in WaitPoint, one of the two must see the other:
//
//   waiter:  lock;  enlist (raises the list's size);  full fence;  match();  unlock;  park
//   other:   offer to or poll from the store (release);  full fence;  reads the sizes;
//            if somebody waits:  lock;  match();  unlock
//
// match() is the one place where a wait ends: it moves elements from the store to waiting receivers and from waiting
// senders to the store, in the order of the lists, for as long as it can. So a waiter is woken with its business done:
// one unpark, whatever happens between, and while it wakes the others go on the fast way; nobody is unparked who is not
// served. A waiter is claimed before the store is touched (see Waiter), so one that was interrupted, timed out or
// chosen elsewhere neither takes nor loses an element. Nothing under the lock parks, spins for long, or runs code of a
// user; unparks come after it.
final class Exchange {
    /** In place of a waiting sender's element: it is in the store. */
    private static final Object SENT = new Object();
    /** In place of a waiting sender's element: the channel was closed before. */
    private static final Object REFUSED = new Object();

    final Store store;
    private final ShortLock lock = new ShortLock();
    final WaitList senders = new WaitList();
    final WaitList receivers = new WaitList();

    Exchange(Store store) {
        this.store = store;
    }

    /** Sends at once, unless that would overtake somebody. */
    Store.Offer offer(Object element) {
        if (!senders.isEmpty()) {
            match();
            if (!senders.isEmpty()) {
                return Store.Offer.FULL;
            }
        }
        Store.Offer offer = store.offer(element, true);
        if (offer == Store.Offer.ACCEPTED) {
            serveWaiters();
        }
        return offer;
    }

    /** Takes at once, unless that would overtake somebody: an element, {@link Store#ENDED}, or null. */
    @Nullable Object poll() {
        Object taken = pollOfBatch();
        if (taken != null) {
            serveWaiters();
        }
        return taken;
    }

    /** As {@link #poll}, but {@link #serveWaiters} is still to be called, after the batch. */
    @Nullable Object pollOfBatch() {
        if (!receivers.isEmpty()) {
            match();
            if (!receivers.isEmpty()) {
                return null;
            }
        }
        return store.poll(true);
    }

    /** Lets nothing more in. */
    void close() {
        store.close();
        match();
    }

    /** After a change of the store. */
    void serveWaiters() {
        VarHandle.fullFence();
        if (!receivers.isEmpty() || !senders.isEmpty()) {
            match();
        }
    }

    private void match() {
        Wakes wakes = new Wakes();
        lock.lock();
        try {
            matchLocked(wakes);
        } finally {
            lock.unlock();
        }
        wakes.unpark();
    }

    private void matchLocked(Wakes wakes) {
        boolean more = true;
        while (more) {
            boolean roomMade = serveReceivers(wakes);
            boolean elementsMade = serveSenders(wakes);
            more = (roomMade && !senders.isEmpty()) || (elementsMade && !receivers.isEmpty());
        }
    }

    /** Whether an element left the store. */
    private boolean serveReceivers(Wakes wakes) {
        boolean took = false;
        for (WaitNode node = receivers.first(); node != null; node = receivers.first()) {
            if (node.waiter().claim()) {
                Object element = store.poll(false);
                if (element == null) {
                    node.waiter().release();
                    break;
                }
                took |= element != Store.ENDED;
                node.item = element;
                receivers.remove(node);
                wakes.complete(node);
            } else {
                receivers.remove(node);
            }
        }
        return took;
    }

    /** Whether an element came into the store. */
    private boolean serveSenders(Wakes wakes) {
        boolean gave = false;
        for (WaitNode node = senders.first(); node != null; node = senders.first()) {
            if (node.waiter().claim()) {
                Store.Offer offer = store.offer(Objects.requireNonNull(node.item), false);
                if (offer == Store.Offer.FULL) {
                    node.waiter().release();
                    break;
                }
                gave |= offer == Store.Offer.ACCEPTED;
                node.item = offer == Store.Offer.ACCEPTED ? SENT : REFUSED;
                senders.remove(node);
                wakes.complete(node);
            } else {
                senders.remove(node);
            }
        }
        return gave;
    }

    private WaitNode enlist(WaitList list, Waiter waiter, @Nullable Object item) {
        WaitNode node = new WaitNode(waiter, item);
        Wakes wakes = new Wakes();
        lock.lock();
        try {
            list.add(node);
            VarHandle.fullFence();
            matchLocked(wakes);
        } finally {
            lock.unlock();
        }
        wakes.unpark();
        return node;
    }

    private void delist(WaitList list, WaitNode node) {
        lock.lock();
        try {
            list.remove(node);
        } finally {
            lock.unlock();
        }
    }

    /** Receiving, as one of several things to wait for. */
    final class ReceiveArm implements Arm {
        private @Nullable Object taken;

        @Override
        public boolean poll() {
            taken = Exchange.this.poll();
            return taken != null;
        }

        @Override
        public WaitNode enlist(Waiter waiter) {
            return Exchange.this.enlist(receivers, waiter, null);
        }

        @Override
        public void delist(WaitNode node) {
            Exchange.this.delist(receivers, node);
        }

        @Override
        public boolean settle(WaitNode node) {
            taken = node.item;
            return true;
        }

        /** What was taken, once: an element or {@link Store#ENDED}. */
        Object taken() {
            Object mine = Objects.requireNonNull(taken);
            taken = null;
            return mine;
        }
    }

    /** Sending, as one of several things to wait for. */
    final class SendArm implements Arm {
        private final Object element;
        private boolean refused;

        SendArm(Object element) {
            this.element = element;
        }

        @Override
        public boolean poll() {
            Store.Offer offer = Exchange.this.offer(element);
            refused = offer == Store.Offer.CLOSED;
            return offer != Store.Offer.FULL;
        }

        @Override
        public WaitNode enlist(Waiter waiter) {
            return Exchange.this.enlist(senders, waiter, element);
        }

        @Override
        public void delist(WaitNode node) {
            Exchange.this.delist(senders, node);
        }

        @Override
        public boolean settle(WaitNode node) {
            refused = node.item == REFUSED;
            return true;
        }

        /** Whether the channel was closed before. */
        boolean isRefused() {
            return refused;
        }
    }
}

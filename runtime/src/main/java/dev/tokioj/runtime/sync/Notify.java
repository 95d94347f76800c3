package dev.tokioj.runtime.sync;

import dev.tokioj.runtime.channel.Branch;
import dev.tokioj.runtime.waiters.Permit;
import dev.tokioj.runtime.waiters.Waits;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Tells one waiting thread, or all, that something has happened; carries no data. Unlike a condition it needs no lock, loops may call
 * it, and a notification that comes before the wait is kept: once, however often it came.
 *
 * <pre>{@code
 * consumer:  while (true) { work = queue.poll(); if (work == null) { notify.await(); } else { ... } }
 * producer:  queue.add(work); notify.notifyOne();
 * }</pre>
 *
 * Who waits longest is told first. A notification is not lost: who is interrupted or timed out in the moment it comes has either got
 * it, and returns, or leaves it to the next. What the notifier did before is visible to who was told. Any thread; callbacks of
 * a loop may notify and try.
 */
public final class Notify {
    private final Permit permit = new Permit();

    /** Without a notification. */
    public Notify() {}

    /** Tells who waits longest; if nobody waits, the next who would wait does not. Never waits. */
    public void notifyOne() {
        permit.giveOne();
    }

    /** Tells all who wait now; those who come later wait. Never waits. Returns how many were told. */
    public int notifyWaiters() {
        return permit.giveAll();
    }

    /**
     * Waits for a notification; returns at once if one is kept, and takes it.
     *
     * @throws InterruptedException none was taken
     * @throws IllegalStateException there is none, in a callback of a loop
     */
    public void await() throws InterruptedException {
        Waits.await(permit.arm(), "Notify.await", this);
    }

    /**
     * As {@link #await()}, but waits no longer than this.
     *
     * @throws TimeoutException the time has passed; none was taken
     */
    public void await(Duration timeout) throws InterruptedException, TimeoutException {
        Waits.await(permit.arm(), "Notify.await", this, timeout);
    }

    /** Takes the notification that is kept, if there is one; returns whether. */
    public boolean tryAwait() {
        return permit.arm().poll();
    }

    /** How many threads wait; may lag. */
    public int waiting() {
        return permit.waiting();
    }

    /** A notification, as a branch of a {@link dev.tokioj.runtime.channel.Select}. */
    public <R extends @Nullable Object> Branch<R> notified(Branch.Then<? extends R> then) {
        return new Branch<>(permit.arm(), then::get);
    }
}

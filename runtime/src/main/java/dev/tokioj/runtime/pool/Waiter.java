package dev.tokioj.runtime.pool;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that waits for a connection: the pool settles it, or it gives up; which of the two is one compare-and-set. */
final class Waiter<K, C> {
    /** The states: from pending to any other, from claimed to granted. */
    sealed interface Outcome<K, C> {
        record Pending<K, C>() implements Outcome<K, C> {}

        /** It is being given a connection and cannot give up any more. */
        record Claimed<K, C>() implements Outcome<K, C> {}

        record Granted<K, C>(Hold<K, C> hold) implements Outcome<K, C> {}

        record Failed<K, C>(Reason reason, @Nullable Throwable cause) implements Outcome<K, C> {}

        record GaveUp<K, C>() implements Outcome<K, C> {}
    }

    /** Why the pool refuses. */
    enum Reason {
        CLOSED,
        FULL,
        CONNECT_FAILED,
        CONNECT_TIMED_OUT
    }

    final K key;
    private final Thread thread = Thread.currentThread();
    private final Outcome<K, C> pending = new Outcome.Pending<>();
    private final AtomicReference<Outcome<K, C>> outcome = new AtomicReference<>(pending);
    /** In which order it came, among all. Written by the operation that takes it in. */
    long number;

    Waiter(K key) {
        this.key = key;
    }

    /** Any thread. */
    Outcome<K, C> outcome() {
        Outcome<K, C> now = outcome.get();
        return now == null ? pending : now; // never null
    }

    /** The pool: false if it gave up before; else {@link #settle} must follow. */
    boolean claim() {
        return outcome.compareAndSet(pending, new Outcome.Claimed<>());
    }

    /** The pool, after {@link #claim}. */
    void settle(Outcome.Granted<K, C> granted) {
        outcome.set(granted);
        wake();
    }

    /** The pool: false if it gave up before. */
    boolean refuse(Reason reason, @Nullable Throwable cause) {
        if (!outcome.compareAndSet(pending, new Outcome.Failed<>(reason, cause))) {
            return false;
        }
        wake();
        return true;
    }

    private void wake() {
        if (Thread.currentThread() != thread) {
            LockSupport.unpark(thread);
        }
    }

    /** The waiting thread: false if it was settled before. */
    boolean giveUp() {
        return outcome.compareAndSet(pending, new Outcome.GaveUp<>());
    }
}

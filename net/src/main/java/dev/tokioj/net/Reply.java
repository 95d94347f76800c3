package dev.tokioj.net;

import dev.tokioj.runtime.Sleeper;
import dev.tokioj.runtime.Waiting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One answer from a loop to one waiting task. The loop never waits: it sets the outcome and unparks. The task that made it
 * waits for it, once.
 */
final class Reply<T> {
    /** The states; a transition is one compare-and-set from {@link Waiting}. */
    private sealed interface Outcome<T> {
        record Waiting<T>() implements Outcome<T> {}

        record Value<T>(T value) implements Outcome<T> {}

        record Failure<T>(IOException cause) implements Outcome<T> {}

        record Abandoned<T>() implements Outcome<T> {}
    }

    private final Sleeper waiter = Sleeper.ofCurrent();
    private final AtomicReference<Outcome<T>> outcome = new AtomicReference<>(new Outcome.Waiting<>());

    /** Any thread. False: nobody waits any more, and the value is the caller's to clean up. */
    boolean complete(T value) {
        return settle(new Outcome.Value<>(value));
    }

    /** Any thread. */
    boolean fail(IOException cause) {
        return settle(new Outcome.Failure<>(cause));
    }

    /** Whether the task has stopped waiting, or has its answer. */
    boolean isSettled() {
        return !(outcome.get() instanceof Outcome.Waiting<T>);
    }

    /** For the loop: the work, and if it fails, whatever it is, the waiter hears of it; nobody else ends its wait. */
    Runnable failingWith(String what, Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                fail(new IOException(what + " failed", e));
                throw e; // to the loop's log: it is a bug of ours, or there is no memory
            }
        };
    }

    private boolean settle(Outcome<T> to) {
        Outcome<T> from = outcome.get();
        if (from instanceof Outcome.Waiting<T> && outcome.compareAndSet(from, to)) {
            if (!waiter.thread().equals(Thread.currentThread())) {
                waiter.wake();
            }
            return true;
        }
        return false;
    }

    /**
     * Waits.
     *
     * @throws InterruptedIOException if interrupted before there was an answer; one that comes later is refused
     */
    T await(String what) throws IOException {
        return await(what, null, Long.MAX_VALUE);
    }

    /**
     * As {@link #await(String)}, until a deadline on the clock of {@code waiting}.
     *
     * @throws StreamTimeoutException at the deadline
     */
    T await(String what, @Nullable Waiting waiting, long deadline) throws IOException {
        while (true) {
            Outcome<T> now = Objects.requireNonNull(outcome.get());
            if (now instanceof Outcome.Value<T>(T value)) {
                return value;
            }
            if (now instanceof Outcome.Failure<T>(IOException cause)) {
                throw Failures.rethrown(cause);
            }
            if (now instanceof Outcome.Abandoned<T>) {
                throw new IllegalStateException("awaited twice");
            }
            if (Thread.currentThread().isInterrupted()) {
                if (outcome.compareAndSet(now, new Outcome.Abandoned<>())) {
                    throw Failures.interrupted(what);
                }
                // The answer was faster; the interrupt is for the next wait.
            } else if (waiting == null) {
                LockSupport.park(this);
            } else if (deadline - waiting.nanoTime() > 0) {
                waiting.parkUntil(this, deadline);
            } else if (outcome.compareAndSet(now, new Outcome.Abandoned<>())) {
                throw new StreamTimeoutException(what + " was not answered in time", 0);
            }
        }
    }
}

package dev.tokioj.net;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.runtime.Sleeper;
import java.io.InterruptedIOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a loop hands to whoever accepts: one producer that never waits, any number of takers. It needs no bound of its own: what
 * is in it is counted by the credit that the peer was given for it.
 */
final class AcceptQueue<T> {
    private enum State {
        OPEN,
        CLOSED
    }

    private final ConcurrentLinkedQueue<T> items = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Sleeper> waiting = new ConcurrentLinkedQueue<>();
    private volatile State state = State.OPEN;

    /** Loop. */
    void add(T item) {
        items.add(item);
        wake();
    }

    /** Any thread: takers get what is left, and then null. */
    void close() {
        state = State.CLOSED;
        wake();
    }

    /** Every one that waits looks again. There is seldom more than one, and so none can sleep through an item. */
    private void wake() {
        waiting.forEach(Sleeper::wake);
    }

    /** Waits for the next; null once closed and empty. */
    @Nullable T take(String what) throws InterruptedIOException {
        T item = items.poll();
        if (item != null) {
            return item;
        }
        Sleeper self = Sleeper.ofCurrent();
        waiting.add(self);
        try {
            while (true) {
                // The state is read first: what was added before the close is seen.
                State seen = state;
                item = items.poll();
                if (item != null || seen == State.CLOSED) {
                    return item;
                }
                if (Thread.interrupted()) {
                    throw Failures.interrupted(what);
                }
                LockSupport.park(this);
            }
        } finally {
            waiting.remove(self);
        }
    }

    /** Loop: takes what nobody will take any more. */
    @Nullable T poll() {
        return items.poll();
    }

    /** Loop: adds what a new item needs. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(items);
        to.add(waiting);
    }
}

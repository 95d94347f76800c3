package dev.tokioj.runtime.waiters;

import dev.tokioj.runtime.Waiting;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One wait of one thread, for one thing or for the first of several. It ends once, by who moves it to {@link State#DONE}:
 *
 * <pre>
 * giver:  claim();  try to give;  complete(node) or release();  later, without locks, unpark
 * owner:  cancel() = claim() and at once done: after it nobody gives any more
 * </pre>
 *
 * A claim is short: between {@code claim} and its end nobody parks, takes a lock or runs code of a user, so who finds a waiter
 * claimed spins. (A virtual thread that held a claim while parked on a loop would hang a callback of that loop.) That is why an
 * element is never lost and never given twice: the claimer alone decides, and takes the element only once it has the claim.
 */
public final class Waiter {
    private enum State {
        WAITING,
        CLAIMED,
        DONE
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Waiter.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread thread = Thread.currentThread();
    private volatile State state = State.WAITING;
    /** The claimer's; published by DONE. */
    private @Nullable WaitNode winner;

    /** A wait of the calling thread, which is its owner. */
    public Waiter() {}

    /** Anybody: the right to end it. False: it has ended. */
    public boolean claim() {
        while (true) {
            switch (state) {
                case WAITING -> {
                    if (STATE.compareAndSet(this, State.WAITING, State.CLAIMED)) {
                        return true;
                    }
                }
                case CLAIMED -> Thread.onSpinWait();
                case DONE -> {
                    return false;
                }
            }
        }
    }

    /** Claimer: there was nothing to give after all. */
    public void release() {
        state = State.WAITING;
    }

    /** Claimer: ends the wait by what happened at the node. The owner must be unparked afterwards. */
    public void complete(WaitNode node) {
        winner = node;
        state = State.DONE;
    }

    /** Owner: ends it without a winner. False: somebody has ended it before, and what he gave is the owner's. */
    public boolean cancel() {
        if (!claim()) {
            return false;
        }
        state = State.DONE;
        return true;
    }

    /** Whether it has ended. */
    public boolean isDone() {
        return state == State.DONE;
    }

    /** Owner: the node that ended it; null if it has not ended, or was cancelled. */
    public @Nullable WaitNode winner() {
        return state == State.DONE ? winner : null;
    }

    void unpark() {
        LockSupport.unpark(thread);
    }

    /**
     * Owner: parks until it has ended.
     *
     * @param deadline on the clock of {@code waiting}; {@link Long#MAX_VALUE}: none
     * @return false: the deadline has come, and the wait is cancelled
     * @throws InterruptedException interrupted, and the wait is cancelled. An interrupt that comes together with the end leaves its
     *     mark on the thread and this returns true
     */
    public boolean await(Waiting waiting, Object blocker, long deadline) throws InterruptedException {
        while (!isDone()) {
            if (thread.isInterrupted() && cancel()) {
                throw interrupted();
            }
            if (deadline != Long.MAX_VALUE && waiting.nanoTime() - deadline >= 0 && cancel()) {
                return false;
            }
            if (!isDone()) {
                park(waiting, blocker, deadline);
            }
        }
        return winner != null;
    }

    /** What cannot wait (a runtime without timers) must not take what was given a moment before: then it has not thrown. */
    private void park(Waiting waiting, Object blocker, long deadline) {
        try {
            waiting.parkUntil(blocker, deadline);
        } catch (RuntimeException | Error e) {
            if (cancel()) {
                throw e;
            }
        }
    }

    /** Clears the mark of the interrupt, as all who throw this do. */
    private static InterruptedException interrupted() {
        return Thread.interrupted()
                ? new InterruptedException()
                : new InterruptedException("the interrupt was taken back meanwhile");
    }
}

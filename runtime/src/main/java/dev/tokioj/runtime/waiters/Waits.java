package dev.tokioj.runtime.waiters;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Waiting;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The wait for one arm, and times given as {@link Duration}. */
public final class Waits {
    /** On average; a power of two. */
    private static final int WAITS_BETWEEN_RESTS = 256;

    private Waits() {}

    /**
     * Waits until the arm is taken.
     *
     * @param what the call that waits, for messages
     * @param timeout null: for ever
     * @throws IllegalStateException on a loop's own thread, unless it need not wait
     */
    public static void await(Arm arm, String what, Object blocker, @Nullable Duration timeout)
            throws InterruptedException, TimeoutException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (arm.poll()) {
            rest();
            return;
        }
        EventLoop.checkMayBlock(what);
        Waiting waiting = Waiting.current();
        long deadline = deadline(waiting, timeout);
        while (true) {
            Waiter waiter = new Waiter();
            WaitNode node = arm.enlist(waiter);
            try {
                if (!waiter.await(waiting, blocker, deadline)) {
                    throw new TimeoutException(what + " has waited for " + timeout);
                }
            } finally {
                if (node != null && waiter.winner() != node) {
                    arm.delist(node);
                }
            }
            WaitNode winner = waiter.winner();
            if (winner != null && arm.settle(winner)) {
                return;
            }
        }
    }

    /**
     * After a wait that was none. A virtual thread keeps its carrier until it waits, and one that always finds something never does:
     * on a loop nobody else would run, and no packet be read. By chance, because many an arm lives for one wait, and could not count.
     */
    @SuppressWarnings("ThreadPriorityCheck") // among virtual threads yielding is what gives way
    private static void rest() {
        if (Thread.currentThread().isVirtual()
                && (ThreadLocalRandom.current().nextInt() & (WAITS_BETWEEN_RESTS - 1)) == 0) {
            Thread.yield();
        }
    }

    /** As {@link #await(Arm, String, Object, Duration)}, for ever. */
    public static void await(Arm arm, String what, Object blocker) throws InterruptedException {
        try {
            await(arm, what, blocker, null);
        } catch (TimeoutException e) {
            throw new IllegalStateException("a wait without a deadline has timed out", e);
        }
    }

    /**
     * Waits until one of the arms is taken; the others take nothing.
     *
     * @param order in which they are looked at: a permutation of their indices
     * @return its index; -1: the time-out has come first
     * @throws IllegalStateException on a loop's own thread, unless it need not wait
     */
    public static int first(Arm[] arms, int[] order, String what, Object blocker, @Nullable Duration timeout)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        int taken = poll(arms, order);
        if (taken >= 0) {
            rest();
            return taken;
        }
        EventLoop.checkMayBlock(what);
        Waiting waiting = Waiting.current();
        long deadline = deadline(waiting, timeout);
        int timed = -1;
        for (int i : order) {
            long own = arms[i].deadline(waiting);
            if (own != Long.MAX_VALUE && (deadline == Long.MAX_VALUE || own - deadline < 0)) {
                deadline = own;
                timed = i;
            }
        }
        while (true) {
            Waiter waiter = new Waiter();
            WaitNode[] nodes = new WaitNode[arms.length];
            int winner = awaitFirst(arms, order, nodes, waiter, waiting, blocker, deadline);
            if (winner < 0) {
                return timed;
            }
            if (arms[winner].settle(nodes[winner])) {
                return winner;
            }
            taken = poll(arms, order);
            if (taken >= 0) {
                return taken;
            }
        }
    }

    private static int awaitFirst(
            Arm[] arms,
            int[] order,
            @Nullable WaitNode[] nodes,
            Waiter waiter,
            Waiting waiting,
            Object blocker,
            long deadline)
            throws InterruptedException {
        try {
            for (int i : order) {
                if (waiter.isDone()) {
                    break;
                }
                nodes[i] = arms[i].enlist(waiter);
            }
            if (!waiter.await(waiting, blocker, deadline)) {
                return -1;
            }
        } finally {
            WaitNode won = waiter.winner();
            for (int i : order) {
                WaitNode node = nodes[i];
                if (node != null && node != won) {
                    arms[i].delist(node);
                }
            }
        }
        for (int i : order) {
            if (nodes[i] != null && nodes[i] == waiter.winner()) {
                return i;
            }
        }
        throw new IllegalStateException("the wait was ended by a node that is none of its own");
    }

    /** The first in the order that can be taken now; -1: none. */
    public static int poll(Arm[] arms, int[] order) {
        for (int i : order) {
            if (arms[i].poll()) {
                return i;
            }
        }
        return -1;
    }

    /** The moment {@code timeout} from now, kept below "for ever" however long it is; null: for ever. */
    public static long deadline(Waiting waiting, @Nullable Duration timeout) {
        return timeout == null
                ? Long.MAX_VALUE
                : waiting.nanoTime() + Math.clamp(nanos(timeout), 0, Long.MAX_VALUE >> 1);
    }

    private static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }
}

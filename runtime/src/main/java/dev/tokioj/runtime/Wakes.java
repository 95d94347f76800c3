package dev.tokioj.runtime;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads that one step of a loop wakes, unparked together at its end. Loop's thread only.
 *
 * <p>Waking a virtual thread of the JDK's scheduler wakes a sleeping carrier, which on a busy machine takes the core from the
 * loop, runs that one thread, finds nothing more and sleeps again: two switches for each. So of several threads the loop starts
 * one, which unparks the others from its carrier: that costs the loop one submission, the carrier runs them all in one go, and
 * where there are more carriers they take their share from its queue.
 */
final class Wakes {
    /** Several times what a hundred short tasks take. */
    static final long LONG_YIELD_NANOS = 1_000_000;

    static final int TURNS_AFTER_LONG_YIELD = 1000;

    private @Nullable Thread[] threads = new Thread[16];
    private int count;
    /** Whether some were woken since the loop gave way. */
    private boolean woken;
    /** Turns left in which it does not give way. */
    private int unyielding;

    void add(Thread thread) {
        if (count > 0 && thread.equals(threads[count - 1])) {
            return; // who accepts streams is woken for each of a batch
        }
        if (count == threads.length) {
            threads = Arrays.copyOf(threads, count * 2);
        }
        threads[count++] = thread;
    }

    /** Wakes those that were added. */
    void wake() {
        int size = count;
        if (size == 0) {
            return;
        }
        count = 0;
        woken = true;
        Thread first = threads[0];
        if (size == 1) {
            threads[0] = null;
            LockSupport.unpark(first);
            return;
        }
        @Nullable Thread[] all = Arrays.copyOf(threads, size);
        Arrays.fill(threads, 0, size, null);
        try {
            OnLoopThreads.shared("tokioj-wake", () -> unpark(all)).start();
        } catch (Throwable e) {
            unpark(all); // nobody sleeps on because there was no memory for one more thread
            throw e;
        }
    }

    /**
     * Lets carriers that share our core run whom we have woken: what those tasks send then leaves with this turn's flush, instead of
     * waking us when we sleep, one by one. Where nobody waits for the core it costs less than a microsecond. Carriers that keep the
     * core for long have other work than answering, and would hold up our connections: then we do not offer it again so soon.
     */
    @SuppressWarnings("ThreadPriorityCheck") // it saves switches where it works; nothing relies on it
    void giveWay() {
        if (offersCore()) {
            long begin = Clock.system().nanoTime();
            Thread.yield();
            gaveWay(Clock.system().nanoTime() - begin);
        }
    }

    /** Whether this turn offers the core. Counts the turn. */
    boolean offersCore() {
        if (!woken) {
            return false;
        }
        woken = false;
        if (unyielding > 0) {
            unyielding--;
            return false;
        }
        return true;
    }

    /** The core was offered, and came back after so long. */
    void gaveWay(long nanos) {
        if (nanos > LONG_YIELD_NANOS) {
            unyielding = TURNS_AFTER_LONG_YIELD;
        }
    }

    private static void unpark(@Nullable Thread[] all) {
        for (Thread each : all) {
            LockSupport.unpark(each);
        }
    }
}

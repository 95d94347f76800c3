package dev.tokioj.runtime.channel;

import org.jspecify.annotations.Nullable;

/**
 * The elements of a channel, first in first out, for any number of threads at both ends; nobody waits here.
 *
 * <p>An <em>exact</em> call answers as if all calls came one after the other: it spins while another thread is between taking a
 * place and filling or emptying it. One that is not exact never spins and may answer "full" or "empty" for such a place; whoever
 * holds the place looks for waiters when he is done with it, so under the channel's lock, where nobody may spin, that is enough.
 */
sealed interface Store permits Ring, Chain {
    /** What became of an offer. */
    enum Offer {
        ACCEPTED,
        FULL,
        CLOSED
    }

    /** In place of an element: closed, and nothing is left. */
    Object ENDED = new Object();

    /** Adds an element. */
    Offer offer(Object element, boolean exact);

    /** Takes the oldest; null: there is none now; {@link #ENDED}. */
    @Nullable Object poll(boolean exact);

    /** Refuses all later offers. */
    void close();

    /** Whether it was closed. */
    boolean isClosed();

    /** Whether it was closed and nothing is left. */
    boolean isEnded();

    /** How many elements there are, those that are just being added or taken among them. */
    long size();

    /** How many there can be. */
    long capacity();

    /** Another thread is at work at the place that is needed: lets it. Never under a lock: this may yield. */
    @SuppressWarnings("ThreadPriorityCheck") // the other thread may need this core
    static void pause(int round) {
        if (round < 200) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}

package dev.tokioj.runtime.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A bounded {@link Store}: Dmitry Vyukov's queue for many producers and many consumers, with a bit that closes it.
 *
 * <p>{@code tail} counts the places taken by producers, {@code head} those taken by consumers. The place of number {@code n} is the
 * slot {@code n & mask}, and the slot's turn says whose it is:
 *
 * <pre>
 * turn == n                   free, for producer n:  CAS tail n -> n+1;  write the element;  turn = n+1 (release)
 * turn == n+1                 full, for consumer n:  CAS head n -> n+1;  read and clear it;  turn = n+slots (release)
 * </pre>
 *
 * Reading the turn with acquire makes the other side's writes to the slot visible, and only the winner of the CAS touches the
 * slot. The number of slots is a power of two, at least 2 (with one slot "full" and "free for the next round" were the same
 * turn), so {@code tail - head} bounds the elements where the capacity is less. Producers look at {@code head} only when the
 * {@code limit} that they remember is reached: it was {@code head + capacity} once, and head only grows.
 *
 * <p>The sign bit of {@code tail} is "closed": after it no CAS of a producer succeeds, so what a consumer finds once head has
 * reached tail is final.
 */
final class Ring implements Store {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long CLOSED = Long.MIN_VALUE;
    /** Indices of {@link #counts}, apart so that the two ends do not share a cache line (nor a pair of them). */
    private static final int TAIL = 16;

    private static final int LIMIT = 17;
    private static final int HEAD = 40;

    private final int capacity;
    private final long mask;
    private final Object[] elements;
    private final long[] turns;
    private final long[] counts = new long[64];

    Ring(int capacity) {
        int slots = capacity <= 2 ? 2 : Integer.highestOneBit(capacity - 1) << 1;
        this.capacity = capacity;
        this.mask = slots - 1L;
        this.elements = new Object[slots];
        this.turns = new long[slots];
        for (int i = 0; i < slots; i++) {
            turns[i] = i;
        }
        counts[LIMIT] = capacity;
    }

    @Override
    public Offer offer(Object element, boolean exact) {
        for (int round = 0; ; round++) {
            long tail = (long) LONGS.getVolatile(counts, TAIL);
            if (tail < 0) {
                return Offer.CLOSED;
            }
            if (tail - (long) LONGS.getOpaque(counts, LIMIT) >= 0) {
                long limit = (long) LONGS.getVolatile(counts, HEAD) + capacity;
                if (tail >= limit) {
                    return Offer.FULL;
                }
                LONGS.setOpaque(counts, LIMIT, limit);
            }
            int slot = (int) (tail & mask);
            long turn = (long) LONGS.getAcquire(turns, slot);
            if (turn == tail) {
                if (LONGS.compareAndSet(counts, TAIL, tail, tail + 1)) {
                    elements[slot] = element;
                    LONGS.setRelease(turns, slot, tail + 1);
                    return Offer.ACCEPTED;
                }
            } else if (turn < tail) {
                // The consumer of the round before is still at work.
                if (!exact) {
                    return Offer.FULL;
                }
                Store.pause(round);
            }
        }
    }

    @Override
    @SuppressWarnings("NullAway") // a free slot is null
    public @Nullable Object poll(boolean exact) {
        for (int round = 0; ; round++) {
            long head = (long) LONGS.getVolatile(counts, HEAD);
            int slot = (int) (head & mask);
            long turn = (long) LONGS.getAcquire(turns, slot);
            if (turn == head + 1) {
                if (LONGS.compareAndSet(counts, HEAD, head, head + 1)) {
                    Object element = elements[slot];
                    elements[slot] = null;
                    LONGS.setRelease(turns, slot, head + mask + 1);
                    return element;
                }
            } else if (turn <= head) {
                long tail = (long) LONGS.getVolatile(counts, TAIL);
                if ((tail & ~CLOSED) == head) {
                    return tail < 0 ? ENDED : null;
                }
                // A producer has the place and is still at work, or this head is an old one.
                if (exact) {
                    Store.pause(round);
                } else if (head == (long) LONGS.getVolatile(counts, HEAD)) {
                    return null;
                }
            }
        }
    }

    @Override
    public void close() {
        LONGS.getAndBitwiseOr(counts, TAIL, CLOSED);
    }

    @Override
    public boolean isClosed() {
        return (long) LONGS.getVolatile(counts, TAIL) < 0;
    }

    @Override
    public boolean isEnded() {
        long head = (long) LONGS.getVolatile(counts, HEAD);
        return (head | CLOSED) == (long) LONGS.getVolatile(counts, TAIL);
    }

    @Override
    public long size() {
        // Tail after head: never negative; more than the capacity only by what was sent in between.
        long head = (long) LONGS.getVolatile(counts, HEAD);
        long tail = (long) LONGS.getVolatile(counts, TAIL) & ~CLOSED;
        return Math.min(tail - head, capacity);
    }

    @Override
    public long capacity() {
        return capacity;
    }
}

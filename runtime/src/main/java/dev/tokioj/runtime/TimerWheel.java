package dev.tokioj.runtime;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop: a hierarchical wheel of 6 levels of 64 slots (Varghese and Lauck), as lists in int arrays. Arming,
 * disarming and finding the next deadline are O(1) and allocate nothing (the arrays grow to the most timers ever armed at
 * once). One thread.
 *
 * <p>Time is counted in ticks of 2^13 ns = 8.2 us since the wheel was made; a deadline is rounded up to a tick, so that no
 * timer fires early. Level {@code k} holds the timers whose tick differs from the current one first in the {@code k}-th
 * group of six bits (from below); when the current tick reaches a slot of a higher level, its timers move down. Six levels
 * span 2^36 ticks, 6.5 days; what lies beyond waits in a list that is looked through once in that time.
 */
final class TimerWheel {
    private static final int TICK_SHIFT = 13;
    static final long TICK = 1L << TICK_SHIFT;
    private static final int LEVELS = 6;
    private static final int BITS = 6;
    private static final int SLOTS = 1 << BITS;
    private static final int SPAN_BITS = LEVELS * BITS;
    /** List numbers behind the slots: beyond the span, and due. */
    private static final int FAR = LEVELS * SLOTS;

    private static final int DUE = FAR + 1;
    private static final int NONE = -1;

    private final long origin;
    /** The last tick that was processed. No armed timer outside DUE has a tick at or before it. */
    private long current;

    /** Which slots of a level are occupied. */
    private final long[] occupied = new long[LEVELS];

    private final int[] head = new int[DUE + 1];
    private int dueTail = NONE;
    // A cell is a timer's place while it is armed.
    private int[] next = new int[64];
    private int[] previous = new int[64];
    private int[] list = new int[64];
    private long[] tick = new long[64];
    private @Nullable Timer[] timers = new Timer[64];
    /** Free cells, chained by next. */
    private int free = NONE;

    private int used;
    private int armed;
    /** The tick of the timer that fires. */
    private long firing;

    TimerWheel(long now) {
        origin = now;
        Arrays.fill(head, NONE);
    }

    /** How many timers are armed. */
    int armed() {
        return armed;
    }

    /** Arms or re-arms; {@link Long#MAX_VALUE} disarms. */
    void arm(Timer timer, long deadline) {
        int cell = timer.cell;
        if (deadline == Long.MAX_VALUE) {
            if (cell >= 0) {
                unlink(cell);
                release(cell);
            }
            return;
        }
        if (cell >= 0) {
            unlink(cell);
        } else {
            cell = allocate();
            timers[cell] = timer;
            timer.cell = cell;
        }
        tick[cell] = tickOf(deadline);
        place(cell);
    }

    /** Arms or re-arms for the next {@link #advance}: its time has come, whatever the tick. */
    void armDue(Timer timer) {
        arm(timer, origin);
    }

    /** When {@link #advance} should be called next: never after the first deadline's tick, sometimes before. MAX_VALUE: nothing is armed. */
    long nextDeadline() {
        if (head[DUE] != NONE) {
            return origin + (current << TICK_SHIFT);
        }
        long at = nextEvent();
        return at == Long.MAX_VALUE ? Long.MAX_VALUE : origin + (at << TICK_SHIFT);
    }

    /**
     * Hands at most {@code limit} timers that are due at {@code now} to {@code fire}, disarmed and in the order of their
     * ticks; they may arm and disarm as they like. What exceeds the limit is due at the next call.
     *
     * @return how many
     */
    int advance(long now, int limit, Consumer<Timer> fire) {
        long target = (now - origin) >> TICK_SHIFT;
        while (current < target) {
            long event = nextEvent();
            if (event > target) {
                // No occupied slot begins in between: every timer's place stays right.
                current = target;
                break;
            }
            current = event;
            turn();
        }
        int fired = 0;
        while (fired < limit && head[DUE] != NONE) {
            int cell = head[DUE];
            Timer timer = timers[cell];
            firing = tick[cell];
            unlink(cell);
            release(cell);
            fired++;
            if (timer != null) {
                fire.accept(timer);
            }
        }
        return fired;
    }

    /**
     * While {@link #advance} fires a timer: how long ago its time had come, its deadline rounded up to a tick. 0 if it was due
     * when it was armed.
     */
    long lateness(long now) {
        return firing == 0 ? 0 : Math.max(0, now - origin - (firing << TICK_SHIFT));
    }

    private long tickOf(long deadline) {
        long since = deadline - origin;
        if (since <= 0) {
            // A deadline far enough ahead to overflow the difference counts as far, one in the past as due.
            return deadline > origin ? Long.MAX_VALUE >> TICK_SHIFT : 0;
        }
        return (since >> TICK_SHIFT) + ((since & (TICK - 1)) == 0 ? 0 : 1);
    }

    /** The first tick after the current one at which an occupied slot begins: in the lowest occupied level, by construction. */
    private long nextEvent() {
        for (int level = 0; level < LEVELS; level++) {
            long slots = occupied[level];
            if (slots != 0) {
                int shift = level * BITS;
                long above = (current >> (shift + BITS)) << (shift + BITS);
                return above | ((long) Long.numberOfTrailingZeros(slots) << shift);
            }
        }
        return head[FAR] == NONE ? Long.MAX_VALUE : ((current >> SPAN_BITS) + 1) << SPAN_BITS;
    }

    /** The current tick is the beginning of an occupied slot, perhaps of several levels: their timers become due or move down. */
    private void turn() {
        if ((current & ((1L << SPAN_BITS) - 1)) == 0) {
            replace(FAR);
        }
        for (int level = LEVELS - 1; level >= 0; level--) {
            int shift = level * BITS;
            if ((current & ((1L << shift) - 1)) == 0) {
                replace(level * SLOTS + (int) ((current >> shift) & (SLOTS - 1)));
            }
        }
    }

    private void replace(int from) {
        int cell = head[from];
        head[from] = NONE;
        if (from < FAR) {
            occupied[from >> BITS] &= ~(1L << (from & (SLOTS - 1)));
        }
        while (cell != NONE) {
            int following = next[cell];
            place(cell);
            cell = following;
        }
    }

    private void place(int cell) {
        long at = tick[cell];
        if (at <= current) {
            append(cell);
            return;
        }
        int level = (63 - Long.numberOfLeadingZeros((at ^ current) | (SLOTS - 1))) / BITS;
        if (level >= LEVELS) {
            link(cell, FAR);
            return;
        }
        int slot = (int) ((at >> (level * BITS)) & (SLOTS - 1));
        occupied[level] |= 1L << slot;
        link(cell, level * SLOTS + slot);
    }

    private void link(int cell, int to) {
        int first = head[to];
        list[cell] = to;
        previous[cell] = NONE;
        next[cell] = first;
        if (first != NONE) {
            previous[first] = cell;
        }
        head[to] = cell;
    }

    private void append(int cell) {
        list[cell] = DUE;
        previous[cell] = dueTail;
        next[cell] = NONE;
        if (dueTail == NONE) {
            head[DUE] = cell;
        } else {
            next[dueTail] = cell;
        }
        dueTail = cell;
    }

    private void unlink(int cell) {
        int from = list[cell];
        int before = previous[cell];
        int after = next[cell];
        if (before == NONE) {
            head[from] = after;
            if (after == NONE && from < FAR) {
                occupied[from >> BITS] &= ~(1L << (from & (SLOTS - 1)));
            }
        } else {
            next[before] = after;
        }
        if (after != NONE) {
            previous[after] = before;
        } else if (from == DUE) {
            dueTail = before;
        }
    }

    private int allocate() {
        armed++;
        if (free != NONE) {
            int cell = free;
            free = next[cell];
            return cell;
        }
        if (used == timers.length) {
            int length = used * 2;
            next = Arrays.copyOf(next, length);
            previous = Arrays.copyOf(previous, length);
            list = Arrays.copyOf(list, length);
            tick = Arrays.copyOf(tick, length);
            timers = Arrays.copyOf(timers, length);
        }
        return used++;
    }

    private void release(int cell) {
        Timer timer = timers[cell];
        if (timer != null) {
            timer.cell = NONE;
        }
        timers[cell] = null;
        next[cell] = free;
        free = cell;
        armed--;
    }
}

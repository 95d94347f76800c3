package dev.tokioj.quic.recovery;

import dev.tokioj.quic.memory.ReadAhead;
import java.util.Arrays;

/**
 * A set of longs as sorted, disjoint, not adjacent ranges {@code [from, end)} in one array. Finding is O(log n), changing moves
 * the shorter side of the array, growing at either end is O(1). Has at most as many ranges as its cap: then the lowest is
 * dropped and {@link #floor} tells up to where.
 */
public final class LongRanges {
    private static final int FIRST_CAPACITY = 8;
    /** Most sets stay empty. */
    private static final long[] NOTHING = {};

    private final int cap;
    // Range i is bounds[2 * (first + i)] to bounds[2 * (first + i) + 1]; free places are left on both sides.
    private long[] bounds;
    private int first;
    private int size;
    private long floor;

    /** A set that may have any number of ranges; its user bounds it. */
    public LongRanges() {
        this(Integer.MAX_VALUE);
    }

    /** A set of at most {@code cap} ranges. */
    public LongRanges(int cap) {
        if (cap < 1) {
            throw new IllegalArgumentException("cap " + cap);
        }
        this.cap = cap;
        this.bounds = NOTHING;
    }

    /** The number of ranges. */
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** The first value of range {@code i}, counted from the lowest. */
    public long from(int i) {
        return bounds[2 * (first + i)];
    }

    /** The value after the last of range {@code i}. */
    public long end(int i) {
        return bounds[2 * (first + i) + 1];
    }

    /** Everything below was dropped because there were too many ranges; 0 if nothing was. */
    public long floor() {
        return floor;
    }

    /** The index of the first range that ends after {@code value}: it contains it or lies above it. {@link #size} if none. */
    public int indexAbove(long value) {
        int low = 0;
        int high = size;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (end(mid) > value) {
                high = mid;
            } else {
                low = mid + 1;
            }
        }
        return low;
    }

    public boolean contains(long value) {
        int i = indexAbove(value);
        return i < size && from(i) <= value;
    }

    /** Whether any value of {@code [from, end)} is in the set. */
    public boolean intersects(long from, long end) {
        int i = indexAbove(from);
        return from < end && i < size && from(i) < end;
    }

    /** How many values of {@code [from, end)} are in the set. O(ranges in between). */
    public long count(long from, long end) {
        long count = 0;
        for (int i = indexAbove(from); i < size && from(i) < end; i++) {
            count += Math.min(end, end(i)) - Math.max(from, from(i));
        }
        return count;
    }

    /** Adds one value. */
    public void add(long value) {
        add(value, value + 1);
    }

    /** Adds {@code [from, end)}. */
    public void add(long from, long end) {
        if (from >= end) {
            return;
        }
        if (size > 0 && from >= from(size - 1)) {
            if (from <= end(size - 1)) {
                setEnd(size - 1, Math.max(end, end(size - 1)));
                return;
            }
            insert(size, from, end);
            return;
        }
        int i = indexAbove(from - 1);
        if (i == size || from(i) > end) {
            insert(i, from, end);
            return;
        }
        int last = i;
        while (last + 1 < size && from(last + 1) <= end) {
            last++;
        }
        long newEnd = Math.max(end, end(last));
        setFrom(i, Math.min(from, from(i)));
        setEnd(i, newEnd);
        close(i + 1, last - i);
    }

    /** Takes {@code [from, end)} out. */
    public void remove(long from, long end) {
        int i = indexAbove(from);
        if (from >= end || i == size || from(i) >= end) {
            return;
        }
        if (from(i) < from) {
            long oldEnd = end(i);
            setEnd(i, from);
            if (oldEnd > end) {
                insert(i + 1, end, oldEnd);
                return;
            }
            i++;
        }
        int last = i;
        while (last < size && end(last) <= end) {
            last++;
        }
        close(i, last - i);
        if (i < size && from(i) < end) {
            setFrom(i, end);
        }
    }

    /** Takes everything below {@code value} out. Not counted as dropped. */
    public void removeBelow(long value) {
        int n = indexAbove(value - 1);
        close(0, n);
        if (size > 0 && from(0) < value) {
            setFrom(0, value);
            if (from(0) >= end(0)) {
                close(0, 1);
            }
        }
    }

    /** Empties the set; the floor stays. */
    public void clear() {
        size = 0;
        first = bounds.length / 4;
    }

    private void setFrom(int i, long value) {
        bounds[2 * (first + i)] = value;
    }

    private void setEnd(int i, long value) {
        bounds[2 * (first + i) + 1] = value;
    }

    private void insert(int at, long from, long end) {
        int i = at;
        if (size == cap) {
            if (i == 0) {
                floor = Math.max(floor, end);
                return;
            }
            floor = Math.max(floor, end(0));
            close(0, 1);
            i--;
        }
        open(i);
        setFrom(i, from);
        setEnd(i, end);
    }

    /** Makes a place for a range before range {@code i}, moving the shorter side if there is room beyond it. */
    private void open(int i) {
        int capacity = bounds.length / 2;
        if (first == 0 || first + size == capacity) {
            recentre(capacity);
        }
        if (i < size - i) {
            System.arraycopy(bounds, 2 * first, bounds, 2 * (first - 1), 2 * i);
            first--;
        } else {
            System.arraycopy(bounds, 2 * (first + i), bounds, 2 * (first + i + 1), 2 * (size - i));
        }
        size++;
    }

    /** Amortised: half of the places are free afterwards, a quarter on each side. */
    private void recentre(int capacity) {
        long[] to = size >= capacity / 2 ? new long[Math.max(2 * FIRST_CAPACITY, 4 * capacity)] : bounds;
        int newFirst = (to.length / 2 - size) / 2;
        System.arraycopy(bounds, 2 * first, to, 2 * newFirst, 2 * size);
        bounds = to;
        first = newFirst;
    }

    private void close(int i, int n) {
        if (n == 0) {
            return;
        }
        int after = size - i - n;
        if (i < after) {
            System.arraycopy(bounds, 2 * first, bounds, 2 * (first + n), 2 * i);
            first += n;
        } else {
            System.arraycopy(bounds, 2 * (first + i + n), bounds, 2 * (first + i), 2 * after);
        }
        size -= n;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : " ").append(from(i)).append('-').append(end(i));
        }
        return text.append(']').toString();
    }

    /** The bounds in order, for tests: from, end, from, end... */
    long[] toArray() {
        return Arrays.copyOfRange(bounds, 2 * first, 2 * (first + size));
    }

    /** Adds what a packet needs of it. */
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(bounds);
    }
}

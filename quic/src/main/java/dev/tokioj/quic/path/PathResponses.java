package dev.tokioj.quic.path;

import org.jspecify.annotations.Nullable;

/**
 * PATH_CHALLENGE frames that wait for their PATH_RESPONSE, each of which goes the way its challenge came (RFC 9000 8.2.2).
 * Bounded: when it is full the oldest is forgotten, which costs a flooder the answers and us nothing.
 */
public final class PathResponses {
    private final long[] data;
    private final @Nullable Path[] path;
    private int head;
    private int size;

    /** At most {@code capacity} wait. */
    public PathResponses(int capacity) {
        data = new long[capacity];
        path = new @Nullable Path[capacity];
    }

    /** A challenge came. */
    public void add(long value, Path from) {
        if (size == data.length) {
            path[head] = null;
            head = next(head);
            size--;
        }
        int tail = (head + size) % data.length;
        data[tail] = value;
        path[tail] = from;
        size++;
    }

    /** Whether the oldest challenge that waits came on {@code p}, or, for null, whether any waits. */
    public boolean isNextOn(@Nullable Path p) {
        return size > 0 && (p == null || path[head] == p);
    }

    /** The path of the oldest challenge, or null if none waits. */
    public @Nullable Path nextPath() {
        return size == 0 ? null : path[head];
    }

    /** The data of the oldest challenge, which is answered now. */
    public long take() {
        if (size == 0) {
            throw new IllegalStateException("empty");
        }
        long value = data[head];
        path[head] = null;
        head = next(head);
        size--;
        return value;
    }

    /** How many wait. */
    public int size() {
        return size;
    }

    private int next(int at) {
        return (at + 1) % data.length;
    }
}

package dev.tokioj.runtime.pool;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** The figures behind {@link PoolStats}: written by one operation at a time, read by anybody. */
final class Figures {
    /** The figures; all count from 0. */
    enum Figure {
        TOTAL,
        IDLE,
        ACTIVE,
        CONNECTING,
        LEASES,
        WAITING,
        CREATED,
        REUSED,
        EXPIRED,
        EVICTED,
        FAILED,
        UNHEALTHY,
        TIMED_OUT,
        LEAKED,
        WAIT_NANOS,
        LONGEST_WAIT
    }

    /** Never changed after it was made: read by anybody. */
    private final Map<Figure, AtomicLong> values = new EnumMap<>(Figure.class);

    Figures() {
        for (Figure figure : Figure.values()) {
            values.put(figure, new AtomicLong());
        }
    }

    private AtomicLong value(Figure figure) {
        return Objects.requireNonNull(values.get(figure));
    }

    /** The operation that runs. */
    void add(Figure figure, long n) {
        AtomicLong value = value(figure);
        value.setRelease(value.getPlain() + n);
    }

    /** The operation that runs: one more who had to wait so long. */
    void waited(long nanos) {
        add(Figure.WAIT_NANOS, nanos);
        AtomicLong longest = value(Figure.LONGEST_WAIT);
        if (nanos > longest.getPlain()) {
            longest.setRelease(nanos);
        }
    }

    long get(Figure figure) {
        return value(figure).getAcquire();
    }

    private int count(Figure figure) {
        return (int) get(figure);
    }

    PoolStats snapshot() {
        return new PoolStats(
                count(Figure.TOTAL),
                count(Figure.IDLE),
                count(Figure.ACTIVE),
                count(Figure.CONNECTING),
                count(Figure.LEASES),
                count(Figure.WAITING),
                get(Figure.CREATED),
                get(Figure.REUSED),
                get(Figure.EXPIRED),
                get(Figure.EVICTED),
                get(Figure.FAILED),
                get(Figure.UNHEALTHY),
                get(Figure.TIMED_OUT),
                get(Figure.LEAKED),
                Duration.ofNanos(get(Figure.WAIT_NANOS)),
                Duration.ofNanos(get(Figure.LONGEST_WAIT)));
    }
}

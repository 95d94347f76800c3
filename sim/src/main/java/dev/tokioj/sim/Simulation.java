package dev.tokioj.sim;

import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** Virtual time and the events on it. One thread; what happens depends on the seed alone. */
public final class Simulation {
    /** Where time starts: not at 0, so that code that takes 0 for "never" is found out. */
    public static final long START = 1_000_000_000_000L;

    /** More events than any honest run needs: an endless exchange at one instant must end the test, not hang it. */
    private static final long MAX_EVENTS = 50_000_000;

    private static final class Event implements Comparable<Event> {
        final long at;
        final long order;
        final Runnable action;
        boolean cancelled;

        Event(long at, long order, Runnable action) {
            this.at = at;
            this.order = order;
            this.action = action;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** A planned event that can be called off. */
    public static final class Scheduled {
        private final Event event;

        private Scheduled(Event event) {
            this.event = event;
        }

        /** It will not happen. Harmless when it has. */
        public void cancel() {
            event.cancelled = true;
        }
    }

    private final long seed;
    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now = START;
    private long order;
    private long count;

    /** A simulation at {@link #START}. */
    public Simulation(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** What it was made from, to be printed by a test that fails. */
    public long seed() {
        return seed;
    }

    /** Virtual time, ns. */
    public long now() {
        return now;
    }

    /** The chance of this run: links use it. */
    public Random random() {
        return random;
    }

    /** A source of its own for a host, so that one host's use of it does not change another's. */
    public SeededRandom hostRandom() {
        return new SeededRandom(random.nextLong());
    }

    /** Plans an action at a time, which is now at the earliest; events of one time happen in the order they were planned. */
    public Scheduled at(long time, Runnable action) {
        Event event = new Event(Math.max(time, now), order++, action);
        events.add(event);
        return new Scheduled(event);
    }

    /** Plans an action after a time, ns. */
    public Scheduled after(long delay, Runnable action) {
        return at(now + delay, action);
    }

    /**
     * Lets time pass until something is so.
     *
     * @param limit virtual ns from now after which it gives up
     * @return whether it is so; false when the limit came first, or nothing was left to happen
     */
    public boolean runUntil(BooleanSupplier done, long limit) {
        long end = now + limit;
        while (!done.getAsBoolean()) {
            Event next = events.peek();
            if (next == null || next.at > end) {
                now = end;
                return done.getAsBoolean();
            }
            events.poll();
            if (next.cancelled) {
                continue;
            }
            if (++count > MAX_EVENTS) {
                throw new IllegalStateException("seed " + seed + ": more than " + MAX_EVENTS + " events");
            }
            now = next.at;
            next.action.run();
        }
        return true;
    }

    /** Lets a time pass, ns. */
    public void run(long duration) {
        runUntil(() -> false, duration);
    }

    /** How many events happened so far: the work of a run, countable where time is virtual. */
    public long eventCount() {
        return count;
    }
}

package dev.tokioj.runtime.pool;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Watches some of what a pool gives out, and finds what the garbage collector took instead of the pool. It remembers where each was
 * taken. Any thread.
 */
final class LeakWatch {
    /** One watched thing, until it is given back. */
    final class Watched extends PhantomReference<Object> {
        private final Leak leak;
        private final Runnable whenLost;

        private Watched(Object thing, Leak leak, Runnable whenLost) {
            super(thing, lost);
            this.leak = leak;
            this.whenLost = whenLost;
        }

        /** It was given back. */
        void end() {
            if (live.remove(this) != null) {
                clear();
            }
        }
    }

    private final int sampling;
    private final AtomicInteger turn = new AtomicInteger();
    private final ReferenceQueue<Object> lost = new ReferenceQueue<>();
    /** To itself: what keeps the references alive. */
    private final Map<Watched, Watched> live = new ConcurrentHashMap<>();

    /** Watches one in {@code sampling}; none if that is 0. */
    LeakWatch(int sampling) {
        this.sampling = sampling;
    }

    /** Whether the next one is to be watched. */
    boolean isDue() {
        return sampling != 0 && (sampling == 1 || Math.floorMod(turn.getAndIncrement(), sampling) == 0);
    }

    /** Watches a thing that was taken here and now; {@code whenLost} is run by who finds the loss, and must not refer to the thing. */
    Watched watch(Object thing, String what, Runnable whenLost) {
        Leak leak = new Leak(what, Thread.currentThread().getName(), new Throwable("taken here"));
        Watched watched = new Watched(thing, leak, whenLost);
        live.put(watched, watched);
        return watched;
    }

    /** Those lost since the last call. */
    List<Leak> takeLost() {
        if (sampling == 0) {
            return List.of();
        }
        List<Leak> leaks = new ArrayList<>();
        for (Reference<?> found = lost.poll(); found != null; found = lost.poll()) {
            if (found instanceof Watched watched && live.remove(watched) != null) {
                leaks.add(watched.leak);
                watched.whenLost.run();
            }
        }
        return leaks;
    }

    /** Those that are out now. */
    List<Leak> outstanding() {
        return live.keySet().stream().map(watched -> watched.leak).toList();
    }
}

package dev.tokioj.runtime;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The event loops of a runtime. Immutable; any thread. */
public final class LoopGroup implements Iterable<EventLoop> {
    private final List<EventLoop> loops;
    private final AtomicInteger turn = new AtomicInteger();

    LoopGroup(List<EventLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    /** How many there are. */
    public int size() {
        return loops.size();
    }

    /** The loop with this {@link EventLoop#index()}. */
    public EventLoop get(int index) {
        return loops.get(index);
    }

    /** The one to which the fewest live tasks belong; among equals the first. */
    EventLoop leastLoaded() {
        EventLoop least = loops.get(0);
        for (EventLoop loop : loops) {
            if (loop.load().get() < least.load().get()) {
                least = loop;
            }
        }
        return least;
    }

    /** One after the other, round and round: for work that may run anywhere. */
    public EventLoop next() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    /** What each has done and has to do. */
    List<EventLoopStats> stats() {
        return loops.stream().map(EventLoop::stats).toList();
    }

    @Override
    public Iterator<EventLoop> iterator() {
        return loops.iterator();
    }
}

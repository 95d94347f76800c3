package dev.tokioj.runtime;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a loop waits with, and where its tasks run: everything that runs must run on all four. */
public enum Combination {
    NIO_LOOP(Poller.Kind.NIO, Placement.LOOP),
    NIO_SHARED(Poller.Kind.NIO, Placement.SHARED),
    EPOLL_LOOP(Poller.Kind.EPOLL, Placement.LOOP),
    EPOLL_SHARED(Poller.Kind.EPOLL, Placement.SHARED);

    private final Poller.Kind poller;
    private final Placement placement;

    Combination(Poller.Kind poller, Placement placement) {
        this.poller = poller;
        this.placement = placement;
    }

    /** Those that this process can have; {@link OpenedTest} knows which these must be. */
    public static List<Combination> available() {
        return Arrays.stream(values())
                .filter(c -> c.poller != Poller.Kind.EPOLL || EpollPoller.isAvailable())
                .filter(c -> c.placement != Placement.LOOP || OnLoopThreads.unavailable() == null)
                .toList();
    }

    /** One for each poller: for what does not depend on where tasks run. */
    public static List<Combination> onePerPoller() {
        Set<Poller.Kind> seen = EnumSet.noneOf(Poller.Kind.class);
        return available().stream().filter(c -> seen.add(c.poller)).toList();
    }

    /** Each poller and each placement once, where there are two of both: for what takes long. */
    public static List<Combination> crosswise() {
        List<Combination> all = available();
        return all.size() == values().length ? List.of(NIO_SHARED, EPOLL_LOOP) : all;
    }

    /** What its loops wait with. */
    public Poller.Kind poller() {
        return poller;
    }

    /** Where its tasks run. */
    public Placement placement() {
        return placement;
    }

    /** Whether its tasks run on the loops. */
    public boolean onLoop() {
        return placement == Placement.LOOP;
    }

    /** A runtime of two loops of it. */
    public RuntimeConfig.Builder config() {
        return RuntimeConfig.builder().loops(2).poller(poller).placement(placement);
    }
}

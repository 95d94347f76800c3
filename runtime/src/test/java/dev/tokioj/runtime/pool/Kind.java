package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What a loop waits with, and where its tasks run: a pool must not care. */
enum Kind {
    NIO_LOOP(Poller.Kind.NIO, Placement.LOOP),
    NIO_SHARED(Poller.Kind.NIO, Placement.SHARED),
    EPOLL_LOOP(Poller.Kind.EPOLL, Placement.LOOP),
    EPOLL_SHARED(Poller.Kind.EPOLL, Placement.SHARED);

    private final Poller.Kind poller;
    private final Placement placement;

    Kind(Poller.Kind poller, Placement placement) {
        this.poller = poller;
        this.placement = placement;
    }

    /** Those that this process can have. */
    static List<Kind> available() {
        List<Kind> kinds = new ArrayList<>();
        for (Kind kind : values()) {
            try (AsyncRuntime runtime = AsyncRuntime.start(kind.config().build())) {
                if (runtime.placement() == kind.placement) {
                    kinds.add(kind);
                }
            } catch (IOException e) {
                if (kind.poller != Poller.Kind.EPOLL) {
                    throw new AssertionError(e);
                }
            }
        }
        return kinds;
    }

    RuntimeConfig.Builder config() {
        return RuntimeConfig.builder().loops(2).poller(poller).placement(placement);
    }

    /** Waits until it is so; fails after ten seconds. */
    @SuppressWarnings("ThreadPriorityCheck") // two cores, and those we wait for need them
    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("it did not come to pass in 10 s");
            }
            Thread.yield();
        }
    }
}

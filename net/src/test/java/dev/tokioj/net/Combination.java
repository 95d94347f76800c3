package dev.tokioj.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.ThrowingRunnable;
import java.io.IOException;
import java.time.Duration;

/** Both ways through the operating system, with tasks on the loop and on the JDK's scheduler. */
enum Combination {
    NIO_ON_LOOP(Poller.Kind.NIO, Placement.LOOP),
    NIO_SHARED(Poller.Kind.NIO, Placement.SHARED),
    LINUX_ON_LOOP(Poller.Kind.EPOLL, Placement.LOOP),
    LINUX_SHARED(Poller.Kind.EPOLL, Placement.SHARED);

    /** Longer than anything here takes, so that a hang is a failure with a name. */
    static final Duration BOUND = Duration.ofSeconds(60);

    private final Poller.Kind poller;
    private final Placement placement;

    Combination(Poller.Kind poller, Placement placement) {
        this.poller = poller;
        this.placement = placement;
    }

    Placement placement() {
        return placement;
    }

    AsyncRuntime start() throws IOException {
        return AsyncRuntime.start(RuntimeConfig.ioFocused()
                .name("test-" + name())
                .loops(2)
                .poller(poller)
                .placement(placement)
                .drainTimeout(Duration.ofSeconds(2))
                .build());
    }

    /** Runs the body in a task of this placement and waits for it. */
    void run(AsyncRuntime runtime, ThrowingRunnable body) throws Exception {
        runtime.spawn(SpawnOptions.DEFAULT.named("test").placement(placement), body)
                .join(BOUND);
    }
}

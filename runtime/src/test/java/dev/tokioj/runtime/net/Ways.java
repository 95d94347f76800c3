package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import java.io.IOException;
import java.util.List;

/** What loops wait with, and where tasks run: what parks on I/O must do so on all of them. */
record Ways(Poller.Kind poller, Placement placement) {
    /** Those that this process can have. */
    static List<Ways> all() {
        return Combination.available().stream()
                .map(c -> new Ways(c.poller(), c.placement()))
                .toList();
    }

    RuntimeConfig.Builder config() {
        return RuntimeConfig.builder().loops(2).poller(poller).placement(placement);
    }

    AsyncRuntime start() throws IOException {
        return AsyncRuntime.start(config().build());
    }
}

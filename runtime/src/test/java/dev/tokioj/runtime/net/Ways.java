package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What loops wait with, and where tasks run: what parks on I/O must do so on all of them. */
record Ways(Poller.Kind poller, Placement placement) {
    static List<Ways> all() {
        List<Ways> all = new ArrayList<>();
        for (Poller.Kind kind : UdpSocketTest.kinds()) {
            for (Placement placement : Placement.values()) {
                all.add(new Ways(kind, placement));
            }
        }
        return all;
    }

    RuntimeConfig.Builder config() {
        return RuntimeConfig.builder().loops(2).poller(poller).placement(placement);
    }

    AsyncRuntime start() throws IOException {
        return AsyncRuntime.start(config().build());
    }
}

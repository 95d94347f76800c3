package dev.tokioj.bench.compare;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import java.io.IOException;

/** What TokioJ's server and client are set to. Everything else is its default. */
final class Tokioj {
    /** What one stream may have unacknowledged: the other stacks hold as much as the window allows. */
    private static final int SEND_BUFFER = 4 << 20;

    private Tokioj() {}

    static Placement placement(Setup setup) {
        return setup.peer() == Peer.TOKIOJ_SHARED ? Placement.SHARED : Placement.LOOP;
    }

    /** One loop, for one core. */
    static AsyncRuntime runtime(Setup setup, String name) throws IOException {
        AsyncRuntime runtime = AsyncRuntime.start(RuntimeConfig.ioFocused()
                .name(name)
                .loops(1)
                .poller(setup.peer() == Peer.TOKIOJ_NIO ? Poller.Kind.NIO : Poller.Kind.EPOLL)
                .placement(placement(setup))
                .build());
        if (runtime.placement() != placement(setup)) {
            runtime.close();
            throw new IOException("tasks cannot run on the loop here");
        }
        return runtime;
    }

    static QuicConfig config(Setup setup) {
        return QuicConfig.builder()
                .sendBuffer(SEND_BUFFER)
                .maxDatagramSize(setup.datagramSize())
                .maxBidiStreams(Setup.MAX_STREAMS)
                .idleTimeout(Setup.IDLE_SECONDS * 1_000_000_000L)
                .build();
    }
}

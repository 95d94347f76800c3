package dev.tokioj.bench.compare;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.tls.CryptoProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

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

    /** Who does the handshake's crypto; its jar was copied beside the certificates' directory by the build. */
    static CryptoProvider crypto(Setup setup) throws IOException {
        String name = switch (setup.peer()) {
            case TOKIOJ_ACCP -> "accp";
            case TOKIOJ_CONSCRYPT -> "conscrypt";
            default -> "jdk";
        };
        if (name.equals("jdk")) {
            return CryptoProvider.JDK;
        }
        Path jar = setup.certificates().resolveSibling("crypto").resolve(name + ".jar");
        if (!Files.exists(jar)) {
            throw new IOException("there is no " + jar);
        }
        // For the life of the process: what it loads is used to the end.
        URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, Tokioj.class.getClassLoader());
        return CryptoProvider.named(name, loader, new SecureRandom());
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

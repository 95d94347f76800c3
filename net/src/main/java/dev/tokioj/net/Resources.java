package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.quic.connection.QuicEventListener;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.LoopGroup;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsServerConfig;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client or server stands on: a runtime, its own or another's, and log files. Any thread. */
final class Resources implements AutoCloseable {
    private final AsyncRuntime runtime;
    private final Ownership ownership;
    private final SecureRandom random = new SecureRandom();
    private final @Nullable QlogWriter qlog;
    private final @Nullable KeyLogFile keyLog;

    private enum Ownership {
        OWNED,
        BORROWED
    }

    private Resources(
            AsyncRuntime runtime, Ownership ownership, @Nullable QlogWriter qlog, @Nullable KeyLogFile keyLog) {
        this.runtime = runtime;
        this.ownership = ownership;
        this.qlog = qlog;
        this.keyLog = keyLog;
    }

    static Resources open(EndpointBuilder<?> builder, String name) throws IOException {
        QlogWriter qlog = null;
        KeyLogFile keyLog = null;
        try {
            qlog = builder.qlogDirectory == null ? null : QlogWriter.open(builder.qlogDirectory);
            keyLog = builder.keyLog == null ? null : KeyLogFile.open(builder.keyLog);
            AsyncRuntime borrowed = builder.runtime != null ? builder.runtime : AsyncRuntime.current();
            if (borrowed != null) {
                checkTransport(borrowed, builder.transport);
                borrowed.checkTimers(name);
                var _ = borrowed.loops().get(0).poller(); // throws where there is none
                return new Resources(borrowed, Ownership.BORROWED, qlog, keyLog);
            }
            AsyncRuntime own = AsyncRuntime.start(RuntimeConfig.ioFocused()
                    .name(name)
                    .loops(builder.loops != 0 ? builder.loops : builder.defaultLoops())
                    .poller(builder.transport.poller())
                    .placement(builder.tasks())
                    .drainTimeout(builder.closeTimeout)
                    .build());
            return new Resources(own, Ownership.OWNED, qlog, keyLog);
        } catch (IOException | RuntimeException e) {
            closeLogs(qlog, keyLog);
            throw e;
        }
    }

    private static void checkTransport(AsyncRuntime runtime, Transport wanted) {
        if (wanted != Transport.AUTO && runtime.config().poller() != wanted.poller()) {
            throw new IllegalArgumentException(
                    "transport " + wanted + " was asked for, but the runtime in use was started" + " with poller "
                            + runtime.config().poller() + ": choose it in RuntimeConfig.poller");
        }
    }

    AsyncRuntime runtime() {
        return runtime;
    }

    /**
     * The loops of a client or server that asked for so many; 0: all there are.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    List<EventLoop> loops(int wanted) {
        LoopGroup group = runtime.loops();
        int size = group.size();
        if (wanted > size) {
            throw new IllegalArgumentException(
                    "loops(" + wanted + ") was asked for, but the runtime in use was started with " + size
                            + ": choose it in RuntimeConfig.loops");
        }
        // Who does not need all begins with another each time, so that several share the loops.
        int first = group.next().index();
        List<EventLoop> loops = new ArrayList<>();
        for (int i = 0; i < (wanted == 0 ? size : wanted); i++) {
            loops.add(group.get((first + i) % size));
        }
        return List.copyOf(loops);
    }

    SecureRandom random() {
        return random;
    }

    /** The configuration with our listener in it, for the connections of one loop. */
    QuicConfig listening(QuicConfig config) {
        if (qlog == null) {
            return config;
        }
        QuicEventListener log = qlog.newListener(config);
        QuicEventListener other = config.listener();
        return config.toBuilder()
                .listener(other == null ? log : new Both(log, other))
                .build();
    }

    private record Both(QuicEventListener first, QuicEventListener second) implements QuicEventListener {
        @Override
        public void onEvent(long now, Connection connection, QuicEvent event) {
            first.onEvent(now, connection, event);
            second.onEvent(now, connection, event);
        }
    }

    TlsServerConfig complete(TlsServerConfig.Builder tls, EndpointBuilder<?> builder) {
        if (builder.cipherSuites != null) {
            tls.cipherSuites(builder.cipherSuites);
        }
        if (builder.groups != null) {
            tls.groups(builder.groups);
        }
        return tls.cryptoProvider(builder.cryptoProvider).keyLog(keyLog).build();
    }

    TlsClientConfig complete(TlsClientConfig.Builder tls, EndpointBuilder<?> builder) {
        if (builder.cipherSuites != null) {
            tls.cipherSuites(builder.cipherSuites);
        }
        if (builder.groups != null) {
            tls.groups(builder.groups);
        }
        return tls.cryptoProvider(builder.cryptoProvider).keyLog(keyLog).build();
    }

    @Override
    public void close() {
        if (ownership == Ownership.OWNED) {
            if (AsyncRuntime.current() == runtime) {
                // One of its own tasks closes it, and cannot wait for its own end.
                Thread.ofPlatform().name("tokioj-close").start(runtime::close);
            } else {
                runtime.close();
            }
        }
        closeLogs(qlog, keyLog);
    }

    private static void closeLogs(@Nullable QlogWriter qlog, @Nullable KeyLogFile keyLog) {
        if (qlog != null) {
            qlog.close();
        }
        if (keyLog != null) {
            keyLog.close();
        }
    }
}

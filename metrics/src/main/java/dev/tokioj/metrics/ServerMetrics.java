package dev.tokioj.metrics;

import dev.tokioj.net.Http3Server;
import dev.tokioj.net.LoopStats;
import dev.tokioj.net.QuicServer;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.EventLoop;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The figures of a server's loops ({@link LoopStats}) as meters, with the tags {@code port} and {@code loop}: gauge {@code
 * tokioj.server.connections}, counters {@code tokioj.server.accepted}, {@code tokioj.server.forwarded}, {@code
 * tokioj.server.forwards.dropped}. A reading asks the loops and waits for their answer, which is a turn away; one answer serves
 * the readings of 100 ms. Not from a callback of a loop. A server that does not answer has {@code NaN} connections.
 */
public final class ServerMetrics implements MeterBinder, AutoCloseable {
    /** Asks the server. */
    @FunctionalInterface
    private interface Source {
        List<LoopStats> loopStats() throws IOException;
    }

    private final Reading reading;
    private final Tags tags;
    private final Meters meters = new Meters();

    private ServerMetrics(Source source, int port, Tag... tags) {
        this.reading = new Reading(source);
        this.tags = Tags.of(tags).and("port", Integer.toString(port));
    }

    /** Of this server, with further tags. */
    public static ServerMetrics of(QuicServer server, Tag... tags) {
        return new ServerMetrics(server::loopStats, server.port(), tags);
    }

    /** Of this server, with further tags. */
    public static ServerMetrics of(Http3Server server, Tag... tags) {
        return new ServerMetrics(server::loopStats, server.port(), tags);
    }

    /** The last answer, for as long as it is fresh. */
    private static final class Reading {
        private static final long FRESH_NANOS = 100_000_000;

        private final Source source;
        private List<LoopStats> last = List.of();
        private long takenAt;
        private boolean taken;

        Reading(Source source) {
            this.source = source;
        }

        List<LoopStats> get() {
            // Before the lock: whoever holds it may wait for this very loop.
            EventLoop.checkMayBlock("reading a server's figures");
            return fresh(Clock.system().nanoTime());
        }

        private synchronized List<LoopStats> fresh(long now) {
            if (!taken || now - takenAt > FRESH_NANOS) {
                try {
                    last = source.loopStats();
                } catch (IOException e) {
                    // Interrupted, or the loop is gone: this reading says nothing.
                    last = List.of();
                }
                taken = true;
                takenAt = now;
            }
            return last;
        }

        ToDoubleFunction<Reading> of(int loop, ToDoubleFunction<LoopStats> figure) {
            return reading -> {
                List<LoopStats> stats = reading.get();
                return loop < stats.size() ? figure.applyAsDouble(stats.get(loop)) : Double.NaN;
            };
        }
    }

    /**
     * Registers the meters.
     *
     * @throws IllegalStateException if the server does not answer
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        int loops = reading.get().size();
        if (loops == 0) {
            throw new IllegalStateException("the server gives no figures");
        }
        for (int loop = 0; loop < loops; loop++) {
            Meters.Of<Reading> of = meters.new Of<>(registry, tags.and("loop", Integer.toString(loop)), reading);
            of.gauge(
                    "tokioj.server.connections",
                    "Connections that have not ended",
                    reading.of(loop, LoopStats::connections));
            of.counter("tokioj.server.accepted", "Connections accepted", reading.of(loop, LoopStats::accepted));
            of.counter(
                    "tokioj.server.forwarded",
                    "Datagrams sent on to another loop",
                    reading.of(loop, LoopStats::forwarded));
            of.counter(
                    "tokioj.server.forwards.dropped",
                    "Datagrams for another loop that it did not get",
                    reading.of(loop, LoopStats::forwardsDropped));
        }
    }

    /** Takes the meters out of the registries. */
    @Override
    public void close() {
        meters.remove();
    }
}

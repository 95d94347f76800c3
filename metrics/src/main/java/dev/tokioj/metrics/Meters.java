package dev.tokioj.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** The meters that one binder has registered, to be taken back. Any thread. */
final class Meters {
    private record Registered(MeterRegistry registry, Meter meter) {}

    private final Queue<Registered> registered = new ConcurrentLinkedQueue<>();

    /** Registers in one registry, under common tags, figures of one source, which the registry keeps alive. */
    final class Of<S> {
        private final MeterRegistry registry;
        private final Tags tags;
        private final S source;

        Of(MeterRegistry registry, Tags tags, S source) {
            this.registry = registry;
            this.tags = tags;
            this.source = source;
        }

        void counter(String name, String description, ToDoubleFunction<S> figure) {
            // The function keeps the source: a counter by itself holds it weakly.
            S kept = source;
            add(FunctionCounter.builder(name, kept, _ -> figure.applyAsDouble(kept))
                    .description(description)
                    .tags(tags)
                    .register(registry));
        }

        void gauge(String name, String description, ToDoubleFunction<S> figure, Tag... more) {
            add(Gauge.builder(name, source, figure)
                    .description(description)
                    .tags(tags.and(more))
                    .strongReference(true)
                    .register(registry));
        }

        void time(String name, String description, ToDoubleFunction<S> nanos, Tag... more) {
            S kept = source;
            add(TimeGauge.builder(name, kept, TimeUnit.NANOSECONDS, _ -> nanos.applyAsDouble(kept))
                    .description(description)
                    .tags(tags.and(more))
                    .register(registry));
        }

        void timer(String name, String description, ToLongFunction<S> count, ToDoubleFunction<S> nanos) {
            S kept = source;
            add(FunctionTimer.builder(
                            name,
                            kept,
                            _ -> count.applyAsLong(kept),
                            _ -> nanos.applyAsDouble(kept),
                            TimeUnit.NANOSECONDS)
                    .description(description)
                    .tags(tags)
                    .register(registry));
        }

        private void add(Meter meter) {
            registered.add(new Registered(registry, meter));
        }
    }

    /** Takes them out of their registries. */
    void remove() {
        for (Registered next = registered.poll(); next != null; next = registered.poll()) {
            next.registry.remove(next.meter);
        }
    }
}

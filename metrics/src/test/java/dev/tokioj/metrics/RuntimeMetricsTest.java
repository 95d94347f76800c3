package dev.tokioj.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Task;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class RuntimeMetricsTest {
    private static double counter(SimpleMeterRegistry registry, String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private static double gauge(SimpleMeterRegistry registry, String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    @ParameterizedTest
    @EnumSource(Placement.class)
    void aRuntimesFiguresAreItsMeters(Placement placement) throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        RuntimeConfig config = RuntimeConfig.builder()
                .name("measured")
                .loops(2)
                .placement(placement)
                .build();
        try (AsyncRuntime runtime = AsyncRuntime.start(config);
                RuntimeMetrics metrics = new RuntimeMetrics(runtime, Tag.of("service", "shop"))) {
            metrics.bindTo(registry);
            CountDownLatch release = new CountDownLatch(1);
            runtime.spawn("waits", () -> release.await());
            Task<?> failing = runtime.spawn(() -> {
                throw new IllegalStateException("meant to fail");
            });
            assertThrows(IllegalStateException.class, failing::join);
            while (runtime.liveTasks() > 1) {
                Thread.onSpinWait();
            }
            String[] tags = {"runtime", "measured", "service", "shop"};
            assertEquals(2, counter(registry, "tokioj.tasks.spawned", tags));
            assertEquals(1, counter(registry, "tokioj.tasks.completed", tags));
            assertEquals(1, counter(registry, "tokioj.tasks.failed", tags));
            assertEquals(1, gauge(registry, "tokioj.tasks.active", tags));
            release.countDown();
            while (runtime.liveTasks() > 0) {
                Thread.onSpinWait();
            }
            assertEquals(2, counter(registry, "tokioj.tasks.completed", tags));
            assertEquals(0, gauge(registry, "tokioj.tasks.active", tags));

            EventLoop loop = runtime.loops().get(1);
            CountDownLatch fired = new CountDownLatch(1);
            loop.execute(() -> {
                loop.newTimer(fired::countDown).arm(loop.now() + 1_000_000);
                throw new IllegalStateException("meant to fail");
            });
            fired.await();
            assertEquals(1, counter(registry, "tokioj.loop.timers", "loop", "1"));
            assertEquals(0, counter(registry, "tokioj.loop.timers", "loop", "0"));
            assertEquals(1, counter(registry, "tokioj.loop.unhandled", "loop", "1"));
            double lateness = registry.get("tokioj.loop.timer.lateness")
                    .tags("loop", "1", "quantile", "1")
                    .timeGauge()
                    .value(TimeUnit.NANOSECONDS);
            assertEquals((double) loop.stats().lateness().max().toNanos(), lateness, 1);
            assertTrue(registry.get("tokioj.loop.tick")
                            .tags("loop", "1")
                            .functionTimer()
                            .count()
                    > 0);
            assertTrue(registry.get("tokioj.loop.tick")
                            .tags("loop", "1")
                            .functionTimer()
                            .totalTime(TimeUnit.NANOSECONDS)
                    > 0);
            for (String priority : new String[] {"urgent", "normal", "background"}) {
                assertEquals(0, gauge(registry, "tokioj.loop.ready", "loop", "1", "priority", priority));
            }
        }
        assertEquals(0, registry.getMeters().size(), "close() takes them back");
    }
}

package dev.tokioj.metrics;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.EventLoopStats;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/**
 * The figures of a runtime ({@link dev.tokioj.runtime.RuntimeStats}) as meters, with the tag {@code runtime} (its name), and for
 * those of a loop {@code loop} (its index). Reading them stops no loop; a registry may ask as often as it likes. Any thread.
 *
 * <p>The registry keeps the runtime until {@link #close}: close this after the runtime, or its meters stand still.
 *
 * <ul>
 *   <li>counters {@code tokioj.tasks.spawned}, {@code .completed}, {@code .failed}, {@code .cancelled}, gauge {@code
 *       tokioj.tasks.active}, counter {@code tokioj.log.dropped};
 *   <li>of each loop: timer {@code tokioj.loop.tick} (turns and what they took, waiting not counted), counters {@code
 *       tokioj.loop.runs}, {@code .io.events}, {@code .timers}, {@code .callbacks}, {@code .sleeps}, {@code .unhandled}, {@code
 *       .stalls};
 *   <li>gauges {@code tokioj.loop.ready} (by {@code priority}), {@code tokioj.loop.mailbox}, {@code tokioj.loop.timers.armed}, and
 *       {@code tokioj.loop.timer.lateness} (by {@code quantile}: 0.5, 0.99, 1; since the loop's start).
 * </ul>
 */
public final class RuntimeMetrics implements MeterBinder, AutoCloseable {
    private final AsyncRuntime runtime;
    private final Tags tags;
    private final Meters meters = new Meters();

    /** Of this runtime, with further tags. */
    public RuntimeMetrics(AsyncRuntime runtime, Tag... tags) {
        this.runtime = runtime;
        this.tags = Tags.of(tags).and("runtime", runtime.config().name());
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters.Of<AsyncRuntime> all = meters.new Of<>(registry, tags, runtime);
        all.counter("tokioj.tasks.spawned", "Tasks admitted", r -> r.stats().tasksSpawned());
        all.counter(
                "tokioj.tasks.completed", "Tasks ended, however", r -> r.stats().tasksCompleted());
        all.counter(
                "tokioj.tasks.failed",
                "Tasks ended by an exception",
                r -> r.stats().tasksFailed());
        all.counter("tokioj.tasks.cancelled", "Tasks cancelled", r -> r.stats().tasksCancelled());
        all.gauge("tokioj.tasks.active", "Tasks that live", AsyncRuntime::liveTasks);
        all.counter(
                "tokioj.log.dropped",
                "Log lines of the loops that were dropped",
                r -> r.stats().logLinesDropped());
        for (EventLoop loop : runtime.loops()) {
            bindLoop(registry, loop);
        }
    }

    private void bindLoop(MeterRegistry registry, EventLoop loop) {
        Meters.Of<EventLoop> of = meters.new Of<>(registry, tags.and("loop", Integer.toString(loop.index())), loop);
        of.timer(
                "tokioj.loop.tick",
                "Turns, waiting not counted",
                l -> l.stats().totalTicks(),
                l -> l.stats().busy().toNanos());
        of.counter("tokioj.loop.runs", "Runs of tasks", figure(EventLoopStats::tasksProcessed));
        of.counter("tokioj.loop.io.events", "I/O handlers called", figure(EventLoopStats::ioEventsProcessed));
        of.counter("tokioj.loop.timers", "Timers fired", figure(EventLoopStats::timerEventsProcessed));
        of.counter("tokioj.loop.callbacks", "What came by the mailbox", figure(EventLoopStats::callbacks));
        of.counter("tokioj.loop.sleeps", "Turns in which the loop waited", EventLoop::sleeps);
        of.counter("tokioj.loop.unhandled", "Callbacks that threw", figure(EventLoopStats::unhandled));
        of.counter("tokioj.loop.stalls", "Turns beyond the stall threshold", figure(EventLoopStats::stalls));
        String ready = "Runs of tasks that are ready and wait";
        of.gauge("tokioj.loop.ready", ready, figure(EventLoopStats::urgentReady), Tag.of("priority", "urgent"));
        of.gauge("tokioj.loop.ready", ready, figure(EventLoopStats::normalReady), Tag.of("priority", "normal"));
        of.gauge("tokioj.loop.ready", ready, figure(EventLoopStats::backgroundReady), Tag.of("priority", "background"));
        of.gauge("tokioj.loop.mailbox", "Sent to the loop and not delivered", figure(EventLoopStats::mailbox));
        of.gauge("tokioj.loop.timers.armed", "Timers that will fire", figure(EventLoopStats::timersArmed));
        for (double quantile : new double[] {0.5, 0.99, 1}) {
            of.time(
                    "tokioj.loop.timer.lateness",
                    "How late timers fired",
                    l -> l.stats().lateness().quantile(quantile).toNanos(),
                    Tag.of("quantile", quantile == 1 ? "1" : Double.toString(quantile)));
        }
    }

    private static ToDoubleFunction<EventLoop> figure(ToDoubleFunction<EventLoopStats> of) {
        return loop -> of.applyAsDouble(loop.stats());
    }

    /** Takes the meters out of the registries. */
    @Override
    public void close() {
        meters.remove();
    }
}

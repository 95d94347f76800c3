package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RuntimeConfigTest {
    private static void refused(String setting, UnaryOperator<RuntimeConfig.Builder> change) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> change.apply(RuntimeConfig.builder()).build());
        assertTrue(String.valueOf(e.getMessage()).startsWith(setting + ": "), e.getMessage());
    }

    @Test
    void theMessageNamesTheSettingThatIsWrong() {
        refused("name", b -> b.name(" "));
        refused("loops", b -> b.loops(0));
        refused("loops", b -> b.loops(1025));
        refused("maxTasks", b -> b.maxTasks(0));
        refused("maxTasksPerTick", b -> b.maxTasksPerTick(0));
        refused("blockingThreads", b -> b.blockingThreads(0));
        refused("cpus", b -> b.cpus(List.of(0, -1)));
        refused("cpus", b -> b.cpus(List.of(1024)));
        refused("timerSlack", b -> b.timerSlack(Duration.ofNanos(-1)));
        refused("urgentReserve", b -> b.maxTasks(10).urgentReserve(10));
        refused("maxCallbacksPerTick", b -> b.maxCallbacksPerTick(0));
        refused("starvationShare", b -> b.starvationShare(0));
        refused("starvationShare", b -> b.starvationShare(51));
        refused("maxEventsPerPoll", b -> b.maxEventsPerPoll(0));
        refused("blockingQueue", b -> b.blockingQueue(0));
        refused("computeThreads", b -> b.computeThreads(0));
        refused("computeQueue", b -> b.computeQueue(0));
        refused("pollTimeout", b -> b.pollTimeout(Duration.ZERO));
        refused("spinBeforeSleep", b -> b.spinBeforeSleep(Duration.ofNanos(-1)));
        refused("stallThreshold", b -> b.stallThreshold(Duration.ofDays(366)));
        refused("drainTimeout", b -> b.drainTimeout(Duration.ofNanos(-1)));
        refused("cancelTimeout", b -> b.cancelTimeout(Duration.ZERO));
    }

    @Test
    void theMessageNamesTheSettingThatIsNull() {
        refused("name", b -> b.name(nothing()));
        refused("cpus", b -> b.cpus(nothing()));
        refused("cpus", b -> b.cpus(Arrays.asList(0, nothing())));
        refused("poller", b -> b.poller(nothing()));
        refused("placement", b -> b.placement(nothing()));
        refused("clock", b -> b.clock(nothing()));
        refused("timerSlack", b -> b.timerSlack(nothing()));
        refused("pollTimeout", b -> b.pollTimeout(nothing()));
        refused("spinBeforeSleep", b -> b.spinBeforeSleep(nothing()));
        refused("stallThreshold", b -> b.stallThreshold(nothing()));
        refused("drainTimeout", b -> b.drainTimeout(nothing()));
        refused("cancelTimeout", b -> b.cancelTimeout(nothing()));
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // as code without annotations may
    private static <T> T nothing() {
        return null;
    }

    private static void preset(RuntimeConfig config, int events, int pollMillis, int tasks) {
        assertEquals(events, config.maxEventsPerPoll());
        assertEquals(Duration.ofMillis(pollMillis), config.pollTimeout());
        assertEquals(tasks, config.maxTasksPerTick());
    }

    @Test
    void presetsAreWhatTheySay() {
        preset(RuntimeConfig.builder().build(), 1024, 10, 32);
        preset(RuntimeConfig.highPerf().build(), 2048, 1, 64);
        preset(RuntimeConfig.ioFocused().build(), 4096, 1, 64);
        assertTrue(RuntimeConfig.highPerf().build().spinBeforeSleep().isPositive());
        assertEquals(Duration.ZERO, RuntimeConfig.builder().build().spinBeforeSleep());
    }

    @Test
    void theFacadeRunsWithThePresets() throws Exception {
        Callable<RuntimeConfig> mine =
                () -> Objects.requireNonNull(AsyncRuntime.current()).config();
        preset(TokioJ.run(mine), 1024, 10, 32);
        preset(TokioJ.runHighPerf(mine), 2048, 1, 64);
        preset(TokioJ.runIoFocused(mine), 4096, 1, 64);
    }

    @Test
    void theReserveSuitsTheLimit() {
        assertEquals(1000, RuntimeConfig.builder().build().urgentReserve());
        assertEquals(2, RuntimeConfig.builder().maxTasks(32).build().urgentReserve());
        assertEquals(0, RuntimeConfig.builder().maxTasks(1).build().urgentReserve());
    }

    @Test
    void everySettingReachesTheRecord() {
        PausedClock clock = Clock.paused();
        RuntimeConfig config = RuntimeConfig.builder()
                .name("n")
                .loops(3)
                .cpus(List.of(0, 1))
                .poller(Poller.Kind.NIO)
                .timerSlack(Duration.ofNanos(4))
                .placement(Placement.SHARED)
                .enableIo(false)
                .enableTimers(false)
                .maxTasks(50)
                .urgentReserve(5)
                .maxTasksPerTick(6)
                .maxCallbacksPerTick(13)
                .starvationShare(14)
                .maxEventsPerPoll(15)
                .pollTimeout(Duration.ofMillis(7))
                .spinBeforeSleep(Duration.ofMillis(8))
                .stallThreshold(Duration.ofMillis(9))
                .blockingThreads(10)
                .blockingQueue(16)
                .computeThreads(17)
                .computeQueue(18)
                .drainTimeout(Duration.ofMillis(11))
                .cancelTimeout(Duration.ofMillis(12))
                .clock(clock)
                .build();
        assertEquals(
                new RuntimeConfig(
                        "n",
                        3,
                        List.of(0, 1),
                        Poller.Kind.NIO,
                        Duration.ofNanos(4),
                        Placement.SHARED,
                        false,
                        false,
                        50,
                        5,
                        6,
                        13,
                        14,
                        15,
                        Duration.ofMillis(7),
                        Duration.ofMillis(8),
                        Duration.ofMillis(9),
                        10,
                        16,
                        17,
                        18,
                        Duration.ofMillis(11),
                        Duration.ofMillis(12),
                        clock),
                config);
    }
}

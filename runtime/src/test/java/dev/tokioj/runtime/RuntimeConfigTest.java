package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
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
        refused("pollTimeout", b -> b.pollTimeout(Duration.ZERO));
        refused("spinBeforeSleep", b -> b.spinBeforeSleep(Duration.ofNanos(-1)));
        refused("stallThreshold", b -> b.stallThreshold(Duration.ofDays(366)));
        refused("drainTimeout", b -> b.drainTimeout(Duration.ofNanos(-1)));
        refused("cancelTimeout", b -> b.cancelTimeout(Duration.ZERO));
    }

    @Test
    void presetsDifferFromTheDefaultsInWhatTheyPromise() {
        RuntimeConfig defaults = RuntimeConfig.builder().build();
        assertTrue(RuntimeConfig.ioFocused().build().maxTasksPerTick() < defaults.maxTasksPerTick());
        assertTrue(RuntimeConfig.highPerf().build().maxTasksPerTick() > defaults.maxTasksPerTick());
        assertTrue(RuntimeConfig.highPerf().build().spinBeforeSleep().isPositive());
        assertEquals(Duration.ZERO, defaults.spinBeforeSleep());
    }

    @Test
    void everySettingReachesTheRecord() {
        PausedClock clock = Clock.paused();
        RuntimeConfig config = RuntimeConfig.builder()
                .name("n")
                .loops(3)
                .poller(Poller.Kind.NIO)
                .fineTimers(false)
                .placement(Placement.SHARED)
                .maxTasks(5)
                .maxTasksPerTick(6)
                .pollTimeout(Duration.ofMillis(7))
                .spinBeforeSleep(Duration.ofMillis(8))
                .stallThreshold(Duration.ofMillis(9))
                .blockingThreads(10)
                .drainTimeout(Duration.ofMillis(11))
                .cancelTimeout(Duration.ofMillis(12))
                .clock(clock)
                .build();
        assertEquals(
                new RuntimeConfig(
                        "n",
                        3,
                        Poller.Kind.NIO,
                        false,
                        Placement.SHARED,
                        5,
                        6,
                        Duration.ofMillis(7),
                        Duration.ofMillis(8),
                        Duration.ofMillis(9),
                        10,
                        Duration.ofMillis(11),
                        Duration.ofMillis(12),
                        clock),
                config);
    }
}

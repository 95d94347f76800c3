package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class IntervalTest {
    /** The example of {@link MissedTicks}: when the beats come, in tenths of a second. */
    private static List<Long> beats(MissedTicks missed) throws Exception {
        PausedClock clock = Clock.pausedAutoAdvance();
        RuntimeConfig config = RuntimeConfig.builder().loops(1).clock(clock).build();
        return TokioJ.run(config, () -> {
            List<Long> times = new ArrayList<>();
            Interval interval = TokioJ.interval(Duration.ofSeconds(1), missed);
            for (int i = 0; i < 5; i++) {
                interval.await();
                times.add(clock.nanoTime() / 100_000_000);
                if (i == 0) {
                    TokioJ.sleep(Duration.ofMillis(2500));
                }
            }
            return times;
        });
    }

    @Test
    void burstCatchesUp() throws Exception {
        assertEquals(List.of(10L, 35L, 35L, 40L, 50L), beats(MissedTicks.BURST));
    }

    @Test
    void delayMovesTheRhythm() throws Exception {
        assertEquals(List.of(10L, 35L, 45L, 55L, 65L), beats(MissedTicks.DELAY));
    }

    @Test
    void skipKeepsTheRhythm() throws Exception {
        assertEquals(List.of(10L, 35L, 40L, 50L, 60L), beats(MissedTicks.SKIP));
    }

    @ParameterizedTest
    @EnumSource
    void inTimeAllKeepTheRhythm(MissedTicks missed) throws Exception {
        PausedClock clock = Clock.pausedAutoAdvance();
        RuntimeConfig config = RuntimeConfig.builder().loops(1).clock(clock).build();
        long drift = TokioJ.run(config, () -> {
            long start = clock.nanoTime();
            Interval interval = TokioJ.interval(Duration.ofSeconds(1), missed);
            for (int i = 0; i < 200; i++) {
                assertEquals(1, interval.await());
            }
            return clock.nanoTime() - start - Duration.ofSeconds(200).toNanos();
        });
        assertEquals(0, drift / TimerWheel.TICK);
    }

    @Test
    void skipSaysHowManyBeatsOneStandsFor() throws Exception {
        PausedClock clock = Clock.paused();
        Interval interval = new Interval(clock, Duration.ofSeconds(1), MissedTicks.SKIP);
        clock.advance(Duration.ofMillis(3500));
        assertEquals(3, interval.await());
        clock.advance(Duration.ofMillis(500));
        assertEquals(1, interval.await());
        assertThrows(IllegalArgumentException.class, () -> TokioJ.interval(Duration.ZERO, MissedTicks.BURST));
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long a wait may be, asked without waiting. */
class LoopWaitTest {
    private static final long NEVER = Long.MAX_VALUE;

    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    LoopWaitTest() {}

    @BeforeEach
    void start() throws Exception {
        runtime = AsyncRuntime.start();
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private LoopWait waiting(Duration pollTimeout) {
        RuntimeConfig config = RuntimeConfig.builder()
                .pollTimeout(pollTimeout)
                .clock(Clock.paused())
                .build();
        return new LoopWait(runtime.loops().get(0), config, null);
    }

    private static long millis(LoopWait wait, long deadline) {
        return Duration.ofNanos(wait.timeout(deadline)).toMillis();
    }

    @Test
    void eachWaitInVainDoublesTheNextUpToThatOfAnIdleLoop() {
        LoopWait wait = waiting(Duration.ofMillis(2));
        for (int round = 0; round < 2; round++) {
            wait.turned(true);
            for (long expected : new long[] {2, 4, 8, 16, 32, 64, 128, 256, 500, 500}) {
                assertEquals(expected, millis(wait, NEVER));
                wait.waited();
                wait.turned(false);
            }
        }
    }

    @Test
    void aLongPollTimeoutIsNotCapped() {
        LoopWait wait = waiting(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) {
            assertEquals(Duration.ofHours(1).toMillis(), millis(wait, NEVER));
            wait.waited();
            wait.turned(false);
        }
    }

    @Test
    void aTimerEndsAWaitUnlessItsClockIsPaused() {
        LoopWait paused = waiting(Duration.ofSeconds(30));
        assertEquals(30_000, millis(paused, 5_000_000), "its advance wakes the loop");
        assertEquals(0, millis(paused, 0), "it is due");
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The second that is given to whoever may still ask; who asks and how is {@link SpawnTest}'s. */
@Timeout(30)
@Tag("once")
class UnhandledFailuresTest {
    @Test
    void whatNobodyAsksAfterIsCountedASecondLater() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start()) {
            Callable<Integer> failing = () -> {
                throw new IOException("meant to: this is logged");
            };
            long start = System.nanoTime();
            runtime.spawn("forgotten", failing);
            while (runtime.unhandledFailures() == 0) {
                LockSupport.parkNanos(1_000_000);
            }
            assertTrue(System.nanoTime() - start >= UnhandledFailures.GRACE_NANOS, "nobody was given the time to ask");
            assertEquals(1, runtime.unhandledFailures());
        }
    }
}

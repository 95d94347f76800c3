package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With the flags given: the fast ways are really taken, so that no suite silently tests less. */
@Tag("opened")
class OpenedTest {
    @Test
    void tasksRunOnLoops() throws Exception {
        assertNull(OnLoopThreads.unavailable());
        try (AsyncRuntime runtime = AsyncRuntime.start()) {
            assertEquals(Placement.LOOP, runtime.placement());
            assertTrue(runtime.spawn(() -> EventLoop.current() != null).join());
        }
    }
}

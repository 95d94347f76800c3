package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

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

    @Test
    @EnabledOnOs(OS.LINUX)
    void allCombinationsAreTested() {
        assertEquals(Arrays.asList(Combination.values()), List.copyOf(Combination.available()));
    }
}

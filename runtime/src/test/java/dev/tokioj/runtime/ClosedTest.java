package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Without any flag: the same API on the JDK's scheduler and selector. */
@Tag("closed")
class ClosedTest {
    @Test
    void tasksRunOnTheJdksSchedulerAndItSaysWhy() throws Exception {
        String why = OnLoopThreads.unavailable();
        assertNotNull(why);
        assertTrue(why.contains("--add-opens java.base/java.lang=dev.tokioj.runtime"), why);
        try (AsyncRuntime runtime = AsyncRuntime.start()) {
            assertEquals(Placement.SHARED, runtime.placement());
            Task<Boolean> task =
                    runtime.spawn(SpawnOptions.DEFAULT.placement(Placement.LOOP), () -> EventLoop.current() != null);
            assertFalse(task.join());
            assertEquals(Placement.SHARED, task.placement());
            assertNull(EventLoop.current());
        }
    }

    @Test
    void loopsWaitWithTheJdksSelector() throws Exception {
        assertFalse(EpollPoller.isAvailable());
        try (AsyncRuntime runtime = AsyncRuntime.start()) {
            assertTrue(runtime.loops().get(0).poller() instanceof NioPoller);
        }
        assertThrows(
                IOException.class,
                () -> AsyncRuntime.start(
                        RuntimeConfig.builder().poller(Poller.Kind.EPOLL).build()));
        assertEquals(List.of(Combination.NIO_SHARED), Combination.available());
    }
}

package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
class DumpSignalTest {
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theSignalPrintsTheTasks() throws Exception {
        CompletableFuture<String> printed = new CompletableFuture<>();
        PrintWriter out = new PrintWriter(new StringWriter()) {
            @Override
            public void flush() {
                printed.complete(out.toString());
            }
        };
        try (AsyncRuntime runtime = AsyncRuntime.start()) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            runtime.spawn("waits for the test", () -> {
                begun.countDown();
                release.await();
            });
            begun.await();
            assertTrue(DumpSignal.install(runtime, out));
            Process kill = new ProcessBuilder(
                            "kill",
                            "-" + DumpSignal.NAME,
                            Long.toString(ProcessHandle.current().pid()))
                    .inheritIO()
                    .start();
            assertEquals(0, kill.waitFor());
            String text = printed.get(20, TimeUnit.SECONDS);
            release.countDown();
            assertTrue(text.contains("'waits for the test' RUNNING"), text);
            assertTrue(text.contains("EventLoopStats[loop=-1, totalTicks="), text);
            assertTrue(text.contains(DumpSignalTest.class.getSimpleName()), text);
        }
    }
}

package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PerfCommandTest {
    /** Its server had the port for ever. */
    @Test
    @DisabledOnOs(OS.WINDOWS) // without SIGTERM
    void aSignalEndsItsServerToo(@TempDir Path directory) throws Exception {
        Process perf = ChildJvm.of(Main.class, "perf", "--seconds", "100", "--cert-dir", directory.toString(), "bulk")
                .start();
        Optional<ProcessHandle> server = Optional.empty();
        while (server.isEmpty() && perf.isAlive()) {
            server = perf.children().findFirst();
            Thread.onSpinWait();
        }
        ProcessHandle child = server.orElseThrow();
        try {
            perf.destroy();
            assertNotEquals(0, perf.waitFor());
            assertTrue(child.onExit().thenApply(_ -> true).get(60, TimeUnit.SECONDS));
        } finally {
            child.destroyForcibly();
        }
    }
}

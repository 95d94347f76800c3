package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PerfCommandTest {
    /** Also where the tests are started with modules, or with a jar that names the rest. */
    private static String classPath() {
        return Stream.of("surefire.test.class.path", "jdk.module.path", "java.class.path")
                .map(name -> System.getProperty(name, ""))
                .filter(path -> !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Its server had the port for ever. */
    @Test
    @DisabledOnOs(OS.WINDOWS) // without SIGTERM
    void aSignalEndsItsServerToo(@TempDir Path directory) throws Exception {
        Process perf = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath(),
                        Main.class.getName(),
                        "perf",
                        "--seconds",
                        "100",
                        "--cert-dir",
                        directory.toString(),
                        "bulk")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
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

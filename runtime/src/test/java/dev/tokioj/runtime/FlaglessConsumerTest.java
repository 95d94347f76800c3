package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A JVM of a user's, started as users start theirs. */
@Timeout(60)
@Tag("once")
class FlaglessConsumerTest {
    private static Path classes() {
        // Tests are patched into the module: its own place is that of the main classes.
        return Path.of(System.getProperty("basedir", "."), "target", "classes").toAbsolutePath();
    }

    private static Path testClasses() {
        return classes().resolveSibling("test-classes");
    }

    private static List<String> run(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx64m");
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join("\n", lines));
        return lines;
    }

    private static long count(List<String> lines, String part) {
        return lines.stream().filter(line -> line.contains(part)).count();
    }

    private static void onlyAdvises(List<String> lines, String module) {
        assertEquals(1, count(lines, "result 42 on SHARED"), String.join("\n", lines));
        assertEquals(1, count(lines, "--add-opens java.base/java.lang=" + module), String.join("\n", lines));
        assertEquals(0, count(lines, "WARNING:"), String.join("\n", lines));
        assertTrue(count(lines, "--enable-native-access=" + module) <= 1, String.join("\n", lines));
    }

    @Test
    void onTheClassPathItRunsWithAnAdviceAndNoWarning() throws Exception {
        onlyAdvises(
                run(List.of(
                        "-cp", classes() + File.pathSeparator + testClasses(), "dev.tokioj.runtime.FlaglessConsumer")),
                "ALL-UNNAMED");
    }

    @Test
    void onTheModulePathItRunsWithAnAdviceAndNoWarning() throws Exception {
        onlyAdvises(
                run(List.of(
                        "-p",
                        classes().toString(),
                        "--patch-module",
                        "dev.tokioj.runtime=" + testClasses(),
                        "-m",
                        "dev.tokioj.runtime/dev.tokioj.runtime.FlaglessConsumer")),
                "dev.tokioj.runtime");
    }

    /** The JDK's Flight Recorder may be missing: a runtime image has what somebody put in. */
    @Test
    void withoutTheFlightRecorderItRuns() throws Exception {
        onlyAdvises(
                run(List.of(
                        "--limit-modules",
                        "java.base,jdk.net",
                        "-cp",
                        classes() + File.pathSeparator + testClasses(),
                        "dev.tokioj.runtime.FlaglessConsumer")),
                "ALL-UNNAMED");
    }

    @Test
    void withTheFlagsItRunsOnLoopsSilently() throws Exception {
        List<String> lines = run(List.of(
                "--add-opens",
                "java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes() + File.pathSeparator + testClasses(),
                "dev.tokioj.runtime.FlaglessConsumer"));
        assertEquals(List.of("result 42 on LOOP"), lines);
    }
}

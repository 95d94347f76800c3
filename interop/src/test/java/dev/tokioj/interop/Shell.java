package dev.tokioj.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Our command as a shell starts it: its standard output goes to a file, byte for byte, and signals can be sent to it. */
final class Shell {
    private static final String PRELUDE = "out=$1; shift; echo \"pid $$\"; exec \"$@\" >\"$out\"";

    private Shell() {}

    /** The words that run our command, from where the build put it. */
    static List<String> command(String... arguments) {
        Path jar = Path.of("..", "apps", "cli", "target", "app", "tokioj.jar")
                .toAbsolutePath()
                .normalize();
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is not built: run these tests with 'mvn verify' from the root");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-jar");
        command.add(jar.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs it with its standard output in a file; the program's {@code output} is then the standard error. */
    static Program tokioj(Path directory, Path standardOutput, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", PRELUDE, "sh", standardOutput.toString()));
        command.addAll(command(arguments));
        return Program.start(directory, command);
    }

    /** Sends a signal to a program that {@link #tokioj} started. */
    static void signal(Program program, String name, Path directory) throws Exception {
        String pid = program.await("pid (\\d+)", 10);
        try (Program kill = Program.start(directory, List.of("kill", "-" + name, pid))) {
            kill.end(0, 10);
        }
    }

    /** The test goes on only where children can be interrupted: under nohup and its like, SIGINT stays ignored. */
    static void requireInterrupts(Path directory) throws Exception {
        try (Program probe = Program.start(directory, List.of("sh", "-c", "kill -INT $$; echo ignored"))) {
            probe.await("ignored", 10);
            Assumptions.abort("SIGINT is ignored by whoever started these tests");
        } catch (AssertionError e) {
            if (!String.valueOf(e.getMessage()).contains("did not print ignored")) {
                throw e;
            }
        }
    }
}

package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What bash completes with our script. */
final class CompletionCommandTest {
    @TempDir
    Path temporary;

    @ParameterizedTest
    @CsvSource({
        "tokioj se, serve",
        "tokioj get --tra, --transport",
        "tokioj get --transport N, NIO",
        "tokioj get --output N, ''",
        "tokioj perf up, upload",
        "tokioj perf -n 5 ha, handshakes",
        "tokioj help de, demo",
        "tokioj serve x, ''",
        "tokioj no-such-command x, ''"
    })
    void completes(String line, String expected) throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
        StringWriter script = new StringWriter();
        new CompletionCommand().run(new Console(new PrintWriter(script), new PrintWriter(script)));
        Path file = Files.writeString(temporary.resolve("completion"), script.toString());
        String program = "set -eu; . \"$0\"; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _tokioj;"
                + " printf '%s' \"${COMPREPLY[*]:-}\"";
        ProcessBuilder bash = new ProcessBuilder("/bin/bash", "-c", program, file.toString());
        bash.command().addAll(List.of(line.split(" ")));
        Process process = bash.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertEquals(expected, said);
    }
}

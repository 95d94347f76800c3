package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyLogFileTest {
    private static final int LINES = 10_000; // what the queue takes at once

    private static Set<Thread> writers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("tokioj-keylog"))
                .collect(Collectors.toSet());
    }

    @Test
    void whoeverIsInterruptedWhileItClosesLosesNoLine(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("keys");
        Set<Thread> before = writers();
        KeyLogFile log = KeyLogFile.open(file);
        Set<Thread> own = writers();
        own.removeAll(before);
        for (int i = 0; i < LINES; i++) {
            log.line("LABEL", new byte[32], new byte[48]);
        }
        Thread.currentThread().interrupt();
        log.close();
        assertTrue(Thread.interrupted());
        for (Thread writer : own) {
            assertTrue(writer.join(Duration.ofSeconds(20)));
        }
        assertEquals(LINES, Files.readAllLines(file).size());
    }
}

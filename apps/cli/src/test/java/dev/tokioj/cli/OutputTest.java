package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTest {
    private static void write(Output out, int content) throws Exception {
        out.write(new byte[] {(byte) content}, 0, 1);
    }

    private static List<String> names(Path directory) throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Test
    void whatIsNotWholeLeavesNothing(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("file");
        try (Output out = Output.file(file)) {
            write(out, 1);
            assertFalse(Files.exists(file));
        }
        assertEquals(List.of(), names(directory));
    }

    /** A second process may begin the same file while the first, which is done with it, closes its connection. */
    @Test
    void whoeverIsDoneLeavesTheNextOnesAlone(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("file");
        Output first = Output.file(file);
        write(first, 1);
        first.complete();
        try (Output second = Output.file(file)) {
            first.close();
            write(second, 2);
            second.complete();
        }
        assertArrayEquals(new byte[] {2}, Files.readAllBytes(file));
        assertEquals(List.of("file"), names(directory));
    }
}

package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of these tests in another JVM, on the class path, with the flags that are being tested. */
final class ChildJvm {
    private ChildJvm() {}

    /** What it printed, both streams together. */
    static String run(List<String> before, List<String> flags, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
        command.add(place(Poller.class) + ":" + place(ChildJvm.class));
        command.addAll(flags);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("tokioj-child", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the child hangs: " + Files.readString(output));
            }
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertEquals(0, process.exitValue(), text);
            return text;
        } finally {
            Files.delete(output);
        }
    }

    /** The directory this class was compiled to; tests are patched into the module, so the module does not tell. */
    private static Path place(Class<?> c) {
        String file = c.getName().replace('.', '/') + ".class";
        for (String directory : List.of("target/classes", "target/test-classes")) {
            Path root = Path.of(directory).toAbsolutePath();
            if (Files.exists(root.resolve(file))) {
                return root;
            }
        }
        throw new AssertionError("not compiled here: " + c);
    }
}

package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A program of ours or of a peer, run for a test: its output is kept, and it ends with the test. */
final class Program implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    /** Guarded by {@link #expectations}. */
    private final StringBuilder output = new StringBuilder();

    private final Thread reader;
    private final List<Expectation> expectations = new ArrayList<>();

    private record Expectation(Pattern pattern, CompletableFuture<Matcher> seen) {}

    private Program(List<String> command, Path directory) throws IOException {
        this.command = command;
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        process = builder.start();
        reader = Thread.ofPlatform()
                .daemon()
                .name("output of " + command.getFirst())
                .start(this::read);
    }

    /** Starts a program in a directory. */
    static Program start(Path directory, List<String> command) throws IOException {
        return new Program(command, directory);
    }

    /** Starts our command, from where the build put it. */
    static Program tokioj(Path directory, String... arguments) throws IOException {
        return tokioj(directory, List.of(), arguments);
    }

    /** The same, with more options for the JVM. */
    static Program tokioj(Path directory, List<String> jvmOptions, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx1g");
        command.addAll(jvmOptions);
        command.add("-jar");
        command.add(jar().toString());
        command.addAll(List.of(arguments));
        return start(directory, command);
    }

    /** {@code tokioj serve} with a site's files and certificate, at a free port, which it prints. */
    static Program serving(Site site, Path directory) throws IOException {
        return tokioj(
                directory,
                "serve",
                site.root.toString(),
                "--port",
                "0",
                "--cert",
                site.certificate.toString(),
                "--key",
                site.key.toString());
    }

    /** The port of a {@link #serving} one, once it serves. */
    String port() throws InterruptedException {
        return await("https://localhost:(\\d+)/", 30);
    }

    /** {@code tokioj get} of some of a site's files from a server at this address, each compared with the original. */
    static void fetch(Site site, Path directory, String address, int port, List<String> names) throws Exception {
        for (String name : names) {
            Path out = directory.resolve("got-" + name);
            Program get = tokioj(
                    directory,
                    "get",
                    "--cacert",
                    site.authority.toString(),
                    "--resolve",
                    "localhost=" + address,
                    "-o",
                    out.toString(),
                    "https://localhost:" + port + "/" + name);
            get.end(0, 60);
            site.assertFetched(name, out);
        }
    }

    private static Path jar() {
        Path jar = Path.of("..", "apps", "cli", "target", "app", "tokioj.jar")
                .toAbsolutePath()
                .normalize();
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is not built: run these tests with 'mvn verify' from the root");
        }
        return jar;
    }

    /** The test goes on only when a peer's program is on PATH; under CI=true its absence is a failure. */
    static void require(String name, String debianPackage) {
        boolean there = false;
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
            there |= !directory.isEmpty() && Files.isExecutable(Path.of(directory, name));
        }
        if (!there) {
            String message = name + " is not installed (Debian, Ubuntu: apt-get install " + debianPackage + ")";
            if ("true".equals(System.getenv("CI"))) {
                Assertions.fail(message);
            }
            Assumptions.abort(message);
        }
    }

    private void read() {
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (expectations) {
                    output.append(line).append('\n');
                    expectations.forEach(this::match);
                }
            }
        } catch (IOException e) {
            synchronized (expectations) {
                output.append("[reading the output failed: ").append(e).append("]\n");
            }
        }
        synchronized (expectations) {
            for (Expectation each : expectations) {
                each.seen.completeExceptionally(new AssertionError("ended before printing " + each.pattern));
            }
        }
    }

    private void match(Expectation expectation) {
        Matcher matcher = expectation.pattern.matcher(output);
        if (matcher.find()) {
            expectation.seen.complete(matcher);
        }
    }

    /** Waits until the output holds a pattern, and returns its first group. */
    String await(String pattern, int seconds) throws InterruptedException {
        Expectation expectation = new Expectation(Pattern.compile(pattern), new CompletableFuture<>());
        synchronized (expectations) {
            match(expectation);
            expectations.add(expectation);
            if (!reader.isAlive()) {
                expectation.seen.completeExceptionally(new AssertionError("ended before printing " + pattern));
            }
        }
        try {
            Matcher matcher = expectation.seen.get(seconds, TimeUnit.SECONDS);
            return matcher.groupCount() > 0 ? matcher.group(1) : matcher.group();
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(describe("did not print " + pattern + " in " + seconds + " s"), e);
        }
    }

    /** Waits for the end and checks the exit code; returns the output. */
    String end(int expectedCode, int seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(describe("did not end within " + seconds + " s"));
        }
        reader.join(TimeUnit.SECONDS.toMillis(10));
        assertEquals(expectedCode, process.exitValue(), () -> describe("ended with an unexpected code"));
        return output();
    }

    /** Asks it to stop, as Ctrl-C's cousin SIGTERM does. */
    void terminate() {
        process.destroy();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() {
        synchronized (expectations) {
            return output.toString();
        }
    }

    private String describe(String what) {
        return String.join(" ", command) + "\n" + what + "; its output:\n" + output();
    }

    @Override
    public void close() {
        process.destroy();
        if (process.onExit()
                .completeOnTimeout(process, 5, TimeUnit.SECONDS)
                .join()
                .isAlive()) {
            process.destroyForcibly().onExit().join();
        }
    }
}

package dev.tokioj.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Does once what people do often, in one process: serves, and fetches from it. {@code ./tokioj} runs it with
 * {@code -XX:AOTCacheOutput}: what was loaded and linked and how often it ran goes into the cache that later starts begin
 * with. Not in the help: it is of no use to people.
 */
final class TrainCommand implements Command {
    private static final Pattern PORT = Pattern.compile("UDP port (\\d+)");
    private static final int SMALL = 1_000;
    private static final int LARGE = 8_000_000;
    private static final int FETCHES = 5;
    private static final int SECONDS = 20;

    private final Syntax syntax =
            new Syntax("train", "Serve and fetch, for the cache that starts are made faster with.");
    private final Option<Path> directory = syntax.parameter(
            Kind.PATH, "DIR", "An empty directory for the files that this takes.", Option.Times.REQUIRED);

    @Override
    public Syntax syntax() {
        return syntax;
    }

    @Override
    public ExitCode run(Console console) throws Exception {
        Path here = directory.get();
        Path site = Files.createDirectories(here.resolve("site"));
        Files.write(site.resolve("small.txt"), new byte[SMALL]);
        Files.write(site.resolve("large.bin"), new byte[LARGE]);
        int port = serve(here, site, console);
        String origin = "https://localhost:" + port;
        String authority = here.resolve("localhost.crt.pem").toString();
        String out = here.resolve("out").toString();
        for (int i = 0; i < FETCHES; i++) {
            fetch(ExitCode.OK, "-o", out, "--cacert", authority, origin + "/small.txt");
        }
        // To the standard output, which goes where nobody reads it.
        fetch(ExitCode.OK, "--cacert", authority, origin + "/small.txt");
        fetch(ExitCode.OK, "-o", out, "--cacert", authority, origin + "/large.bin");
        fetch(ExitCode.OK, "-o", out, "--cacert", authority, "--transport", "NIO", origin + "/small.txt");
        // The JDK's own authorities do not know us; what counts is that they were read.
        fetch(ExitCode.CERTIFICATE, "-o", out, origin + "/small.txt");
        fetch(ExitCode.HTTP_STATUS, "-o", out, "--insecure", origin + "/nothing-here");
        return ExitCode.OK;
    }

    /** Serves until the process ends; returns the port. */
    private static int serve(Path certificates, Path site, Console console) throws Exception {
        Announcement announcement = new Announcement();
        Thread.ofPlatform().daemon().name("serve").start(() -> {
            int code = Main.run(
                    new Console(new PrintWriter(announcement), console.err()),
                    "serve",
                    "--port",
                    "0",
                    "--cert-dir",
                    certificates.toString(),
                    site.toString());
            announcement.port.completeExceptionally(new IOException("serve ended with code " + code));
        });
        return announcement.port.get(SECONDS, TimeUnit.SECONDS);
    }

    private static void fetch(ExitCode expected, String... arguments) throws Failure.Exit {
        List<String> words = new ArrayList<>(List.of("get"));
        words.addAll(List.of(arguments));
        StringWriter said = new StringWriter();
        PrintWriter both = new PrintWriter(said);
        int code = Main.run(new Console(both, both), words.toArray(String[]::new));
        if (code != expected.code()) {
            throw new Failure.Exit(ExitCode.MISMATCH, words + " ended with code " + code + ": " + said);
        }
    }

    /** What a server prints, read for its port. */
    private static final class Announcement extends Writer {
        private final StringBuilder said = new StringBuilder();
        private final CompletableFuture<Integer> port = new CompletableFuture<>();

        @Override
        public void write(char[] chars, int off, int len) {
            said.append(chars, off, len);
        }

        /** Lines are whole when they are flushed. */
        @Override
        public void flush() {
            Matcher matcher = PORT.matcher(said);
            if (!port.isDone() && matcher.find()) {
                port.complete(Integer.valueOf(matcher.group(1)));
            }
            said.setLength(0);
        }

        @Override
        public void close() {
            flush();
        }
    }
}

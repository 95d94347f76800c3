package dev.tokioj.bench.compare;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process that is one side of a measurement, seen by the one who conducts it. Ends with it. One thread. */
final class Side {
    private static final String ENDED = "failed the process ended";
    private static final int LINES_OF_LOG = 5;

    private final Process process;
    private final BufferedWriter commands;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Path log;

    /** Starts it on a core; negative: on any. What it says on standard error goes to the log. */
    Side(List<String> command, int core, Path log) throws IOException {
        this.log = log;
        List<String> pinned = new ArrayList<>();
        if (core >= 0) {
            pinned.addAll(List.of("taskset", "-c", Integer.toString(core)));
        }
        pinned.addAll(command);
        process = new ProcessBuilder(pinned)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroyForcibly));
        commands = process.outputWriter();
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
            lines.add(ENDED);
        } catch (IOException e) {
            lines.add(ENDED + ": " + e);
        }
    }

    void tell(String command) throws PeerFailure {
        try {
            commands.write(command);
            commands.newLine();
            commands.flush();
        } catch (IOException e) {
            throw failure("the process ended: " + e.getMessage());
        }
    }

    /**
     * Waits for the next line, which must begin with this word.
     *
     * @return the words after it
     */
    String[] await(String word, Duration patience) throws PeerFailure, InterruptedException {
        String line = lines.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (line == null) {
            throw failure("no \"" + word + "\" within " + patience.toSeconds() + " s: stalled");
        }
        if (line.startsWith("failed ")) {
            throw failure(line.substring("failed ".length()));
        }
        String[] words = line.split(" ");
        if (!words[0].equals(word)) {
            throw failure("it said \"" + line + "\" and not \"" + word + "\"");
        }
        return List.of(words).subList(1, words.length).toArray(String[]::new);
    }

    private PeerFailure failure(String reason) {
        StringBuilder text = new StringBuilder(reason);
        try {
            List<String> said = Files.readAllLines(log);
            for (String line : said.subList(Math.max(0, said.size() - LINES_OF_LOG), said.size())) {
                text.append("\n      ").append(line);
            }
        } catch (IOException e) {
            text.append(" (its log cannot be read: ").append(e.getMessage()).append(')');
        }
        return new PeerFailure(text.toString());
    }

    /** CPU time of the whole process so far: its collector and compiler too. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    long pid() {
        return process.pid();
    }

    /** Ends the process, whatever it is doing. */
    void end() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }
}

package dev.tokioj.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Conducts the comparison: see {@link Options#USAGE}. */
public final class Compare {
    private static final int SOME_MISSING = 1;
    private static final int TOKIOJ_MISSING = 2;
    private static final int USAGE = 64;

    private final Options options;
    private final Path directory;
    private final Cores cores;

    private Compare(Options options, Path directory) throws IOException {
        this.options = options;
        this.directory = directory;
        this.cores = Cores.allowed();
    }

    /** The first argument is a directory for logs and certificates. */
    public static void main(String[] args) throws Exception {
        String[] rest = List.of(args).subList(1, args.length).toArray(String[]::new);
        String answer = Options.stopping(rest);
        if (answer != null) {
            IO.print(answer);
            return;
        }
        Options options;
        try {
            options = Options.parse(rest);
        } catch (IllegalArgumentException e) {
            System.err.println("compare: " + e.getMessage() + " (see --help)");
            System.exit(USAGE);
            return;
        }
        Path directory = Path.of(args[0]);
        Files.createDirectories(directory);
        Certificates.make(directory);
        System.exit(new Compare(options, directory).run());
    }

    private static void say(String line) {
        System.err.println(line);
    }

    private int run() throws InterruptedException {
        say("JVM " + System.getProperty("java.vm.version") + ", " + cores.said() + ", UDP payload "
                + options.datagramSize()
                + " bytes, " + options.group() + ", TLS_AES_128_GCM_SHA256, JVM flags for all: "
                + String.join(" ", Launch.JVM_FLAGS));
        List<Row> all = new ArrayList<>();
        Set<Case> cases = options.cases();
        for (Case what : cases) {
            switch (what) {
                case BULK, UPLOAD, REQUESTS, REQUESTS_1000, LATENCY, HANDSHAKES -> all.addAll(measure(what));
                // One after the other, each with both cases in one pair of processes.
                case IDLE -> all.addAll(measureMany());
                case MANY -> all.addAll(cases.contains(Case.IDLE) ? List.of() : measureMany());
            }
        }
        int code = 0;
        for (Row row : all) {
            if (!row.measured()) {
                code = Math.max(code, row.peer().kind == Peer.Kind.TOKIOJ ? TOKIOJ_MISSING : SOME_MISSING);
            }
        }
        return code;
    }

    private List<Row> measure(Case what) throws InterruptedException {
        List<Measurement> measurements = new ArrayList<>();
        try {
            for (Peer peer : options.peers()) {
                if (peer.cases().contains(what)) {
                    say(what.title() + ": " + peer.title() + " starts, is checked and warmed up");
                    Launch launch = new Launch(what, peer, options, directory, cores);
                    Measurement measurement =
                            peer == Peer.NGTCP2 ? new Ngtcp2Measurement(launch) : new PairMeasurement(launch);
                    measurements.add(measurement);
                    measurement.start();
                }
            }
            for (int round = 1; round <= options.rounds(); round++) {
                for (Measurement measurement : measurements) {
                    measurement.sample();
                }
                say(what.title() + ": round " + round + " of " + options.rounds() + ":" + latest(measurements));
            }
        } finally {
            for (Measurement measurement : measurements) {
                measurement.end();
            }
        }
        List<Row> rows =
                measurements.stream().flatMap(each -> each.rows().stream()).toList();
        print(what, rows);
        return rows;
    }

    private List<Row> measureMany() throws InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Peer peer : options.peers()) {
            if (peer.cases().contains(Case.MANY)) {
                say("idle and many: " + peer.title() + ", with JVM flags " + String.join(" ", Launch.LARGE_JVM_FLAGS));
                Launch launch = new Launch(Case.MANY, peer, options, directory, cores);
                Measurement measurement = new ManyMeasurement(launch, options.cases());
                measurement.start();
                rows.addAll(measurement.rows());
            }
        }
        for (Case what : List.of(Case.IDLE, Case.MANY)) {
            if (options.cases().contains(what)) {
                print(what, rows.stream().filter(row -> row.what() == what).toList());
            }
        }
        return rows;
    }

    private static String latest(List<Measurement> measurements) {
        StringBuilder text = new StringBuilder();
        for (Measurement measurement : measurements) {
            Row row = measurement.rows().getFirst();
            if (row.measured()) {
                text.append(String.format(
                        Locale.ROOT,
                        " %s %.1f",
                        row.peer().title(),
                        row.samples().getLast().value()));
            }
        }
        return text.toString();
    }

    private void print(Case what, List<Row> rows) {
        @Nullable Row tokioj = rows.stream()
                .filter(row -> row.peer() == Peer.TOKIOJ)
                .findFirst()
                .orElse(null);
        if (options.json()) {
            rows.forEach(row -> IO.println(row.json()));
        } else {
            IO.println();
            IO.println(Row.heading(what));
            rows.forEach(row -> IO.println(row.line(tokioj)));
            IO.println("(" + (what.cpuUnit.isEmpty() ? "" : "cpu in " + what.cpuUnit + "; ")
                    + what.better.name().toLowerCase(Locale.ROOT) + " is better; ratio and range of the values)");
        }
        for (Row row : rows) {
            if (!row.measured()) {
                say(row.peer().title() + ": not measured: " + row.failure());
            }
        }
    }

    /** How long a process may take to start, or for what does not depend on the options. */
    static final Duration PATIENCE = Duration.ofSeconds(30);
}

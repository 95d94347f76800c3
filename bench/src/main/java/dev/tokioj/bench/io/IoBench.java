package dev.tokioj.bench.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * TCP echo of 64 bytes over 1 and 1,000 connections, and UDP ping-pong: TokioJ, Netty with its native epoll, and virtual threads with
 * the JDK's blocking sockets. Server and client are processes of their own, on a core each; rounds alternate between the servers, and
 * medians are printed. The server's processor time a message tells what the client's own limit would hide.
 */
public final class IoBench {
    private static final List<String> PEERS = List.of("tokioj", "netty", "jdk");

    /** What one round gave. */
    private record Result(double rate, double p50, double p99, double cpu) {}

    private final Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    private final boolean pinned = Files.isExecutable(Path.of("/usr/bin/taskset"));
    private List<String> cases = List.of("tcp-1", "tcp-1000", "udp");
    private List<String> peers = PEERS;
    private int rounds = 5;
    private double warmUp = 4;
    private double seconds = 3;

    private IoBench() {}

    /** Runs the comparison; see {@code bench/io --help}. */
    public static void main(String[] args) throws Exception {
        IoBench bench = new IoBench();
        List<String> named = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--rounds" -> bench.rounds = Integer.parseInt(args[++i]);
                case "--seconds" -> bench.seconds = Double.parseDouble(args[++i]);
                case "--warm-up" -> bench.warmUp = Double.parseDouble(args[++i]);
                case "--peers" -> bench.peers = List.of(args[++i].split(","));
                default -> named.add(args[i]);
            }
        }
        if (!named.isEmpty()) {
            bench.cases = named;
        }
        bench.run();
    }

    private void run() throws IOException, InterruptedException {
        System.out.println(
                pinned
                        ? "server on core 0, client on core 1; medians of " + rounds + " rounds of " + seconds + " s"
                        : "sides NOT PINNED to cores (that needs Linux and taskset)");
        System.out.printf(
                Locale.ROOT,
                "%-9s %-7s %12s %9s %9s %16s%n",
                "case",
                "server",
                "messages/s",
                "p50 us",
                "p99 us",
                "server CPU us/msg");
        for (String what : cases) {
            Map<String, List<Result>> results = new TreeMap<>();
            for (int round = 0; round < rounds; round++) {
                for (String peer : peers) {
                    results.computeIfAbsent(peer, p -> new ArrayList<>()).add(once(what, peer));
                }
            }
            for (String peer : peers) {
                print(what, peer, results.getOrDefault(peer, List.of()));
            }
        }
    }

    private static void print(String what, String peer, List<Result> all) {
        System.out.printf(
                Locale.ROOT,
                "%-9s %-7s %12.0f %9.1f %9.1f %16.2f%n",
                what,
                peer,
                median(all.stream().mapToDouble(Result::rate).toArray()),
                median(all.stream().mapToDouble(Result::p50).toArray()),
                median(all.stream().mapToDouble(Result::p99).toArray()),
                median(all.stream().mapToDouble(Result::cpu).toArray()));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private Result once(String what, String peer) throws IOException, InterruptedException {
        String protocol = what.startsWith("tcp") ? "tcp" : "udp";
        String connections = what.contains("-") ? what.substring(what.indexOf('-') + 1) : "1";
        Process server = start("0", EchoServer.class, peer, protocol);
        try {
            String port = line(server);
            Process client = start(
                    "1",
                    EchoLoad.class,
                    protocol,
                    port,
                    connections,
                    Double.toString(warmUp),
                    Double.toString(seconds));
            try {
                String[] figures = line(client).split(" ");
                double rate = Double.parseDouble(figures[0]);
                // All of the server's life: its start, its warm-up, and the measured time at one rate.
                Duration cpu = server.info().totalCpuDuration().orElse(Duration.ZERO);
                return new Result(
                        rate,
                        Double.parseDouble(figures[1]),
                        Double.parseDouble(figures[2]),
                        cpu.toNanos() / 1e3 / (rate * (seconds + warmUp)));
            } finally {
                client.destroyForcibly();
            }
        } finally {
            server.destroy();
            if (!server.waitFor(5, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
    }

    private Process start(String core, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (pinned) {
            command.addAll(List.of("taskset", "-c", core));
        }
        command.addAll(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xms512m",
                "-Xmx512m",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String line(Process process) throws IOException {
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        String line = said.readLine();
        if (line == null) {
            throw new IOException("a process ended without its figures");
        }
        return line;
    }
}

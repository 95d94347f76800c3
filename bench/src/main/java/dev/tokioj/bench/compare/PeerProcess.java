package dev.tokioj.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;

/**
 * One side of a measurement: {@code server} or {@code client}, then the words of a {@link Setup}. It takes commands from
 * standard input, answers on standard output, and ends when the input does, so that it never outlives who started it.
 */
final class PeerProcess {
    private PeerProcess() {}

    /** See the class. */
    public static void main(String[] args) throws Exception {
        Setup setup = Setup.parse(args);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            switch (args[0]) {
                case "server" -> serve(setup, commands);
                case "client" -> ask(setup, commands);
                default -> throw new IllegalArgumentException(args[0]);
            }
        } catch (Exception e) {
            e.printStackTrace();
            say("failed " + firstLine(e));
        }
        System.exit(0); // threads of a stack that failed need not be waited for
    }

    private static String firstLine(Throwable e) {
        return e.toString().lines().findFirst().orElse("");
    }

    private static void say(String line) {
        IO.println(line);
    }

    private static void serve(Setup setup, BufferedReader commands) throws Exception {
        try (Serving server = server(setup)) {
            say("ready " + server.port());
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                switch (line) {
                    case "memory" -> say("memory " + heapAfterCollection() + " " + residentBytes());
                    case "compiled" -> say("compiled " + compilationMillis());
                    default -> throw new IllegalArgumentException(line);
                }
            }
        }
    }

    private static void ask(Setup setup, BufferedReader commands) throws Exception {
        try (Asking client = client(setup)) {
            say("ready");
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                if (line.equals("compiled")) {
                    say("compiled " + compilationMillis());
                    continue;
                }
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "verify" -> client.verify(Integer.parseInt(words[1]));
                    case "open" -> client.open(Integer.parseInt(words[1]));
                    case "ask" -> client.askEach();
                    case "run" ->
                        run(client, Case.valueOf(words[1]), Double.parseDouble(words[2]), Double.parseDouble(words[3]));
                    default -> throw new IllegalArgumentException(line);
                }
                say("done");
            }
        }
    }

    /** What the JIT compilers have taken so far. */
    private static long compilationMillis() {
        return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
    }

    private static long heapAfterCollection() {
        System.gc();
        System.gc(); // what the first one's cleaners let go
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("no VmRSS in /proc/self/status");
    }

    /** Warms up, measures between the words "begin" and "end", stops. */
    private static void run(Asking client, Case what, double warmUp, double seconds) throws Exception {
        Progress progress = new Progress();
        Asking.Work work = client.start(what, progress);
        progress.await(warmUp);
        progress.measure();
        say("begin");
        long begin = System.nanoTime();
        long before = progress.done();
        progress.await(seconds);
        long count = progress.done() - before;
        long nanos = System.nanoTime() - begin;
        Latencies latencies = progress.latencies();
        say("end " + count + " " + nanos);
        progress.stop();
        if (count == 0) {
            throw new IOException("stalled: nothing passed in " + seconds + " s");
        }
        try {
            work.finish();
        } catch (TimeoutException e) {
            throw new IOException("stalled: what was under way did not end when it was told to", e);
        }
        say("latency " + latencies.quantile(0.5) + " " + latencies.quantile(0.99) + " " + latencies.quantile(0.999));
    }

    private static Serving server(Setup setup) throws Exception {
        return switch (setup.peer().kind) {
            case TOKIOJ -> new TokiojServer(setup);
            case NETTY -> new NettyServer(setup);
            case KWIK -> new KwikServer(setup);
            case CEILING -> new CeilingServer(setup);
            case NGTCP2 -> throw new IllegalArgumentException("ngtcp2 runs its own programs");
        };
    }

    private static Asking client(Setup setup) throws Exception {
        return switch (setup.peer().kind) {
            case TOKIOJ -> new TokiojClient(setup);
            case NETTY -> new NettyClient(setup);
            case KWIK -> new KwikClient(setup);
            case CEILING -> new CeilingClient(setup);
            case NGTCP2 -> throw new IllegalArgumentException("ngtcp2 runs its own programs");
        };
    }
}

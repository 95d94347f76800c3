package dev.tokioj.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

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
            if (commands.readLine() != null) {
                throw new IOException("a server takes no commands");
            }
        }
    }

    private static void ask(Setup setup, BufferedReader commands) throws Exception {
        try (Asking client = client(setup)) {
            say("ready");
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "verify" -> client.verify(Integer.parseInt(words[1]));
                    case "run" ->
                        run(client, Case.valueOf(words[1]), Double.parseDouble(words[2]), Double.parseDouble(words[3]));
                    default -> throw new IllegalArgumentException(line);
                }
                say("done");
            }
        }
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
        work.finish();
        say("latency " + latencies.quantile(0.5) + " " + latencies.quantile(0.99) + " " + latencies.quantile(0.999));
    }

    private static Serving server(Setup setup) throws Exception {
        return switch (setup.peer().kind) {
            case TOKIOJ -> new TokiojServer(setup);
            case NETTY -> new NettyServer(setup);
            case CEILING -> new CeilingServer(setup);
        };
    }

    private static Asking client(Setup setup) throws Exception {
        return switch (setup.peer().kind) {
            case TOKIOJ -> new TokiojClient(setup);
            case NETTY -> new NettyClient(setup);
            case CEILING -> new CeilingClient(setup);
        };
    }
}

package dev.tokioj.cli;

import dev.tokioj.net.ClientBuilder;
import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Measures transfers, requests and handshakes. */
final class PerfCommand implements Command {
    private static final int MOST_AT_ONCE = 1_000_000;

    /** What can be measured. */
    enum Case {
        bulk,
        upload,
        requests,
        handshakes,
        /** Handshakes, one at a time: alone, and then while a saturating transfer goes each way. */
        underbulk
    }

    private static final List<Case> COMMON = List.of(Case.bulk, Case.upload, Case.requests, Case.handshakes);

    private final Syntax syntax = new Syntax("perf", """
            Measure QUIC between two processes on this machine, or against another one.

              tokioj perf                            four cases, with its own server process
              tokioj perf --serve                    the server's side alone
              tokioj perf --connect HOST:PORT bulk   against a server elsewhere

            CPU is that of the whole JVM: garbage collection and compilation too.
            """);
    private final Option<Case> cases = syntax.parameter(
            Kind.of(Case.class), "CASE", "What to measure (default: all but underbulk)", Option.Times.REPEATED);
    private final Option<Double> seconds = syntax.option(
                    Kind.DECIMAL, "SECONDS", "How long each case is measured", "-t", "--seconds")
            .otherwise(5.0);
    private final Option<Integer> parallel = syntax.option(
            Kind.whole(1, MOST_AT_ONCE),
            "N",
            "Requests at a time, 100 by default, and handshakes at a time, 32 by default.",
            "-n",
            "--parallel");
    private final Option<Integer> connections = syntax.option(
                    Kind.whole(1, MOST_AT_ONCE),
                    "N",
                    "Connections that bulk and upload use, each with one stream",
                    "-c",
                    "--connections")
            .otherwise(1);
    private final Option<Boolean> json = syntax.flag("Print one JSON object a line.", "--json");
    private final Option<Boolean> serve = syntax.flag("Be the server.", "--serve");
    private final Option<String> target =
            syntax.option(Kind.TEXT, "HOST:PORT", "Measure against this server.", "--connect");
    private final Listening listening = new Listening(syntax, Listening.DEFAULT_PORT);
    private final Trusting trusting = new Trusting(syntax);
    private final Connecting connecting = new Connecting(syntax);

    @Override
    public Syntax syntax() {
        return syntax;
    }

    @Override
    public ExitCode run(Console console) throws Exception {
        String server = target.value();
        if (serve.get()) {
            serve(console.out());
        } else if (server != null) {
            measure(HostPort.of(server), trusting::apply, console.out());
        } else {
            measureAgainstChild(console.out());
        }
        return ExitCode.OK;
    }

    private void serve(PrintWriter out) throws Exception {
        Listening.Credentials credentials = listening.credentials();
        QuicServer.Builder builder = QuicServer.builder();
        connecting.apply(builder);
        listening.apply(builder);
        builder.alpn(PerfProtocol.ALPN).identity(credentials.identity()).onConnection(PerfProtocol::serve);
        for (InetSocketAddress address : Ports.same(listening.addresses(credentials.development()))) {
            builder.bind(address);
        }
        try (QuicServer server = builder.start()) {
            Shutdown.drainOnSignal(
                    server::close,
                    () -> {
                        out.println("perf server on UDP port " + server.port() + ", certificate "
                                + credentials.certificate());
                        out.flush();
                    },
                    server::join);
        }
    }

    private void measureAgainstChild(PrintWriter out) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("perf", "--serve", "--port", "0"));
        arguments.addAll(connecting.words());
        arguments.addAll(listening.words());
        List<String> command = OwnProcess.command(arguments.toArray(String[]::new));
        OwnProcess.endChildrenWithUs();
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            if (line == null) {
                throw new IOException("the server process ended at once, with code " + child.waitFor());
            }
            int port = Integer.parseInt(line.replaceAll(".*UDP port (\\d+),.*", "$1"));
            Path own = Path.of(line.substring(line.indexOf("certificate ") + "certificate ".length()));
            measure(new HostPort("localhost", port), builder -> builder.trust(own), out);
        } finally {
            child.destroy();
            child.waitFor();
        }
    }

    private void measure(HostPort server, Consumer<ClientBuilder<?>> trust, PrintWriter out) throws Exception {
        QuicClient.Builder builder = QuicClient.builder();
        connecting.apply(builder);
        trust.accept(builder);
        List<Case> wanted = cases.isGiven() ? cases.values() : COMMON;
        Duration duration = Duration.ofNanos((long) (seconds.get() * 1e9));
        Integer loops = listening.loops();
        if (loops != null) {
            builder.loops(loops);
        }
        builder.alpn(PerfProtocol.ALPN);
        for (Case each : wanted) {
            List<PerfResult> results;
            try (QuicClient client = builder.build()) {
                PerfClient measuring = new PerfClient(client, server, duration, atOnce(each), connections.get());
                results = switch (each) {
                    case bulk -> List.of(measuring.bulk());
                    case upload -> List.of(measuring.upload());
                    case requests -> List.of(measuring.requests());
                    case handshakes -> List.of(measuring.handshakes());
                    case underbulk -> underBulk(measuring, builder);
                };
            }
            for (PerfResult result : results) {
                out.println(json.get() ? result.json() : result.line());
            }
            out.flush();
        }
    }

    private int atOnce(Case what) {
        Integer given = parallel.value();
        if (given != null) {
            return given;
        }
        return switch (what) {
            case bulk, upload, requests -> 100;
            case handshakes -> 32;
            case underbulk -> 1;
        };
    }

    /** The transfers are another client's, on a loop of their own: it is the server's that is in question. */
    private static List<PerfResult> underBulk(PerfClient measuring, QuicClient.Builder builder) throws Exception {
        try (QuicClient other = builder.build()) {
            return measuring.handshakesUnderBulk(other);
        }
    }
}

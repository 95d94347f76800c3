package dev.tokioj.cli;

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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures transfers, requests and handshakes. */
@Command(
        name = "perf",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measure QUIC between two processes on this machine, or against another one.",
            "",
            "  tokioj perf                            all cases, with a server process started for them",
            "  tokioj perf --serve                    the server's side alone",
            "  tokioj perf --connect HOST:PORT bulk   against a server elsewhere",
            "",
            "CPU is that of the whole JVM: garbage collection and compilation too.",
            "",
        })
final class PerfCommand implements Callable<Integer> {
    /** What can be measured. */
    enum Case {
        bulk,
        upload,
        requests,
        handshakes
    }

    @Spec
    CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "CASE",
            description = "What to measure: ${COMPLETION-CANDIDATES} (default: all).")
    List<Case> cases = List.of();

    @Option(
            names = {"-t", "--seconds"},
            description = "How long each case is measured (default: ${DEFAULT-VALUE}).",
            defaultValue = "5")
    double seconds;

    @Option(
            names = {"-n", "--parallel"},
            paramLabel = "N",
            description = "Requests at a time, 100 by default, and handshakes at a time, 32 by default.")
    @Nullable Integer parallel;

    @Option(names = "--json", description = "Print one JSON object a line.")
    boolean json;

    @Option(names = "--serve", description = "Be the server.")
    boolean serve;

    @Option(names = "--connect", paramLabel = "HOST:PORT", description = "Measure against this server.")
    @Nullable String target;

    @Mixin
    Listening listening;

    @Mixin
    Trusting trusting;

    @Mixin
    Connecting connecting;

    @Override
    public Integer call() throws Exception {
        if (serve) {
            serve();
        } else if (target != null) {
            measure(HostPort.of(target), trusting);
        } else {
            measureAgainstChild();
        }
        return ExitCode.OK.code();
    }

    private void serve() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        Listening.Credentials credentials = listening.credentials();
        QuicServer.Builder builder = QuicServer.builder();
        connecting.apply(builder);
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

    private void measureAgainstChild() throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("perf", "--serve", "--port", "0", "--transport", connecting.transport.name()));
        if (listening.certificateDirectory != null) {
            arguments.addAll(List.of("--cert-dir", listening.certificateDirectory.toString()));
        }
        List<String> command = OwnProcess.command(arguments.toArray(String[]::new));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            if (line == null) {
                throw new IOException("the server process ended at once, with code " + child.waitFor());
            }
            int port = Integer.parseInt(line.replaceAll(".*UDP port (\\d+),.*", "$1"));
            Trusting own = new Trusting();
            own.authorities = Path.of(line.substring(line.indexOf("certificate ") + "certificate ".length()));
            measure(new HostPort("localhost", port), own);
        } finally {
            child.destroy();
            child.waitFor();
        }
    }

    private void measure(HostPort server, Trusting trust) throws Exception {
        QuicClient.Builder builder = QuicClient.builder();
        connecting.apply(builder);
        trust.apply(builder);
        PrintWriter out = spec.commandLine().getOut();
        List<Case> wanted = cases.isEmpty() ? List.of(Case.values()) : new ArrayList<>(cases);
        Duration duration = Duration.ofNanos((long) (seconds * 1e9));
        for (Case each : wanted) {
            int atOnce = parallel != null ? parallel : each == Case.handshakes ? 32 : 100;
            PerfResult result;
            try (QuicClient client = builder.alpn(PerfProtocol.ALPN).build()) {
                PerfClient measuring = new PerfClient(client, server, duration, atOnce);
                result = switch (each) {
                    case bulk -> measuring.bulk();
                    case upload -> measuring.upload();
                    case requests -> measuring.requests();
                    case handshakes -> measuring.handshakes();
                };
            }
            out.println(json ? result.json() : result.line());
            out.flush();
        }
    }
}

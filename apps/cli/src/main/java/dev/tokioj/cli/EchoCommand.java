package dev.tokioj.cli;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.QuicStream;
import dev.tokioj.runtime.TaskGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** QUIC without HTTP: a server that sends back what comes, and a client that checks it. */
@Command(
        name = "echo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Echo over plain QUIC streams (ALPN \"echo\").",
            "",
            "  tokioj echo                      a server",
            "  tokioj echo HOST:PORT TEXT...    a client that sends each TEXT on a stream of its own",
            "  tokioj echo HOST:PORT            a client that sends the lines of the standard input",
            "",
        })
final class EchoCommand implements Callable<Integer> {
    static final String ALPN = "echo";

    @Spec
    CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "HOST:PORT", description = "The server; without it, be one.")
    @Nullable String target;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "TEXT", description = "What to send.")
    List<String> texts = List.of();

    @Option(
            names = {"-m", "--max-time"},
            paramLabel = "SECONDS",
            description = "How long to wait for each answer (default: ${DEFAULT-VALUE}).",
            defaultValue = "5")
    double maxTime;

    @Mixin
    Listening listening;

    @Mixin
    Trusting trusting;

    @Mixin
    Connecting connecting;

    @Override
    public Integer call() throws Exception {
        return target == null ? serve() : ask(HostPort.of(target));
    }

    private int serve() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        Listening.Credentials credentials = listening.credentials();
        QuicServer.Builder builder = QuicServer.builder();
        connecting.apply(builder);
        builder.alpn(ALPN).identity(credentials.identity()).onConnection(EchoCommand::serve);
        for (InetSocketAddress address : Ports.same(listening.addresses(credentials.development()))) {
            builder.bind(address);
        }
        try (QuicServer server = builder.start()) {
            Shutdown.drainOnSignal(server::close, () -> announce(credentials, server.port(), out), server::join);
        }
        return ExitCode.OK.code();
    }

    private static void announce(Listening.Credentials credentials, int port, PrintWriter out) {
        out.println("Echoing on localhost:" + port + " (UDP). Try:");
        out.println("  ./tokioj echo --cacert " + credentials.certificate() + " localhost:" + port + " hello");
        out.println("Ctrl-C ends it.");
        out.flush();
    }

    private static void serve(QuicConnection connection) throws IOException, InterruptedException {
        try (TaskGroup group = TaskGroup.collect()) {
            while (connection.acceptStream() instanceof QuicStream stream) {
                group.spawn(() -> {
                    try (stream) {
                        stream.input().transferTo(stream.output());
                    }
                    return null;
                });
            }
        }
    }

    private int ask(HostPort server) throws Exception {
        QuicClient.Builder builder = QuicClient.builder();
        connecting.apply(builder);
        trusting.apply(builder);
        try (QuicConnection connection = builder.alpn(ALPN).connect(server.host(), server.port())) {
            if (!texts.isEmpty()) {
                for (String text : texts) {
                    ask(connection, text);
                }
            } else {
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    ask(connection, line);
                }
            }
        }
        return ExitCode.OK.code();
    }

    private void ask(QuicConnection connection, String text) throws IOException, Failure.Exit {
        byte[] sent = text.getBytes(StandardCharsets.UTF_8);
        byte[] answer = new byte[sent.length];
        long start = System.nanoTime();
        long deadline = start + (long) (maxTime * 1e9);
        try (QuicStream stream = connection.openStream()) {
            stream.write(sent);
            stream.finish();
            int received = 0;
            while (received < answer.length) {
                Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
                int n = stream.read(answer, received, answer.length - received, left);
                if (n < 0) {
                    break;
                }
                received += n;
            }
            if (received != sent.length || !java.util.Arrays.equals(sent, answer)) {
                throw new Failure.Exit(
                        ExitCode.MISMATCH, "sent " + sent.length + " bytes, and other " + received + " came back");
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(text + "  (" + Amounts.time(System.nanoTime() - start) + ")");
        out.flush();
    }
}

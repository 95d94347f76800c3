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

/** QUIC without HTTP: a server that sends back what comes, and a client that checks it. */
final class EchoCommand implements Command {
    static final String ALPN = "echo";

    private final Syntax syntax = new Syntax("echo", """
            Echo over plain QUIC streams (ALPN "echo").

              tokioj echo                     a server
              tokioj echo HOST:PORT TEXT...   a client: each TEXT goes on its own stream
              tokioj echo HOST:PORT           a client: the standard input's lines go
            """);
    private final Option<String> target =
            syntax.parameter(Kind.TEXT, "HOST:PORT", "The server; without it, be one.", Option.Times.OPTIONAL);
    private final Option<String> texts = syntax.parameter(Kind.TEXT, "TEXT", "What to send.", Option.Times.REPEATED);
    private final Option<Double> maxTime = syntax.option(
                    Kind.DECIMAL, "SECONDS", "How long to wait for each answer", "-m", "--max-time")
            .otherwise(5.0);
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
        return server == null ? serve(console.out()) : ask(HostPort.of(server), console.out());
    }

    private ExitCode serve(PrintWriter out) throws Exception {
        Listening.Credentials credentials = listening.credentials();
        QuicServer.Builder builder = QuicServer.builder();
        connecting.apply(builder);
        listening.apply(builder);
        builder.alpn(ALPN).identity(credentials.identity()).onConnection(EchoCommand::serve);
        for (InetSocketAddress address : Ports.same(listening.addresses(credentials.development()))) {
            builder.bind(address);
        }
        try (QuicServer server = builder.start()) {
            Shutdown.drainOnSignal(server::close, () -> announce(credentials, server.port(), out), server::join);
        }
        return ExitCode.OK;
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

    private ExitCode ask(HostPort server, PrintWriter out) throws Exception {
        QuicClient.Builder builder = QuicClient.builder();
        connecting.apply(builder);
        trusting.apply(builder);
        try (QuicConnection connection = builder.alpn(ALPN).connect(server.host(), server.port())) {
            if (texts.isGiven()) {
                for (String text : texts.values()) {
                    ask(connection, text, out);
                }
            } else {
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    ask(connection, line, out);
                }
            }
        }
        return ExitCode.OK;
    }

    private void ask(QuicConnection connection, String text, PrintWriter out) throws IOException, Failure.Exit {
        byte[] sent = text.getBytes(StandardCharsets.UTF_8);
        byte[] answer = new byte[sent.length];
        long start = System.nanoTime();
        long deadline = start + (long) (maxTime.get() * 1e9);
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
        out.println(text + "  (" + Amounts.time(System.nanoTime() - start) + ")");
        out.flush();
    }
}

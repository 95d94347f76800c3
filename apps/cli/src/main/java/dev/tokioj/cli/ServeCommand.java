package dev.tokioj.cli;

import dev.tokioj.net.Handler;
import dev.tokioj.net.Http3Server;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves the files of a directory over HTTP/3. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Serve the files of a directory over HTTP/3.",
            "",
            "Nothing outside the directory is served, nor names that begin with a dot. Ctrl-C or SIGTERM lets",
            "running requests end, then exits with 0.",
            "",
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "What to serve (default: this directory).",
            defaultValue = ".")
    Path directory;

    @Mixin
    Listening listening;

    @Option(names = "--no-listing", description = "Answer 404 for directories without an index.html.")
    boolean noListing;

    @Option(
            names = {"-q", "--quiet"},
            description = "Do not print a line for each request.")
    boolean quiet;

    @Mixin
    Connecting connecting;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        StaticFiles files = new StaticFiles(directory);
        Listening.Credentials credentials = listening.credentials();
        Handler handler = new FileHandler(files, !noListing);
        try (Http3Server server =
                start(listening, credentials, connecting, "/*", quiet ? handler : RequestLog.around(handler, out))) {
            Shutdown.drainOnSignal(
                    () -> drain(server, out), () -> announce(files, credentials, server, out), server::join);
        }
        return ExitCode.OK.code();
    }

    private static void announce(
            StaticFiles files, Listening.Credentials credentials, Http3Server server, PrintWriter out) {
        out.println("Serving " + files.root() + " over HTTP/3 at " + url(server) + " (UDP port " + server.port() + ")");
        explain(credentials, server, out);
        out.println("Ctrl-C ends it.");
        out.flush();
    }

    private static void drain(Http3Server server, PrintWriter out) {
        out.println();
        out.println(LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " draining");
        out.flush();
        server.close();
    }

    /** Binds every address, all at one port. */
    static Http3Server start(
            Listening listening, Listening.Credentials credentials, Connecting connecting, String path, Handler handler)
            throws Exception {
        Http3Server.Builder builder = Http3Server.builder();
        connecting.apply(builder);
        builder.identity(credentials.identity()).handle(path, handler);
        for (InetSocketAddress address : Ports.same(listening.addresses(credentials.development()))) {
            builder.bind(address);
        }
        return builder.start();
    }

    static String url(Http3Server server) {
        return "https://localhost:" + server.port() + "/";
    }

    /** How to reach it with a browser. */
    static void explain(Listening.Credentials credentials, Http3Server server, PrintWriter out) {
        if (credentials.development()) {
            out.println("The certificate is a development one that nobody has signed"
                    + (credentials.fresh() ? ", made just now" : "") + ": " + credentials.certificate() + " (until "
                    + credentials.notAfter() + ").");
        }
        out.println("To open it in Chromium over HTTP/3:");
        out.println("  " + chromium(credentials, server));
        out.println("To fetch from it:");
        out.println("  ./tokioj get --cacert " + credentials.certificate() + " " + url(server));
    }

    /** A fresh profile, because a running Chromium would ignore the flags. */
    static String chromium(Listening.Credentials credentials, Http3Server server) {
        return "chromium --user-data-dir=\"$(mktemp -d)\" --no-first-run --enable-quic --origin-to-force-quic-on=localhost:"
                + server.port() + " --ignore-certificate-errors-spki-list=" + credentials.spkiHash() + " "
                + url(server);
    }
}

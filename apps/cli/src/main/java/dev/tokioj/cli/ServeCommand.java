package dev.tokioj.cli;

import dev.tokioj.net.Handler;
import dev.tokioj.net.Http3Server;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** Serves the files of a directory over HTTP/3. */
final class ServeCommand implements Command {
    private final Syntax syntax = new Syntax("serve", """
            Serve the files of a directory over HTTP/3.

            Nothing outside the directory is served, nor names that begin with a dot.
            Ctrl-C or SIGTERM lets running requests end, then exits with 0.
            SIGUSR1 prints what its tasks wait for to standard error.
            """);
    private final Option<Path> directory = syntax.parameter(Kind.PATH, "DIR", "What to serve", Option.Times.OPTIONAL)
            .otherwise(Path.of("."));
    private final Listening listening = new Listening(syntax, Listening.DEFAULT_PORT);
    private final Option<Boolean> noListing =
            syntax.flag("Answer 404 for directories without an index.html.", "--no-listing");
    private final Option<Boolean> quiet = syntax.flag("Do not print a line for each request.", "-q", "--quiet");
    private final Connecting connecting = new Connecting(syntax);

    @Override
    public Syntax syntax() {
        return syntax;
    }

    @Override
    public ExitCode run(Console console) throws Exception {
        PrintWriter out = console.out();
        StaticFiles files = new StaticFiles(directory.get());
        Listening.Credentials credentials = listening.credentials();
        Handler handler = new FileHandler(files, !noListing.get());
        try (Http3Server server = start(
                listening, credentials, connecting, "/*", quiet.get() ? handler : RequestLog.around(handler, out))) {
            DumpSignal.install(server.runtime(), console.err());
            Shutdown.drainOnSignal(
                    () -> drain(server, out), () -> announce(files, credentials, server, out), server::join);
        }
        return ExitCode.OK;
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
        listening.apply(builder);
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

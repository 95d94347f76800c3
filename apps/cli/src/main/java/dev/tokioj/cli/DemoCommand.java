package dev.tokioj.cli;

import dev.tokioj.net.Exchange;
import dev.tokioj.net.Http3Client;
import dev.tokioj.net.Http3Server;
import dev.tokioj.net.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** Serves HTTP/3, fetches from it, checks what came, and stays for a browser. */
final class DemoCommand implements Command {
    private static final int BLOCK = 64 * 1024;
    private static final int MOST_MEGABYTES = 1_000_000;

    private final Syntax syntax = new Syntax("demo", """
            Serve HTTP/3 on this machine, fetch from it, check what came, and say how to
            open it in a browser.

            Without a terminal it ends after the check, as with --once.
            """);
    private final Option<Boolean> once = syntax.flag("End after the check.", "--once");
    private final Option<Integer> size = syntax.option(
                    Kind.whole(0, MOST_MEGABYTES), "MB", "Size of the large file", "--size")
            .otherwise(64);
    /** A demo takes a port that is free. */
    private final Listening listening = new Listening(syntax, 0);

    private final Connecting connecting = new Connecting(syntax);

    @Override
    public Syntax syntax() {
        return syntax;
    }

    @Override
    public ExitCode run(Console console) throws Exception {
        PrintWriter out = console.out();
        if (listening.namesCertificate()) {
            throw new Failure.Exit(
                    ExitCode.USAGE,
                    "the demo fetches https://localhost/ and needs its own certificate for that; serve takes --cert");
        }
        int megabytes = size.get();
        Listening.Credentials credentials = listening.credentials();
        Http3Server.Builder builder = Http3Server.builder();
        connecting.apply(builder);
        listening.apply(builder);
        builder.identity(credentials.identity())
                .handle("/", exchange -> page(exchange, megabytes))
                .handle("/image.svg", DemoCommand::image)
                .handle("/large.bin", exchange -> large(exchange, megabytes));
        for (InetSocketAddress address : Ports.same(listening.addresses(credentials.development()))) {
            builder.bind(address);
        }
        try (Http3Server server = builder.start()) {
            String url = ServeCommand.url(server);
            out.println("Serving HTTP/3 at " + url + " (UDP port " + server.port() + ")");
            out.flush();
            check(credentials, url, megabytes, out);
            if (!once.get() && Terminal.isInteractive()) {
                Shutdown.drainOnSignal(server::close, () -> announce(credentials, server, out), server::join);
            }
        }
        return ExitCode.OK;
    }

    private static void announce(Listening.Credentials credentials, Http3Server server, PrintWriter out) {
        ServeCommand.explain(credentials, server, out);
        out.println("Ctrl-C ends it.");
        out.flush();
    }

    private void check(Listening.Credentials credentials, String url, int megabytes, PrintWriter out) throws Exception {
        Http3Client.Builder builder = Http3Client.builder();
        connecting.apply(builder);
        try (Http3Client client = builder.trust(credentials.certificate()).build()) {
            long start = System.nanoTime();
            String page = client.get(URI.create(url)).text();
            if (!page.contains("TokioJ")) {
                throw new Failure.Exit(ExitCode.MISMATCH, "the page that came is not the page");
            }
            out.println("Fetched /           " + Amounts.bytes((double) page.length()) + " in "
                    + Amounts.time(System.nanoTime() - start) + ", handshake and all");
            out.flush();
            start = System.nanoTime();
            MessageDigest digest = sha256();
            long received = 0;
            try (Response response = client.get(URI.create(url + "large.bin"));
                    InputStream body = response.body()) {
                byte[] chunk = new byte[BLOCK];
                for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                    digest.update(chunk, 0, n);
                    received += n;
                }
            }
            long elapsed = System.nanoTime() - start;
            String hash = HexFormat.of().formatHex(digest.digest());
            out.println("Fetched /large.bin  " + Amounts.bytes((double) received) + " in " + Amounts.time(elapsed)
                    + ", " + Amounts.rate(received, elapsed) + " (with its SHA-256, both sides in one process)");
            if (received != megabytes * 1_000_000L || !hash.equals(expected(megabytes))) {
                throw new Failure.Exit(
                        ExitCode.MISMATCH, "/large.bin arrived with SHA-256 " + hash + ", which is not what was sent");
            }
            out.println("Verified            SHA-256 " + hash);
            out.flush();
        }
    }

    private static void page(Exchange exchange, int megabytes) throws IOException {
        exchange.header("content-type", "text/html; charset=utf-8").respond(200, """
                        <!DOCTYPE html>
                        <html lang="en"><head><meta charset="utf-8"><title>TokioJ</title>
                        <style>body{font:18px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto}</style></head>
                        <body><img src="/image.svg" width="120" height="120" alt="">
                        <h1>TokioJ</h1>
                        <p>This page came over <b id="p">a protocol that the browser does not tell</b>.</p>
                        <p><a href="/large.bin" download>A file of %d MB</a></p>
                        <script>
                        const hop = performance.getEntriesByType('navigation')[0].nextHopProtocol;
                        if (hop) document.getElementById('p').textContent = hop === 'h3' ? 'HTTP/3' : hop;
                        </script></body></html>
                        """.formatted(megabytes));
    }

    private static void image(Exchange exchange) throws IOException {
        exchange.header("content-type", "image/svg+xml").respond(200, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="46" fill="none" \
                stroke="#246" stroke-width="8"/><path d="M30 34h40M50 34v36" stroke="#246" stroke-width="8"/></svg>
                """);
    }

    private static void large(Exchange exchange, int megabytes) throws IOException {
        exchange.header("content-type", "application/octet-stream");
        try (OutputStream out = exchange.start(200, megabytes * 1_000_000L)) {
            Blocks blocks = new Blocks(megabytes);
            for (int n = blocks.next(); n > 0; n = blocks.next()) {
                out.write(blocks.block, 0, n);
            }
        }
    }

    private static String expected(int megabytes) {
        MessageDigest digest = sha256();
        Blocks blocks = new Blocks(megabytes);
        for (int n = blocks.next(); n > 0; n = blocks.next()) {
            digest.update(blocks.block, 0, n);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The large file: random bytes, of which each block differs by its number, so that a block out of place is noticed. */
    private static final class Blocks {
        private final byte[] block = new byte[BLOCK];
        private final long length;
        private long position;

        Blocks(int megabytes) {
            length = megabytes * 1_000_000L;
            new Random(2026).nextBytes(block);
        }

        /** How many bytes of {@link #block} are the next ones; 0 at the end. */
        int next() {
            long number = position / BLOCK;
            for (int i = 0; i < Long.BYTES; i++) {
                block[i] = (byte) (number >>> (8 * i));
            }
            int n = (int) Math.min(BLOCK, length - position);
            position += n;
            return n;
        }
    }
}

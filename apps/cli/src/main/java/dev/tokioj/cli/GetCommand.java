package dev.tokioj.cli;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.net.Http3Client;
import dev.tokioj.net.Request;
import dev.tokioj.net.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Fetches a URL over HTTP/3. */
final class GetCommand implements Command {
    private static final int CHUNK = 64 * 1024;
    private static final int FIRST_ERROR = 400;

    /** RFC 9110 section 5.6.2. */
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private final Syntax syntax = new Syntax("get", """
            Fetch a URL over HTTP/3, to the standard output or a file.

            A file is written under another name first and renamed when it is whole.
            """);
    private final Option<String> url =
            syntax.parameter(Kind.TEXT, "URL", "What to fetch: https://HOST[:PORT]/PATH", Option.Times.REQUIRED);
    private final Option<String> output = syntax.option(
            Kind.TEXT, "FILE", "Write the content to this file; - is the standard output.", "-o", "--output");
    private final Option<Boolean> include =
            syntax.flag("Print the status and the fields of the response before the content.", "-i", "--include");
    private final Option<Boolean> verbose = syntax.flag(
            "Say on the standard error what is asked, what answers, and how the connection went.", "-v", "--verbose");
    private final Option<Boolean> quiet = syntax.flag("No progress.", "-q", "--quiet");
    private final Option<String> method = syntax.option(Kind.TEXT, "METHOD", "The request's method", "-X", "--method")
            .otherwise("GET");
    private final Option<String> headers =
            syntax.repeated(Kind.TEXT, "NAME:VALUE", "A field to send; may be repeated.", "-H", "--header");
    private final Option<Path> upload = syntax.option(
            Kind.PATH,
            "FILE",
            "Send this file as the request's content (the method is then PUT unless -X says otherwise).",
            "-T",
            "--upload");
    private final Option<String> resolve = syntax.repeated(
            Kind.TEXT, "HOST=ADDRESS", "Take this address for a host name; may be repeated.", "--resolve");
    private final Option<Double> maxTime = syntax.option(
                    Kind.DECIMAL, "SECONDS", "Give up when no answer has begun by then", "-m", "--max-time")
            .otherwise(30.0);
    private final Trusting trusting = new Trusting(syntax);
    private final Connecting connecting = new Connecting(syntax);

    @Override
    public Syntax syntax() {
        return syntax;
    }

    @Override
    public ExitCode run(Console console) throws Exception {
        URI uri = uri();
        long start = System.nanoTime();
        Http3Client.Builder builder = Http3Client.builder();
        connecting.apply(builder);
        trusting.apply(builder);
        for (String each : resolve.values()) {
            int equals = each.indexOf('=');
            if (equals <= 0) {
                throw new Failure.Exit(ExitCode.USAGE, "--resolve takes HOST=ADDRESS, not " + each);
            }
            builder.resolve(each.substring(0, equals), InetAddress.getAllByName(each.substring(equals + 1)));
        }
        try (Http3Client client = builder.build()) {
            Request request = request(uri);
            if (verbose.get()) {
                console.say("> " + request.method() + " " + uri);
            }
            try (Response response = client.send(request)) {
                return receive(response, start, console);
            }
        }
    }

    private ExitCode receive(Response response, long start, Console console) throws IOException, Failure.Exit {
        if (verbose.get()) {
            console.say("< " + response.status());
            fieldLines(response).forEach(line -> console.say("< " + line));
        }
        long size = contentLength(response);
        long received = copy(response, size, console);
        long elapsed = System.nanoTime() - start;
        if (verbose.get() || (toFile() && !quiet.get() && Terminal.isInteractive())) {
            console.say(Amounts.bytes((double) received) + " in " + Amounts.time(elapsed) + ", "
                    + Amounts.rate(received, elapsed));
        }
        return response.status() >= FIRST_ERROR ? ExitCode.HTTP_STATUS : ExitCode.OK;
    }

    private URI uri() throws Failure.Exit {
        String url = this.url.get();
        try {
            URI uri = new URI(url);
            if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
                throw new Failure.Exit(ExitCode.USAGE, "not an https URL: " + url);
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new Failure.Exit(ExitCode.USAGE, "not a URL: " + e.getMessage());
        }
    }

    private Request request(URI uri) throws IOException, Failure.Exit {
        Request.Builder request = Request.builder(uri);
        String method = this.method.get();
        if (!method.matches(TOKEN)) {
            throw new Failure.Exit(ExitCode.USAGE, "not a method: " + method);
        }
        Path file = upload.value();
        boolean puts = file != null && !this.method.isGiven();
        try {
            request.method(puts ? "PUT" : method);
        } catch (IllegalArgumentException e) {
            throw new Failure.Exit(ExitCode.USAGE, "not a method for a request: " + method + ": " + e.getMessage());
        }
        for (String header : headers.values()) {
            int colon = header.indexOf(':');
            if (colon <= 0) {
                throw new Failure.Exit(ExitCode.USAGE, "a field is NAME:VALUE, not " + header);
            }
            if (!header.substring(0, colon).strip().matches(TOKEN)) {
                throw new Failure.Exit(ExitCode.USAGE, "not the name of a field: " + header.substring(0, colon));
            }
            request.header(
                    header.substring(0, colon).strip().toLowerCase(java.util.Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        request.header("user-agent", "tokioj");
        if (file != null) {
            request.body(Files.newInputStream(file), Files.size(file));
        }
        return request.timeout(Duration.ofNanos((long) (maxTime.get() * 1e9))).build();
    }

    private long copy(Response response, long size, Console console) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long received = 0;
        // The content on the terminal is the progress.
        boolean shown = toFile() && !quiet.get() && Terminal.isInteractive();
        InputStream body = response.body();
        try (Output out = toFile() ? Output.file(Path.of(output.get())) : Output.standard();
                Progress progress = new Progress(console.err(), shown, size, System.nanoTime())) {
            if (include.get()) {
                byte[] head = head(response);
                out.write(head, 0, head.length);
            }
            for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                out.write(chunk, 0, n);
                received += n;
                progress.advance(n, System.nanoTime());
            }
            out.complete();
        }
        return received;
    }

    private static byte[] head(Response response) {
        StringBuilder head =
                new StringBuilder("HTTP/3 ").append(response.status()).append('\n');
        fieldLines(response).forEach(line -> head.append(line).append('\n'));
        return head.append('\n').toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The fields without pseudo-header fields; a server must not be able to move the terminal's cursor. */
    private static List<String> fieldLines(Response response) {
        FieldSection fields = response.fields();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            if (!fields.name(i).startsWith(":")) {
                lines.add(Text.printable(fields.name(i) + ": " + fields.value(i)));
            }
        }
        return lines;
    }

    private static long contentLength(Response response) {
        String value = response.field("content-length");
        try {
            return value == null ? -1 : Long.parseLong(value);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private boolean toFile() {
        return output.isGiven() && !output.get().equals("-");
    }
}

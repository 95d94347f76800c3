package dev.tokioj.cli;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.net.Http3Client;
import dev.tokioj.net.Request;
import dev.tokioj.net.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fetches a URL over HTTP/3. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Fetch a URL over HTTP/3, to the standard output or a file.",
            "",
            "A file is written under another name first and renamed when it is whole.",
            "",
        })
final class GetCommand implements Callable<Integer> {
    private static final int CHUNK = 64 * 1024;
    private static final int FIRST_ERROR = 400;

    /** RFC 9110 section 5.6.2. */
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "URL", description = "What to fetch: https://HOST[:PORT]/PATH")
    String url;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the content to this file; - is the standard output.")
    @Nullable String output;

    @Option(
            names = {"-i", "--include"},
            description = "Print the status and the fields of the response before the content.")
    boolean include;

    @Option(
            names = {"-v", "--verbose"},
            description = "Say on the standard error what is asked, what answers, and how the connection went.")
    boolean verbose;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress.")
    boolean quiet;

    @Option(
            names = {"-X", "--method"},
            paramLabel = "METHOD",
            description = "The request's method (default: ${DEFAULT-VALUE}).",
            defaultValue = "GET")
    String method;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME:VALUE",
            description = "A field to send; may be repeated.")
    List<String> headers = new ArrayList<>();

    @Option(
            names = {"-T", "--upload"},
            paramLabel = "FILE",
            description = "Send this file as the request's content (the method is then PUT unless -X says otherwise).")
    @Nullable Path upload;

    @Option(
            names = "--resolve",
            paramLabel = "HOST=ADDRESS",
            description = "Take this address for a host name; may be repeated.")
    Map<String, String> resolve = new LinkedHashMap<>();

    @Option(
            names = {"-m", "--max-time"},
            paramLabel = "SECONDS",
            description = "Give up when no answer has begun by then (default: ${DEFAULT-VALUE}).",
            defaultValue = "30")
    double maxTime;

    @Mixin
    Trusting trusting;

    @Mixin
    Connecting connecting;

    @Override
    public Integer call() throws Exception {
        URI uri = uri();
        long start = System.nanoTime();
        Http3Client.Builder builder = Http3Client.builder();
        connecting.apply(builder);
        trusting.apply(builder);
        for (Map.Entry<String, String> each : resolve.entrySet()) {
            builder.resolve(each.getKey(), InetAddress.getAllByName(each.getValue()));
        }
        try (Http3Client client = builder.build()) {
            Request request = request(uri);
            if (verbose) {
                say("> " + request.method() + " " + uri);
            }
            try (Response response = client.send(request)) {
                return receive(response, start);
            }
        }
    }

    private int receive(Response response, long start) throws IOException, Failure.Exit {
        if (verbose) {
            say("< " + response.status());
            fieldLines(response).forEach(line -> say("< " + line));
        }
        long size = contentLength(response);
        long received = copy(response, size);
        long elapsed = System.nanoTime() - start;
        if (verbose || (toFile() && !quiet && Terminal.isInteractive())) {
            say(Amounts.bytes((double) received) + " in " + Amounts.time(elapsed) + ", "
                    + Amounts.rate(received, elapsed));
        }
        return response.status() >= FIRST_ERROR ? ExitCode.HTTP_STATUS.code() : ExitCode.OK.code();
    }

    private URI uri() throws Failure.Exit {
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
        if (!method.matches(TOKEN)) {
            throw new Failure.Exit(ExitCode.USAGE, "not a method: " + method);
        }
        boolean puts = upload != null && !spec.commandLine().getParseResult().hasMatchedOption("-X");
        try {
            request.method(puts ? "PUT" : method);
        } catch (IllegalArgumentException e) {
            throw new Failure.Exit(ExitCode.USAGE, "not a method for a request: " + method + ": " + e.getMessage());
        }
        for (String header : headers) {
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
        if (upload != null) {
            Path file = upload;
            request.body(Files.newInputStream(file), Files.size(file));
        }
        return request.timeout(Duration.ofNanos((long) (maxTime * 1e9))).build();
    }

    private long copy(Response response, long size) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long received = 0;
        // The content on the terminal is the progress.
        boolean shown = !quiet && Terminal.isInteractive() && toFile();
        PrintWriter err = spec.commandLine().getErr();
        InputStream body = response.body();
        try (Output out = toFile() ? Output.file(Path.of(String.valueOf(output))) : Output.standard();
                Progress progress = new Progress(err, shown, size, System.nanoTime())) {
            if (include) {
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
        return output != null && !output.equals("-");
    }

    private void say(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}

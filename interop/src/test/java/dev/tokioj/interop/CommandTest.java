package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.net.Exchange;
import dev.tokioj.net.Http3Server;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.QuicStream;
import dev.tokioj.tls.Identity;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tokioj get} as scripts use it: the exit code of each kind of failure, and where its output goes. */
final class CommandTest {
    private static final byte[] HALF = new byte[500_000];

    @TempDir
    static Path temporary;

    private static Site site;
    private static Program serving;
    private static String origin;

    @BeforeAll
    static void serve() throws Exception {
        site = Site.in(temporary);
        serving = Program.serving(site, temporary);
        origin = "https://localhost:" + serving.port();
    }

    @AfterAll
    static void end() {
        if (serving != null) {
            serving.close();
        }
    }

    /** Runs {@code get} to its end, trusting the site's authority; returns all that it printed. */
    private static String get(int code, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of("get", "--cacert", site.authority.toString()));
        words.addAll(List.of(arguments));
        return run(code, words.toArray(String[]::new));
    }

    private static String run(int code, String... arguments) throws Exception {
        try (Program program = Program.tokioj(temporary, arguments)) {
            return program.end(code, 30);
        }
    }

    private static Http3Server.Builder server() throws Exception {
        return Http3Server.builder().identity(Identity.pem(site.certificate, site.key));
    }

    private static void assertSays(String output, String what) {
        assertTrue(output.contains(what), output);
    }

    /** What went wrong, and no stack trace. */
    private static void assertExplains(String output) {
        assertTrue(Pattern.compile("(?m)^tokioj: \\S").matcher(output).find() && !output.contains("\tat "), output);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://localhost:1/", "https://", "https:///path", "localhost", "https://local host/", "/x"})
    void aBadUrlIs2(String url) throws Exception {
        assertExplains(get(2, url));
    }

    @Test
    void aWrongCommandLineIs2() throws Exception {
        assertSays(get(2, "--no-such-option", origin + "/"), "--no-such-option");
        assertSays(run(2, "get"), "URL");
        run(2);
        run(2, "no-such-command");
        get(2, "-H", "no colon", origin + "/");
    }

    @Test
    void anUnresolvedHostIs3() throws Exception {
        String output = get(3, "https://nobody.invalid/");
        assertExplains(output);
        assertSays(output, "nobody.invalid");
    }

    @Test
    void nobodyAnswersIs4() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0)) {
            assertExplains(get(4, "https://127.0.0.1:" + silent.getLocalPort() + "/"));
        }
    }

    @Test
    void anUnknownAuthorityIs5AndTheMessageNamesTheWayOut() throws Exception {
        String output = run(5, "get", origin + "/small.txt");
        assertExplains(output);
        assertSays(output, "--cacert");
        assertSays(output, "--insecure");
    }

    @Test
    void aCertificateForAnotherHostIs5() throws Exception {
        String output = get(
                5, "--resolve", "other.example=127.0.0.1", origin.replace("localhost", "other.example") + "/small.txt");
        assertExplains(output);
        assertSays(output, "other.example");
    }

    @Test
    void anotherProtocolIs6() throws Exception {
        try (Program echo = Program.tokioj(
                temporary,
                "echo",
                "--port",
                "0",
                "--cert",
                site.certificate.toString(),
                "--key",
                site.key.toString())) {
            String port = echo.await("Echoing on localhost:(\\d+)", 30);
            assertExplains(get(6, "https://localhost:" + port + "/"));
        }
    }

    @Test
    void aConnectionThatIsLostIs7AndLeavesTheFileThatWasThere() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        Path directory = Files.createDirectories(temporary.resolve("lost"));
        Path file = Files.writeString(directory.resolve("file"), "the old one");
        try (QuicServer server = raw(connection -> {
                    QuicStream request = request(connection);
                    request.write(HexFormat.of().parseHex("01030000d9" + "00800f4240"));
                    request.write(HALF);
                    received.await();
                    connection.close(0x102, "dying");
                });
                Program get = fetching(directory, server.port(), "-v")) {
            get.await("< 200", 30);
            received.countDown();
            assertSays(get.end(7, 30), "tokioj: ");
            assertEquals("the old one", Files.readString(file));
            Files.delete(file);
            assertNothingIn(directory);
        } finally {
            received.countDown();
        }
    }

    @Test
    void aStatusOf400OrMoreIs8AndItsContentIsThere() throws Exception {
        assertSays(get(8, origin + "/nothing-here"), "not found\n");
    }

    @Test
    void aHandlerThatFailsMidwayIs9AndLeavesNoFile() throws Exception {
        Path directory = Files.createDirectories(temporary.resolve("reset"));
        try (Http3Server server = server().handle("/file", exchange -> {
                            half(exchange);
                            throw new IllegalStateException("on purpose, after the head");
                        })
                        .start();
                Program get = fetching(directory, server.port())) {
            assertExplains(get.end(9, 30));
            assertNothingIn(directory);
        }
    }

    @Test
    void anOutputThatCannotBeWrittenIs10() throws Exception {
        Path missing = temporary.resolve("no-such-directory").resolve("file");
        assertExplains(get(10, "-o", missing.toString(), origin + "/small.txt"));
        Path directory = Files.createDirectories(temporary.resolve("a-directory"));
        assertExplains(get(10, "-o", directory.toString(), origin + "/small.txt"));
        assertNothingIn(directory);
    }

    @Test
    void aFullDeviceIs10() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
        try (Program program = Shell.tokioj(
                temporary, Path.of("/dev/full"), "get", "--cacert", site.authority.toString(), origin + "/small.txt")) {
            assertSays(program.end(10, 30), "tokioj: ");
        }
    }

    @Test
    void aPortInUseIs11() throws Exception {
        String port = origin.substring(origin.lastIndexOf(':') + 1);
        String output = run(
                11,
                "serve",
                site.root.toString(),
                "--port",
                port,
                "--cert",
                site.certificate.toString(),
                "--key",
                site.key.toString());
        assertExplains(output);
        assertSays(output, port);
    }

    @Test
    void insecureFetchesFromAServerThatNobodyVouchesFor() throws Exception {
        Path out = temporary.resolve("insecure");
        run(0, "get", "--insecure", "-o", out.toString(), origin + "/small.txt");
        site.assertFetched("small.txt", out);
    }

    @Test
    void theStandardOutputIsTheContentByteForByte() throws Exception {
        Path out = temporary.resolve("content");
        String said = toFile(out, origin + "/medium.bin");
        site.assertFetched("medium.bin", out);
        assertTrue(!said.contains("B/s"), said);
    }

    @Test
    void includePutsStatusAndFieldsBeforeTheContent() throws Exception {
        Path out = temporary.resolve("included");
        toFile(out, "-i", origin + "/small.txt");
        byte[] all = Files.readAllBytes(out);
        int content = all.length - 1_234;
        String head = new String(all, 0, content, StandardCharsets.UTF_8);
        assertTrue(head.startsWith("HTTP/3 200\n") && head.endsWith("\n\n"), head);
        assertSays(head, "\ncontent-length: 1234\n");
        assertSays(head, "\ncontent-type: text/plain; charset=utf-8\n");
        assertArrayEquals(
                Files.readAllBytes(site.root.resolve("small.txt")), Arrays.copyOfRange(all, content, all.length));
    }

    @Test
    void verboseSpeaksOnTheStandardError() throws Exception {
        Path out = temporary.resolve("verbose");
        String said = toFile(out, "-v", origin + "/small.txt");
        site.assertFetched("small.txt", out);
        assertSays(said, "> GET " + origin + "/small.txt\n");
        assertSays(said, "\n< 200\n");
        assertSays(said, "\n< content-length: 1234\n");
    }

    @Test
    void anUploadArrivesIntact() throws Exception {
        try (Http3Server server = server().handle("/upload", exchange -> {
                    MessageDigest digest = MessageDigest.getInstance("SHA-256");
                    try (DigestInputStream in = new DigestInputStream(exchange.body(), digest)) {
                        in.transferTo(OutputStream.nullOutputStream());
                    }
                    exchange.respond(
                            200,
                            exchange.method() + " " + exchange.field("content-length") + " "
                                    + HexFormat.of().formatHex(digest.digest()) + "\n");
                })
                .start()) {
            String url = "https://localhost:" + server.port() + "/upload";
            String hash = Site.sha256(site.root.resolve("big.bin"));
            String big = site.root.resolve("big.bin").toString();
            assertSays(get(0, "-T", big, url), "PUT 50000000 " + hash + "\n");
            assertSays(get(0, "-X", "POST", "-T", big, url), "POST 50000000 " + hash + "\n");
            String none = Site.sha256(site.root.resolve("empty.bin"));
            String empty = site.root.resolve("empty.bin").toString();
            assertSays(get(0, "-T", empty, url), "PUT 0 " + none + "\n");
        }
    }

    private static String toFile(Path out, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of("get", "--cacert", site.authority.toString()));
        words.addAll(List.of(arguments));
        try (Program program = Shell.tokioj(temporary, out, words.toArray(String[]::new))) {
            return program.end(0, 30);
        }
    }

    private static Program fetching(Path directory, int port, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "get",
                "--cacert",
                site.authority.toString(),
                "-o",
                directory.resolve("file").toString()));
        words.addAll(List.of(options));
        words.add("https://localhost:" + port + "/file");
        return Program.tokioj(temporary, words.toArray(String[]::new));
    }

    /** Promises twice as much as it sends. */
    @SuppressWarnings("MustBeClosedChecker")
    private static void half(Exchange exchange) throws IOException {
        OutputStream out = exchange.start(200, 2L * HALF.length);
        out.write(HALF);
        out.flush();
    }

    private interface Conversation {
        void hold(QuicConnection connection) throws Exception;
    }

    /** A server that speaks QUIC and, of HTTP/3, what a test gives it. */
    private static QuicServer raw(Conversation conversation) throws Exception {
        return QuicServer.builder()
                .alpn("h3")
                .identity(Identity.pem(site.certificate, site.key))
                .onConnection(conversation::hold)
                .start();
    }

    /** Sends empty SETTINGS and waits for the first request's stream. */
    private static QuicStream request(QuicConnection connection) throws IOException {
        connection.openUniStream().write(HexFormat.of().parseHex("000400"));
        QuicStream stream = connection.acceptStream();
        while (stream != null && !stream.isBidirectional()) {
            stream = connection.acceptStream();
        }
        if (stream == null) {
            throw new IOException("the client closed without a request");
        }
        return stream;
    }

    private static void assertNothingIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(), files.toList());
        }
    }

    /** Content before any head breaks RFC 9114 section 4.1. */
    @Test
    void aPeerThatBreaksHttp3Is9() throws Exception {
        try (QuicServer server = raw(connection -> {
            QuicStream request = request(connection);
            request.write(HexFormat.of().parseHex("0003616263"));
            while (connection.acceptStream() != null) {
                // Until the client has closed.
            }
        })) {
            assertExplains(get(9, "https://localhost:" + server.port() + "/"));
        }
    }
}

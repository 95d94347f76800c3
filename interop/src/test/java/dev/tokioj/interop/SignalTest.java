package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.net.Http3Client;
import dev.tokioj.net.Http3Server;
import dev.tokioj.net.Response;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.tls.Identity;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Ctrl-C and SIGTERM do to the command. */
final class SignalTest {
    private static final QuicConfig SMALL_WINDOWS = QuicConfig.builder()
            .streamWindow(256 << 10)
            .maxStreamWindow(256 << 10)
            .connectionWindow(512 << 10)
            .maxConnectionWindow(512 << 10)
            .build();

    @TempDir
    static Path temporary;

    private static Site site;

    @BeforeAll
    static void site() throws Exception {
        site = Site.in(temporary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void serveLetsADownloadEndAndExitsWithZero(String signal) throws Exception {
        if (signal.equals("INT")) {
            Shell.requireInterrupts(temporary);
        }
        Path log = temporary.resolve("serve-" + signal);
        int port = Site.freePort();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Program server = serve(log, port);
                Program follower = Program.start(temporary, List.of("tail", "-n", "+1", "-F", log.toString()));
                Http3Client client = Http3Client.builder()
                        .trust(site.authority)
                        .config(SMALL_WINDOWS)
                        .build()) {
            follower.await("Ctrl-C ends it", 30);
            URI uri = URI.create("https://localhost:" + port + "/medium.bin");
            try (Response response = client.get(uri);
                    InputStream body = response.body()) {
                // What is not read holds the server up: the windows are much smaller than the file, and that is
                // small enough for a busy machine to deliver it within the server's close time-out.
                digest.update(body.readNBytes(100_000));
                Shell.signal(server, signal, temporary);
                follower.await("draining", 10);
                assertTrue(server.isAlive(), "it ended with a download under way");
                byte[] chunk = new byte[64 * 1024];
                for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                    digest.update(chunk, 0, n);
                }
            }
            server.end(0, 20);
            assertEquals(
                    Site.sha256(site.root.resolve("medium.bin")), HexFormat.of().formatHex(digest.digest()));
        }
    }

    private static Program serve(Path log, int port) throws Exception {
        Files.createFile(log);
        return Shell.tokioj(
                temporary,
                log,
                "serve",
                site.root.toString(),
                "--port",
                Integer.toString(port),
                "--cert",
                site.certificate.toString(),
                "--key",
                site.key.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void getEndsWithoutTheFile(String signal) throws Exception {
        if (signal.equals("INT")) {
            Shell.requireInterrupts(temporary);
        }
        Path directory = Files.createDirectories(temporary.resolve("stopped-" + signal));
        Path file = directory.resolve("file");
        CountDownLatch end = new CountDownLatch(1);
        try (Http3Server server = Http3Server.builder()
                        .identity(Identity.pem(site.certificate, site.key))
                        .handle("/endless", exchange -> {
                            try (OutputStream out = exchange.start(200, 1_000_000)) {
                                out.write(new byte[400_000]);
                                out.flush();
                                end.await();
                                out.write(new byte[600_000]);
                            }
                        })
                        .start();
                Program get = Shell.tokioj(
                        temporary,
                        temporary.resolve("stopped-out"),
                        "get",
                        "-v",
                        "--cacert",
                        site.authority.toString(),
                        "-o",
                        file.toString(),
                        "https://localhost:" + server.port() + "/endless")) {
            try {
                get.await("< 200", 30);
                Shell.signal(get, signal, temporary);
                get.end(signal.equals("INT") ? 130 : 143, 20);
            } finally {
                end.countDown();
            }
            assertTrue(Files.notExists(file), "a file that is not whole");
        }
    }

    @Test
    void echoExitsWithZero() throws Exception {
        try (Program server = Program.tokioj(
                temporary,
                "echo",
                "--port",
                "0",
                "--cert",
                site.certificate.toString(),
                "--key",
                site.key.toString())) {
            String port = server.await("Echoing on localhost:(\\d+)", 30);
            try (Program client = Program.tokioj(
                    temporary, "echo", "--cacert", site.authority.toString(), "localhost:" + port, "hello")) {
                client.end(0, 30);
            }
            server.terminate();
            server.end(0, 20);
        }
    }

    @Test
    void perfExitsWithZero() throws Exception {
        try (Program server = Program.tokioj(
                temporary,
                "perf",
                "--serve",
                "--port",
                "0",
                "--cert",
                site.certificate.toString(),
                "--key",
                site.key.toString())) {
            String port = server.await("perf server on UDP port (\\d+)", 30);
            try (Program client = Program.tokioj(
                    temporary,
                    "perf",
                    "--cacert",
                    site.authority.toString(),
                    "--connect",
                    "localhost:" + port,
                    "-t",
                    "0.2",
                    "requests")) {
                client.end(0, 60);
            }
            server.terminate();
            server.end(0, 20);
        }
    }
}

package dev.tokioj.runtime.net;

import static dev.tokioj.runtime.net.TlsFixture.LONG;
import static dev.tokioj.runtime.net.TlsFixture.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS against the other implementation: openssl, where there is one. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class TlsOpensslTest {
    private final Ways ways;
    private TlsFixture tls;

    TlsOpensslTest(Ways ways) {
        this.ways = ways;
    }

    @BeforeEach
    void listen() throws IOException {
        tls = new TlsFixture(ways);
    }

    @AfterEach
    void end() {
        tls.close();
    }

    private static void assumeOpenssl() {
        boolean found;
        try {
            TlsKeys.run(java.util.List.of("openssl", "version"));
            found = true;
        } catch (IOException | InterruptedException e) {
            found = false;
        }
        assumeTrue(found, "SKIPPED: there is no openssl here");
    }

    private static Process openssl(String... arguments) throws IOException {
        java.util.List<String> command = new java.util.ArrayList<>(java.util.List.of("openssl"));
        command.addAll(java.util.List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void opensslAsTheClient() throws Exception {
        assumeOpenssl();
        Task<TlsStream> accepted = tls.accepting(options());
        Process client = openssl(
                "s_client",
                "-quiet",
                "-connect",
                "localhost:" + tls.listener.localAddress().getPort(),
                "-alpn",
                "one");
        try (TlsStream server = accepted.join(LONG)) {
            assertEquals("one", server.applicationProtocol());
            server.write("from tokioj\n".getBytes(StandardCharsets.UTF_8));
            OutputStream stdin = client.getOutputStream();
            stdin.write("from openssl\n".getBytes(StandardCharsets.UTF_8));
            stdin.flush();
            byte[] got = new byte[13];
            int at = 0;
            while (at < got.length) {
                at += server.read(got, at, got.length - at, LONG);
            }
            assertEquals("from openssl\n", new String(got, StandardCharsets.UTF_8));
            awaitLine(client, "from tokioj");
        } finally {
            client.destroyForcibly();
        }
    }

    @Test
    void opensslAsTheServer() throws Exception {
        assumeOpenssl();
        int port = freePort();
        String pem = TlsFixture.pem();
        Process server =
                openssl("s_server", "-accept", "127.0.0.1:" + port, "-key", pem, "-cert", pem, "-alpn", "one", "-rev");
        try {
            awaitLine(server, "ACCEPT");
            Task<String> talk = tls.runtime.spawn(() -> {
                TcpStream tcp = TcpStream.connect(TcpStreamTest.loopback(port), LONG);
                try (TlsStream client = TlsStream.client(tcp, "localhost", options())) {
                    assertEquals("one", client.applicationProtocol());
                    client.write("tokioj\n".getBytes(StandardCharsets.UTF_8));
                    byte[] got = new byte[7];
                    int at = 0;
                    while (at < got.length) {
                        at += client.read(got, at, got.length - at, LONG);
                    }
                    return new String(got, StandardCharsets.UTF_8);
                }
            });
            assertEquals("joikot\n", talk.join(LONG));
        } finally {
            server.destroyForcibly();
            server.waitFor(20, TimeUnit.SECONDS);
        }
    }

    /** openssl gives each message a record of its own, so the JDK's engine asks for the key while it opens the last of them. */
    @Test
    void aClientsKeyIsAskedForInTheBlockingPool() throws Exception {
        assumeOpenssl();
        Set<String> asked = ConcurrentHashMap.newKeySet();
        TlsOptions options = TlsOptions.builder()
                .context(TlsFixture.keys()
                        .context(question ->
                                asked.add(Thread.currentThread().getName().replaceAll(".*-(blocking)-.*", "$1") + ": "
                                        + question)))
                .build();
        int port = freePort();
        Process server = openssl(
                "s_server",
                "-accept",
                "127.0.0.1:" + port,
                "-key",
                TlsFixture.pem(),
                "-cert",
                TlsFixture.pem(),
                "-Verify",
                "1",
                "-rev");
        try {
            awaitLine(server, "ACCEPT");
            tls.runtime
                    .spawn(() -> {
                        TcpStream tcp = TcpStream.connect(TcpStreamTest.loopback(port), LONG);
                        TlsStream.client(tcp, "localhost", options).close();
                        return true;
                    })
                    .join(LONG);
            assertEquals(Set.of("blocking: client's key", "blocking: server trusted"), asked);
        } finally {
            server.destroyForcibly();
            server.waitFor(20, TimeUnit.SECONDS);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void awaitLine(Process process, String wanted) throws IOException {
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        String line;
        do {
            line = said.readLine();
            assertTrue(line != null, "it ended without saying " + wanted);
        } while (!line.contains(wanted));
    }
}

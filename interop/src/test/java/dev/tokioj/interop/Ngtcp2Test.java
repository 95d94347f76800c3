package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ngtcp2's client and server, with GnuTLS. */
final class Ngtcp2Test {
    private static final String PRIORITIES = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+";

    @TempDir
    static Path temporary;

    private static Site site;

    @BeforeAll
    static void site() throws Exception {
        Program.require("gtlsclient", "ngtcp2-client");
        Program.require("gtlsserver", "ngtcp2-server");
        site = Site.in(temporary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void itsClientFetchesFromUs(String address) throws Exception {
        try (Program server = Program.serving(site, temporary)) {
            String port = server.port();
            for (String name : List.of("small.txt", "medium.bin", "big.bin")) {
                Path downloads = Files.createTempDirectory(temporary, "ngtcp2");
                try (Program client = Program.start(
                        temporary,
                        List.of(
                                "gtlsclient",
                                "-q",
                                "--exit-on-all-streams-close",
                                "--download=" + downloads,
                                address,
                                port,
                                "https://localhost:" + port + "/" + name))) {
                    client.end(0, 60);
                }
                site.assertFetched(name, downloads.resolve(name));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"})
    void weFetchFromItsServerWithEachCipher(String cipher) throws Exception {
        fetch("127.0.0.1", cipher, List.of("small.txt", "medium.bin"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void weFetchFromItsServer(String address) throws Exception {
        fetch(address, "AES-128-GCM", List.of("small.txt", "big.bin"));
    }

    private static void fetch(String address, String cipher, List<String> names) throws Exception {
        int port = Site.freePort();
        try (Program server = Program.start(
                temporary,
                List.of(
                        "gtlsserver",
                        "-q",
                        "-d",
                        site.root.toString(),
                        "--ciphers=" + PRIORITIES + cipher,
                        address,
                        Integer.toString(port),
                        site.key.toString(),
                        site.certificate.toString()))) {
            // It prints nothing when it is ready: our client's retransmitted Initial finds it.
            assertTrue(server.isAlive(), server::output);
            Program.fetch(site, temporary, address, port, names);
        }
    }
}

package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tokioj get} from Caddy, whose QUIC is quic-go. */
final class CaddyTest {
    @TempDir
    static Path temporary;

    private static Site site;

    @BeforeAll
    static void site() throws Exception {
        Program.require("caddy", "caddy");
        site = Site.in(temporary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::1]"})
    void getFetchesFilesIntact(String address) throws Exception {
        int port = Site.freePort();
        Path config = temporary.resolve("Caddyfile");
        Files.writeString(config, """
                {
                  admin off
                  auto_https off
                }
                https://localhost:%d, https://127.0.0.1:%d, https://[::1]:%d {
                  tls %s %s
                  root * %s
                  file_server
                }
                """.formatted(port, port, port, site.certificate, site.key, site.root));
        try (Program caddy = Program.start(
                temporary, List.of("caddy", "run", "--config", config.toString(), "--adapter", "caddyfile"))) {
            caddy.await("serving initial configuration", 30);
            String literal = address.replaceAll("[\\[\\]]", "");
            Program.fetch(site, temporary, literal, port, List.of("small.txt", "empty.bin", "medium.bin", "big.bin"));
            Program missing = Program.tokioj(
                    temporary,
                    "get",
                    "--cacert",
                    site.authority.toString(),
                    "-i",
                    "https://localhost:" + port + "/nothing-here");
            assertTrue(missing.end(8, 30).contains("404"));
        }
    }
}

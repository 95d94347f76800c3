package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real browser on {@code tokioj serve}. */
final class ChromiumTest {
    @TempDir
    static Path temporary;

    private static Site site;

    @BeforeAll
    static void serve() throws Exception {
        Program.require("chromium", "chromium");
        site = Site.in(temporary);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1", "[::1]"})
    void loadsAPageWithImagesAndFiftyMegabytesOverHttp3(String address) throws Exception {
        try (Program server = Program.serving(site, temporary)) {
            String port = server.port();
            String dom = browse(port, address, site.spkiHash);
            String images = "images "
                    + String.join(
                            " ",
                            IntStream.range(0, 12).mapToObj(i -> 64 + i + "x48").toList());
            assertTrue(dom.contains(images), dom);
            assertTrue(dom.contains("bytes 50000000\nsha256 " + Site.sha256(site.root.resolve("big.bin"))), dom);
            assertTrue(dom.contains("\n/=h3\n"), dom);
            assertTrue(dom.contains("\n/big.bin=h3\n"), dom);
            for (int i = 0; i < 12; i++) {
                assertTrue(dom.contains("\n/image" + i + ".png=h3\n"), dom);
            }
            server.terminate();
            server.end(0, 20);
        }
    }

    /** The line that {@code serve} prints for the development certificate is the line to type. */
    @Test
    void thePrintedCommandOpensThePage() throws Exception {
        try (Program server = Program.tokioj(
                temporary,
                "serve",
                site.root.toString(),
                "--port",
                "0",
                "--cert-dir",
                temporary.resolve("dev").toString())) {
            String command = server.await("(?m)^\\s*(chromium .*https://localhost:\\d+/.*)$", 30);
            List<String> words = List.of(command.replace("\"", "").split("\\s+"));
            String port = server.port();
            String spki = words.stream()
                    .filter(w -> w.startsWith("--ignore-certificate-errors-spki-list="))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(command))
                    .substring("--ignore-certificate-errors-spki-list=".length());
            assertTrue(words.contains("--origin-to-force-quic-on=localhost:" + port), command);
            String dom = browse(port, "127.0.0.1", spki);
            assertTrue(dom.contains("\n/=h3\n"), dom);
            assertEquals("https://localhost:" + port + "/", words.getLast());
        }
    }

    private static String browse(String port, String address, String spkiHash) throws Exception {
        List<String> command = List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + temporary.resolve("profile" + System.nanoTime()),
                "--enable-quic",
                "--host-resolver-rules=MAP localhost " + address,
                "--origin-to-force-quic-on=localhost:" + port,
                "--ignore-certificate-errors-spki-list=" + spkiHash,
                "--virtual-time-budget=10000",
                "--dump-dom",
                "https://localhost:" + port + "/");
        try (Program browser = Program.start(temporary, command)) {
            return browser.end(0, 90);
        }
    }
}

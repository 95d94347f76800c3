package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The line that {@code serve} prints for Chromium, given to a shell as it is, but without a window. */
final class ChromiumLineTest {
    @TempDir
    static Path temporary;

    private static Site site;

    @BeforeAll
    static void site() throws Exception {
        Program.require("chromium", "chromium");
        site = Site.in(temporary);
    }

    @Test
    void thePrintedLineOpensThePageOverHttp3() throws Exception {
        try (Program server = Program.tokioj(
                temporary,
                "serve",
                site.root.toString(),
                "--port",
                "0",
                "--cert-dir",
                temporary.resolve("dev").toString())) {
            String line = server.await("(?m)^ *(chromium .*https://localhost:\\d+/)$", 30);
            String unseen = line.replaceFirst(
                    "^chromium ",
                    "chromium --headless --no-sandbox --disable-gpu --virtual-time-budget=10000 --dump-dom ");
            try (Program browser = Program.start(temporary, List.of("sh", "-c", unseen))) {
                String dom = browser.end(0, 90);
                assertTrue(dom.contains("bytes 50000000\nsha256 " + Site.sha256(site.root.resolve("big.bin"))), dom);
                assertTrue(dom.contains("\n/=h3\n"), dom);
                assertTrue(dom.contains("\n/big.bin=h3\n"), dom);
            }
        }
    }
}

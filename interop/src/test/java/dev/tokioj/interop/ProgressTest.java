package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.net.Http3Server;
import dev.tokioj.tls.Identity;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tokioj get} draws on a terminal: {@code script} of util-linux gives it one. */
final class ProgressTest {
    private static final int PIECE = 1_000;
    private static final int PIECES = 2_000;

    @TempDir
    static Path temporary;

    @Test
    void aDownloadToAFileDrawsHowFarItIsAndTakesTheLineAway() throws Exception {
        Program.require("script", "bsdutils");
        Site site = Site.in(temporary);
        Path file = temporary.resolve("file");
        CountDownLatch drawn = new CountDownLatch(1);
        try (Http3Server server = Http3Server.builder()
                        .identity(Identity.pem(site.certificate, site.key))
                        .handle("/slow", exchange -> slow(exchange.start(200, (long) PIECE * PIECES), drawn))
                        .start();
                Program get = Program.start(
                        temporary, List.of("script", "-qec", line(site, file, server.port()), "/dev/null"))) {
            try {
                // A carriage return ends a line for who reads here.
                get.await("\\[#*\\.+\\] +\\d+ %  [0-9.]+ [kM]?B of 2\\.0\\d? MB  .*B/s", 30);
            } finally {
                drawn.countDown();
            }
            String said = get.end(0, 30);
            assertEquals((long) PIECE * PIECES, Files.size(file));
            assertTrue(said.stripTrailing().endsWith("B/s"), said);
            assertTrue(said.lines().anyMatch(each -> !each.isEmpty() && each.isBlank()), "the line stays: " + said);
        }
    }

    /** A piece every 5 ms, so that there is something to draw whenever it is time, and the rest once it was seen. */
    private static void slow(OutputStream out, CountDownLatch drawn) throws Exception {
        try (out) {
            for (int i = 0; i < PIECES; i++) {
                out.write(new byte[PIECE]);
                out.flush();
                if (drawn.await(5, TimeUnit.MILLISECONDS)) {
                    out.write(new byte[PIECE * (PIECES - 1 - i)]);
                    return;
                }
            }
        }
    }

    private static String line(Site site, Path file, int port) {
        StringBuilder line = new StringBuilder();
        for (String word : Shell.command(
                "get",
                "--cacert",
                site.authority.toString(),
                "-o",
                file.toString(),
                "https://localhost:" + port + "/slow")) {
            line.append('\'').append(word).append("' ");
        }
        return line.toString();
    }
}

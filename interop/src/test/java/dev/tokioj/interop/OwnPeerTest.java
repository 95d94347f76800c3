package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command against itself, in processes of their own. */
final class OwnPeerTest {
    private static final long SEED = 20_260_901;
    private static final int GIGABYTE_BLOCKS = 1024;

    @TempDir
    static Path temporary;

    private static Site site;

    @BeforeAll
    static void site() throws Exception {
        site = Site.in(temporary);
    }

    @Test
    void echoSendsBackWhatWasSaid() throws Exception {
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
                    temporary, "echo", "--cacert", site.authority.toString(), "localhost:" + port, "hello", "again")) {
                String output = client.end(0, 30);
                assertTrue(
                        Pattern.compile("(?m)^hello\\b.*\\Ragain\\b")
                                .matcher(output)
                                .find(),
                        output);
            }
        }
    }

    @Test
    void demoVerifiesWhatItFetches() throws Exception {
        try (Program demo = Program.tokioj(
                temporary,
                "demo",
                "--once",
                "--cert-dir",
                temporary.resolve("demo").toString())) {
            String output = demo.end(0, 60);
            assertTrue(
                    Pattern.compile("(?m)^Verified +SHA-256 [0-9a-f]{64}$")
                            .matcher(output)
                            .find(),
                    output);
        }
    }

    @Test
    void perfMeasuresFourCases() throws Exception {
        String output;
        try (Program perf = Program.tokioj(temporary, "perf", "--json", "-t", "1")) {
            output = perf.end(0, 90);
        }
        List<String> lines = output.lines().filter(line -> line.startsWith("{")).toList();
        assertEquals(
                List.of("bulk", "upload", "requests", "handshakes"),
                lines.stream().map(line -> text(line, "case")).toList(),
                output);
        for (String line : lines) {
            boolean transfer = text(line, "unit").equals("MB/s");
            assertEquals(text(line, "case").matches("bulk|upload"), transfer, line);
            assertBetween(1, number(line, "value"), transfer ? 20_000 : 1_000_000, line);
            // Seconds a GB, or microseconds an operation; a second of CPU is a million of the latter.
            assertBetween(0.001, number(line, "cpuServer"), 1_000_000, line);
            assertBetween(0.001, number(line, "cpuClient"), 1_000_000, line);
            if (transfer) {
                assertTrue(line.contains("\"p50us\":null,\"p99us\":null"), line);
            } else {
                assertBetween(1, number(line, "p50us"), 30_000_000, line);
                assertBetween(number(line, "p50us"), number(line, "p99us"), 30_000_000, line);
            }
        }
    }

    private static String text(String line, String field) {
        return group(line, "\"" + field + "\":\"([^\"]*)\"");
    }

    private static double number(String line, String field) {
        return Double.parseDouble(group(line, "\"" + field + "\":([0-9.]+)"));
    }

    private static String group(String line, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(line);
        assertTrue(matcher.find(), () -> "no " + pattern + " in " + line);
        return matcher.group(1);
    }

    private static void assertBetween(double least, double value, double most, String line) {
        assertTrue(least <= value && value <= most, () -> value + " is not in " + least + ".." + most + ": " + line);
    }

    /** With the settings that everybody has, on one stream of one connection. */
    @ParameterizedTest
    @ValueSource(strings = {"LINUX", "NIO"})
    void aGigabyteArrivesIntact(String transport) throws Exception {
        Assumptions.assumeTrue(
                !transport.equals("LINUX") || System.getProperty("os.name").equals("Linux"),
                "the LINUX transport is for Linux");
        Path sent = gigabyte(site.root.resolve("gigabyte.bin"));
        Path arrived = temporary.resolve("arrived-" + transport);
        try (Program server = Program.tokioj(
                temporary,
                "serve",
                site.root.toString(),
                "--quiet",
                "--transport",
                transport,
                "--port",
                "0",
                "--cert",
                site.certificate.toString(),
                "--key",
                site.key.toString())) {
            String url = "https://localhost:" + server.port() + "/gigabyte.bin";
            try (Program get = Program.tokioj(
                    temporary,
                    "get",
                    "-v",
                    "--transport",
                    transport,
                    "--cacert",
                    site.authority.toString(),
                    "-o",
                    arrived.toString(),
                    url)) {
                String said = get.end(0, 400);
                assertEquals(Files.size(sent), Files.size(arrived), said);
                assertEquals(-1, Files.mismatch(sent, arrived), () -> "first difference; seed " + SEED + "; " + said);
            }
        } finally {
            Files.deleteIfExists(arrived);
        }
    }

    /** Writes the file if it is not there. */
    private static Path gigabyte(Path file) throws IOException {
        if (!Files.exists(file)) {
            SplittableRandom random = new SplittableRandom(SEED);
            byte[] block = new byte[1024 * 1024];
            try (OutputStream out = Files.newOutputStream(file)) {
                for (int i = 0; i < GIGABYTE_BLOCKS; i++) {
                    random.nextBytes(block);
                    out.write(block);
                }
            }
        }
        return file;
    }
}

package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a start of the command leaves alone, because it costs time and is not needed. */
final class StartTest {
    @TempDir
    Path temporary;

    private List<String> classes(String log) {
        return List.of("-Xlog:class+load:file=" + temporary.resolve(log));
    }

    private List<String> loaded(String log) throws IOException {
        try (var lines = Files.lines(temporary.resolve(log))) {
            return lines.filter(line -> line.contains("org.bouncycastle")
                            || line.contains("dev.tokioj.cli.development")
                            || line.contains("CertificateLibrary"))
                    .toList();
        }
    }

    private Program serve(String log) throws Exception {
        return Program.tokioj(
                temporary,
                classes(log),
                "serve",
                "--port",
                "0",
                "--cert-dir",
                temporary.resolve("kept").toString());
    }

    private void get(int code, List<String> jvmOptions, String... arguments) throws Exception {
        try (Program program = Program.tokioj(temporary, jvmOptions, arguments)) {
            program.end(code, 30);
        }
    }

    private static String port(Program server) throws InterruptedException {
        return server.await("UDP port (\\d+)", 30);
    }

    @Test
    void bouncyCastleIsLoadedOnlyToMakeACertificate() throws Exception {
        Path certificate = temporary.resolve("kept/localhost.crt.pem");
        Files.writeString(temporary.resolve("page.txt"), "page");
        try (Program first = serve("makes.log")) {
            port(first);
            first.await("made just now", 5);
        }
        // What the next lists lack, this one has.
        assertTrue(loaded("makes.log").size() > 100, "classes that made the certificate");
        try (Program second = serve("keeps.log")) {
            String url = "https://localhost:" + port(second) + "/page.txt";
            get(0, classes("gets.log"), "get", "--cacert", certificate.toString(), url);
        }
        for (String log : List.of("keeps.log", "gets.log")) {
            assertTrue(Files.size(temporary.resolve(log)) > 10_000, log);
            assertEquals(List.of(), loaded(log), log);
        }
    }

    /** A trust store that cannot be read does not matter to who does not ask it, so it is not read. */
    @ParameterizedTest
    @ValueSource(strings = {"--cacert", "--insecure"})
    void theSystemsTrustStoreIsNotReadWhereAnotherDecides(String trust) throws Exception {
        Site site = Site.in(temporary);
        List<String> garbage = List.of("-Djavax.net.ssl.trustStore=" + garbage());
        try (Program server = Program.serving(site, temporary)) {
            String url = "https://localhost:" + server.port() + "/small.txt";
            if (trust.equals("--cacert")) {
                get(0, garbage, "get", trust, site.authority.toString(), url);
            } else {
                get(0, garbage, "get", trust, url);
            }
        }
    }

    @Test
    void aTrustStoreThatCannotBeReadIsNamed() throws Exception {
        Path garbage = garbage();
        try (Program get = Program.tokioj(
                temporary, List.of("-Djavax.net.ssl.trustStore=" + garbage), "get", "https://localhost:1/")) {
            String said = get.end(1, 30);
            assertTrue(said.startsWith("tokioj: the JDK's trust store cannot be read"), said);
            assertTrue(said.contains(garbage.toString()), said);
            assertTrue(said.contains("--cacert"), said);
            assertTrue(!said.contains("\tat "), said);
        }
    }

    private Path garbage() throws IOException {
        return Files.write(temporary.resolve("garbage.jks"), new byte[1000]);
    }
}

package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.net.Http3Client;
import dev.tokioj.net.Request;
import dev.tokioj.net.Response;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code tokioj serve} answers, by the real command in a process of its own. */
final class ServeTest {
    private static final String SECRET = "not for everybody";

    @TempDir
    static Path temporary;

    private static Site site;
    private static Program server;
    private static Http3Client client;
    private static String origin;

    @BeforeAll
    static void serve() throws Exception {
        site = Site.in(temporary);
        Files.writeString(temporary.resolve("secret.txt"), SECRET);
        Path directory = Files.createDirectories(site.root.resolve("with page"));
        Files.writeString(directory.resolve("index.html"), "<title>inner</title>");
        Path bare = Files.createDirectories(site.root.resolve("bare"));
        Files.writeString(bare.resolve("a&b <c>.css"), "p{}");
        Files.writeString(site.root.resolve(".hidden"), SECRET);
        for (String ending : List.of("css", "js", "json", "svg", "wasm", "unknown")) {
            Files.writeString(site.root.resolve("typed." + ending), ending);
        }
        Files.createSymbolicLink(site.root.resolve("out.txt"), temporary.resolve("secret.txt"));
        Files.createSymbolicLink(site.root.resolve("out"), temporary);
        Files.createSymbolicLink(site.root.resolve("in.txt"), site.root.resolve("small.txt"));
        server = Program.serving(site, temporary);
        origin = "https://localhost:" + server.port();
        client = Http3Client.builder().trust(site.authority).build();
    }

    @AfterAll
    static void end() throws Exception {
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static Response ask(String method, String target, String... fields) throws IOException {
        Request.Builder request = Request.builder(URI.create(origin + target)).method(method);
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return client.send(request.build());
    }

    @Test
    void headHasTheFieldsOfGetAndNoContent() throws Exception {
        try (Response get = ask("GET", "/medium.bin");
                Response head = ask("HEAD", "/medium.bin")) {
            assertEquals(200, get.status());
            assertEquals(200, head.status());
            for (String field : List.of("content-length", "content-type", "etag", "last-modified", "accept-ranges")) {
                assertTrue(get.field(field) != null, field);
                assertEquals(get.field(field), head.field(field), field);
            }
            assertEquals("5000000", head.field("content-length"));
            assertEquals(0, head.bytes().length);
            assertArrayEquals(Files.readAllBytes(site.root.resolve("medium.bin")), get.bytes());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=1000-1999, 1000, 2000",
        "bytes=4999990-, 4999990, 5000000",
        "bytes=-10, 4999990, 5000000",
        "bytes=4999990-9999999, 4999990, 5000000",
        "bytes=-9999999, 0, 5000000"
    })
    void aRangeIsThatPartOfTheFile(String range, int from, int to) throws Exception {
        byte[] whole = Files.readAllBytes(site.root.resolve("medium.bin"));
        try (Response response = ask("GET", "/medium.bin", "range", range)) {
            assertEquals(206, response.status());
            assertEquals("bytes " + from + "-" + (to - 1) + "/5000000", response.field("content-range"));
            assertEquals(Integer.toString(to - from), response.field("content-length"));
            assertArrayEquals(Arrays.copyOfRange(whole, from, to), response.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=5000000-", "bytes=7000000-8000000"})
    void aRangePastTheEndIs416(String range) throws Exception {
        try (Response response = ask("GET", "/medium.bin", "range", range)) {
            assertEquals(416, response.status());
            assertEquals("bytes */5000000", response.field("content-range"));
            assertEquals(0, response.bytes().length);
        }
    }

    @Test
    void aKnownTagIs304() throws Exception {
        String tag;
        String modified;
        try (Response response = ask("HEAD", "/small.txt")) {
            tag = String.valueOf(response.field("etag"));
            modified = String.valueOf(response.field("last-modified"));
        }
        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            try (Response response = ask("GET", "/small.txt", "if-none-match", known)) {
                assertEquals(304, response.status(), known);
                assertEquals(tag, response.field("etag"));
                assertEquals(0, response.bytes().length);
            }
        }
        try (Response response = ask("GET", "/small.txt", "if-modified-since", modified)) {
            assertEquals(304, response.status());
        }
        try (Response response =
                ask("GET", "/small.txt", "if-none-match", "\"other\"", "if-modified-since", modified)) {
            assertEquals(200, response.status());
            assertEquals(1_234, response.bytes().length);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/small.txt, text/plain; charset=utf-8",
        "/image0.png, image/png",
        "/typed.css, text/css; charset=utf-8",
        "/typed.js, text/javascript; charset=utf-8",
        "/typed.json, application/json",
        "/typed.svg, image/svg+xml",
        "/typed.wasm, application/wasm",
        "/typed.unknown, application/octet-stream",
        "/, text/html; charset=utf-8",
        "/bare/, text/html; charset=utf-8"
    })
    void theTypeFollowsTheName(String target, String type) throws Exception {
        try (Response response = ask("GET", target)) {
            assertEquals(200, response.status());
            assertEquals(type, response.field("content-type"));
        }
    }

    @Test
    void aDirectoryIsItsIndexPageOrAListing() throws Exception {
        try (Response root = ask("GET", "/");
                Response inner = ask("GET", "/with%20page/");
                Response listing = ask("GET", "/bare/")) {
            assertArrayEquals(Files.readAllBytes(site.root.resolve("index.html")), root.bytes());
            assertEquals("<title>inner</title>", inner.text());
            String page = listing.text();
            assertTrue(page.contains("a&amp;b &lt;c&gt;.css") && !page.contains("<c>"), page);
        }
    }

    @ParameterizedTest
    @CsvSource({"/bare, /bare/", "/bare?x=1&y=%20z, /bare/?x=1&y=%20z", "/with%20page?q, /with%20page/?q"})
    void aDirectoryWithoutItsSlashIsRedirectedWithItsQuery(String target, String location) throws Exception {
        try (Response response = ask("GET", target)) {
            assertEquals(308, response.status());
            assertEquals(location, response.field("location"));
        }
    }

    /** As the client sends them: nothing on the way takes the dots out. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/%2E%2E/secret.txt",
                "/.%2e/secret.txt",
                "/%2e./secret.txt",
                "/..%2fsecret.txt",
                "/%2e%2e%2fsecret.txt",
                "/..%5csecret.txt",
                "/bare/../../secret.txt",
                "/bare/..%2f..%2fsecret.txt",
                "/bare/%2e%2e/%2e%2e/secret.txt",
                "//../secret.txt",
                "/./../secret.txt",
                "/%252e%252e/secret.txt",
                "/..%00/secret.txt",
                "/..;/secret.txt",
                "/%c0%ae%c0%ae/secret.txt",
                "/..",
                "/../",
                "/../www/small.txt",
                "/.hidden",
                "/%2ehidden"
            })
    void nothingAboveTheDirectoryIsServed(String target) throws Exception {
        assertNotFound(target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/out.txt", "/out/secret.txt", "/out/", "/out", "/out/www/small.txt.none"})
    void linksOutOfTheDirectoryAreNotServed(String target) throws Exception {
        assertNotFound(target);
    }

    @Test
    void absolutePathsAreNotServed() throws Exception {
        assertNotFound("/" + temporary.resolve("secret.txt"));
        assertNotFound(temporary.resolve("secret.txt").toString());
        assertNotFound("/%2f" + temporary.resolve("secret.txt").toString().replace("/", "%2f"));
    }

    private static void assertNotFound(String target) throws IOException {
        try (Response response = ask("GET", target)) {
            String content = response.text();
            assertEquals(404, response.status(), target + ": " + content);
            assertTrue(!content.contains(SECRET), target);
        }
    }

    @Test
    void aLinkWithinTheDirectoryIsServed() throws Exception {
        try (Response response = ask("GET", "/in.txt")) {
            assertEquals(200, response.status());
            assertArrayEquals(Files.readAllBytes(site.root.resolve("small.txt")), response.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE"})
    void otherMethodsAre405(String method) throws Exception {
        try (Response response = ask(method, "/small.txt")) {
            assertEquals(405, response.status());
            assertEquals("GET, HEAD", response.field("allow"));
        }
        assertTrue(Files.exists(site.root.resolve("small.txt")));
    }

    /** Read to its end or not, what a client sends along with a refused request does not hold the answer up. */
    @Test
    void aRefusedUploadIsAnswered() throws Exception {
        Request request = Request.builder(URI.create(origin + "/small.txt"))
                .method("POST")
                .body(new byte[3_000_000])
                .build();
        try (Response response = client.send(request)) {
            assertEquals(405, response.status());
            assertTrue(response.text().contains("GET"));
        }
        try (Response next = ask("GET", "/small.txt")) {
            assertEquals(1_234, next.bytes().length);
        }
    }
}

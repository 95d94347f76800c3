package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StaticFilesTest {
    @TempDir
    Path temporary;

    private Path root;
    private StaticFiles files;

    @BeforeEach
    void tree() throws IOException {
        root = Files.createDirectory(temporary.resolve("site"));
        Files.writeString(temporary.resolve("secret.txt"), "secret");
        Files.createDirectory(temporary.resolve("site-private"));
        Files.writeString(temporary.resolve("site-private/key.txt"), "secret");
        Files.writeString(root.resolve("a file+b.txt"), "a");
        Files.writeString(root.resolve(".hidden"), "h");
        Files.createDirectories(root.resolve("sub/with-index"));
        Files.writeString(root.resolve("sub/with-index/index.html"), "<p>");
        Files.writeString(root.resolve("sub/grüße.txt"), "g");
        Files.createSymbolicLink(root.resolve("out.txt"), temporary.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("outdir"), temporary);
        Files.createSymbolicLink(root.resolve("sibling"), temporary.resolve("site-private"));
        Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));
        Files.createSymbolicLink(root.resolve("inside"), root.resolve("sub"));
        Files.createDirectory(root.resolve(".git"));
        Files.writeString(root.resolve(".git/config"), "c");
        Files.createSymbolicLink(root.resolve("public"), root.resolve(".git"));
        files = new StaticFiles(root);
    }

    @Test
    void findsFilesByTheirDecodedNames() throws IOException {
        assertFile("a file+b.txt", "/a%20file+b.txt");
        assertFile("a file+b.txt", "/a%20file%2Bb.txt?query=1#x");
        assertFile("sub/grüße.txt", "/sub/gr%C3%BC%C3%9Fe.txt");
        assertFile("sub/grüße.txt", "//sub///gr%c3%bc%C3%9fe.txt");
        assertFile("sub/grüße.txt", "/inside/gr%C3%BC%C3%9Fe.txt");
    }

    @Test
    void directoriesAreTheirIndexOrAListingOrMoved() throws IOException {
        assertFile("sub/with-index/index.html", "/sub/with-index/");
        assertInstanceOf(StaticFiles.Found.Directory.class, files.find("/"));
        assertInstanceOf(StaticFiles.Found.Directory.class, files.find("/sub/"));
        assertEquals(new StaticFiles.Found.Moved("/sub/with-index/"), files.find("/sub/with-index?x"));
        assertEquals(new StaticFiles.Found.Moved("/sub/"), files.find("//sub"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/sub/../../secret.txt",
                "/%2e%2e/secret.txt",
                "/%2E%2E%2Fsecret.txt",
                "/..%2fsecret.txt",
                "/sub/%2e%2e/%2e%2e/secret.txt",
                "/%252e%252e/secret.txt",
                "/..%5csecret.txt",
                "/..\\secret.txt",
                "/%c0%ae%c0%ae/secret.txt",
                "/%00",
                "/a%20file+b.txt%00.html",
                "/%",
                "/%zz",
                "/%2",
                "secret.txt",
                "",
                "*",
                "/out.txt",
                "/outdir/secret.txt",
                "/outdir/",
                "/sibling/key.txt",
                "/loop",
                "/.hidden",
                "/.git/config",
                "/public/config",
                "/public/",
                "/sub/.",
                "/C:/windows",
                "/none",
                "/a%20file+b.txt/",
                "/a%20file+b.txt/x",
            })
    void nothingOutsideTheDirectoryAndNothingHidden(String target) throws IOException {
        assertInstanceOf(StaticFiles.Found.Nothing.class, files.find(target), target);
    }

    @Test
    void anEndlessNameIsNothing() throws IOException {
        assertInstanceOf(StaticFiles.Found.Nothing.class, files.find("/" + "a".repeat(5000)));
        assertInstanceOf(StaticFiles.Found.Nothing.class, files.find("/a".repeat(5000)));
    }

    @Test
    void absolutePathsStayBelowTheRoot() throws IOException {
        assertInstanceOf(StaticFiles.Found.Nothing.class, files.find("/" + temporary.resolve("secret.txt")));
        assertInstanceOf(
                StaticFiles.Found.Nothing.class,
                files.find("/%2F" + temporary.resolve("secret.txt").toString().substring(1)));
    }

    @Test
    void aFileIsNoRoot() {
        assertThrows(NotDirectoryException.class, () -> new StaticFiles(temporary.resolve("secret.txt")));
    }

    @Test
    void listingsEscapeNamesAndHideHiddenOnes() throws IOException {
        Files.writeString(root.resolve("<b>&\"'.txt"), "x");
        String page = DirectoryListing.html(root, "/");
        assertTrue(page.contains("&lt;b&gt;&amp;&quot;&#39;.txt"), page);
        assertTrue(page.contains("href=\"./%3Cb%3E&amp;%22%27.txt\""), page);
        assertTrue(
                page.contains("sub/")
                        && !page.contains(".hidden")
                        && !page.contains("out.txt")
                        && !page.contains("<b>"),
                page);
    }

    private void assertFile(String expected, String target) throws IOException {
        assertEquals(
                new StaticFiles.Found.File(root.toRealPath().resolve(expected).toRealPath()), files.find(target));
    }
}

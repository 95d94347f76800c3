package dev.tokioj.cli;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * From the path of a request to a file below one directory, and to nothing outside it: not by {@code ..}, not by
 * percent-encodings of it, not by absolute paths, not by symbolic links. Hidden names (a leading dot) are not served.
 */
final class StaticFiles {
    /** What a path names. */
    sealed interface Found {
        /** A regular file, with its real path. */
        record File(Path path) implements Found {}

        /** A directory without an index file; {@code name} is its path below the root, for the listing. */
        record Directory(Path path, String name) implements Found {}

        /** A directory asked for without its final slash: relative links in it would break. */
        record Moved(String location) implements Found {}

        /** Nothing, or nothing that may be shown. */
        record Nothing() implements Found {}
    }

    private static final Found NOTHING = new Found.Nothing();

    private final Path root;

    /**
     * @param directory what to serve
     * @throws IOException when it does not exist or is not a directory
     */
    StaticFiles(Path directory) throws IOException {
        root = directory.toRealPath();
        if (!Files.isDirectory(root)) {
            throw new java.nio.file.NotDirectoryException(directory.toString());
        }
    }

    Path root() {
        return root;
    }

    /**
     * Finds what a request asks for.
     *
     * @param target the {@code :path} of a request, with its query
     * @throws IOException when the file system fails for another reason than that there is no such file
     */
    Found find(String target) throws IOException {
        String path = decodedPath(target);
        if (path == null) {
            return NOTHING;
        }
        Path wanted = root;
        for (String name : path.split("/", -1)) {
            if (name.isEmpty()) {
                continue;
            }
            // A dot first covers "." and ".." too; a backslash or colon would mean something on other systems.
            if (name.startsWith(".") || name.indexOf('\\') >= 0 || name.indexOf(':') >= 0 || name.indexOf('\0') >= 0) {
                return NOTHING;
            }
            try {
                wanted = wanted.resolve(name);
            } catch (InvalidPathException e) {
                return NOTHING;
            }
        }
        Path real;
        try {
            real = wanted.toRealPath();
        } catch (NoSuchFileException | FileSystemLoopException | java.nio.file.NotDirectoryException e) {
            return NOTHING;
        } catch (java.nio.file.FileSystemException e) {
            // A name longer than the file system takes, a part of the path that is a file: there is no such thing to
            // serve.
            if (Files.exists(wanted)) {
                throw e;
            }
            return NOTHING;
        }
        // Links may point to other places of the tree, not out of it.
        if (!real.startsWith(root) || isHidden(real)) {
            return NOTHING;
        }
        if (Files.isDirectory(real)) {
            return directory(real, path);
        }
        return Files.isRegularFile(real) && !path.endsWith("/") ? new Found.File(real) : NOTHING;
    }

    /** By the names it really has: a link must not show what its own name would hide. */
    private boolean isHidden(Path real) {
        for (Path name : root.relativize(real)) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private Found directory(Path real, String path) throws IOException {
        if (!path.endsWith("/")) {
            return new Found.Moved(encoded(path) + "/");
        }
        Path index = real.resolve("index.html");
        if (Files.isRegularFile(index) && index.toRealPath().startsWith(root)) {
            return new Found.File(index.toRealPath());
        }
        return new Found.Directory(real, path);
    }

    /** The path without query and percent-encodings, starting with one slash; null when it is malformed. */
    private static @Nullable String decodedPath(String target) {
        int end = target.indexOf('?');
        String raw = end < 0 ? target : target.substring(0, end);
        if (!raw.startsWith("/")) {
            return null;
        }
        String path;
        try {
            // A plus is a plus in a path.
            path = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (path.indexOf('\uFFFD') >= 0) {
            return null;
        }
        // "//host/" as a Location would lead to another host.
        int slashes = 0;
        while (slashes < path.length() && path.charAt(slashes) == '/') {
            slashes++;
        }
        return "/" + path.substring(slashes);
    }

    /** A path with everything percent-encoded but what RFC 3986 3.3 lets stand in a segment. */
    static String encoded(String path) {
        StringBuilder out = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-._~/!$&()*+,;=@".indexOf(c) >= 0;
            if (plain) {
                out.append(c);
            } else {
                out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
                out.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
        return out.toString();
    }
}

package dev.tokioj.cli;

import dev.tokioj.net.Exchange;
import dev.tokioj.net.Handler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers GET and HEAD with files: types, validators, one byte range (RFC 9110 sections 8.8, 13, 14). */
final class FileHandler implements Handler {
    private static final int CHUNK = 64 * 1024;
    private static final Set<String> METHODS = Set.of("GET", "HEAD");
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final StaticFiles files;
    private final MediaTypes types = new MediaTypes();
    private final boolean listings;

    /**
     * A handler for the files of a directory.
     *
     * @param listings whether directories without an index file are listed
     */
    FileHandler(StaticFiles files, boolean listings) {
        this.files = files;
        this.listings = listings;
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        if (!METHODS.contains(exchange.method())) {
            exchange.header("allow", "GET, HEAD").respond(405, "this server only has files: use GET or HEAD\n");
            return;
        }
        String query = exchange.query();
        switch (files.find(exchange.path())) {
            case StaticFiles.Found.File(Path path) -> file(exchange, path);
            case StaticFiles.Found.Directory(Path path, String name)
            when listings ->
                exchange.header("content-type", "text/html; charset=utf-8")
                        .respond(200, DirectoryListing.html(path, name));
            case StaticFiles.Found.Moved(String location) ->
                exchange.header("location", query == null ? location : location + "?" + query)
                        .respond(308, "the directory is at " + location + "\n");
            case StaticFiles.Found.Directory _, StaticFiles.Found.Nothing _ -> exchange.respond(404, "not found\n");
        }
    }

    private void file(Exchange exchange, Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            long size = channel.size();
            Instant modified = attributes.lastModifiedTime().toInstant().truncatedTo(ChronoUnit.SECONDS);
            String tag = "\"" + Long.toHexString(attributes.lastModifiedTime().toMillis()) + "-"
                    + Long.toHexString(size) + "\"";
            exchange.header("last-modified", HTTP_DATE.format(modified));
            exchange.header("etag", tag);
            exchange.header("accept-ranges", "bytes");
            if (isUnchanged(exchange, tag, modified)) {
                exchange.respond(304);
                return;
            }
            exchange.header("content-type", types.of(String.valueOf(path.getFileName())));
            exchange.header("x-content-type-options", "nosniff");
            Range range = range(exchange, tag, size);
            if (range == null) {
                send(exchange, 200, channel, 0, size);
            } else if (range.length() == 0) {
                exchange.header("content-range", "bytes */" + size).respond(416);
            } else {
                long last = range.first() + range.length() - 1;
                exchange.header("content-range", "bytes " + range.first() + "-" + last + "/" + size);
                send(exchange, 206, channel, range.first(), range.length());
            }
        } catch (NoSuchFileException e) {
            // Found a moment ago, and gone.
            exchange.respond(404, "not found\n");
        }
    }

    private static void send(Exchange exchange, int status, FileChannel channel, long from, long length)
            throws IOException {
        try (OutputStream out = exchange.start(status, length)) {
            if (exchange.method().equals("HEAD")) {
                return;
            }
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            long position = from;
            while (position < from + length) {
                chunk.clear().limit((int) Math.min(CHUNK, from + length - position));
                int read = channel.read(chunk, position);
                if (read < 0) {
                    throw new IOException("the file was cut short while it was sent");
                }
                out.write(chunk.array(), 0, read);
                position += read;
            }
        }
    }

    /** If-None-Match goes before If-Modified-Since (RFC 9110 section 13.2.2). */
    private static boolean isUnchanged(Exchange exchange, String tag, Instant modified) {
        String noneMatch = exchange.field("if-none-match");
        if (noneMatch != null) {
            for (String each : noneMatch.split(",", -1)) {
                String known = each.strip();
                if (known.equals("*") || (known.startsWith("W/") ? known.substring(2) : known).equals(tag)) {
                    return true;
                }
            }
            return false;
        }
        String since = exchange.field("if-modified-since");
        if (since == null) {
            return false;
        }
        try {
            return !modified.isAfter(ZonedDateTime.parse(since, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            // RFC 9110 section 13.1.3: one that is no date is ignored.
            return false;
        }
    }

    /** A part of a file; of length 0 when the one asked for does not exist. */
    record Range(long first, long length) {}

    private static @Nullable Range range(Exchange exchange, String tag, long size) {
        String asked = exchange.field("range");
        String condition = exchange.field("if-range");
        if (asked == null || (condition != null && !condition.equals(tag))) {
            return null;
        }
        return parseRange(asked, size);
    }

    /** One range of bytes; null for what we do not serve in part: several ranges, other units, nonsense. */
    static @Nullable Range parseRange(String asked, long size) {
        if (!asked.startsWith("bytes=") || asked.indexOf(',') >= 0) {
            return null;
        }
        String spec = asked.substring("bytes=".length()).strip();
        int dash = spec.indexOf('-');
        try {
            if (dash < 0) {
                return null;
            }
            if (dash == 0) {
                long suffix = Math.min(size, Long.parseUnsignedLong(spec.substring(1)));
                return suffix < 0 ? null : new Range(size - suffix, suffix);
            }
            long first = Long.parseLong(spec.substring(0, dash));
            String end = spec.substring(dash + 1);
            long last = end.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(end));
            if (first < 0 || (!end.isEmpty() && Long.parseLong(end) < first)) {
                return null;
            }
            return first >= size ? new Range(0, 0) : new Range(first, last - first + 1);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}

package dev.tokioj.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The page for a directory without an index file: names, sizes and times; directories first, no symbolic links. */
final class DirectoryListing {
    /** A page is bounded: a directory of millions must not fill the heap. */
    static final int MAX_ENTRIES = 10_000;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneOffset.UTC);

    private record Entry(String name, boolean directory, long size, String modified) {}

    private DirectoryListing() {}

    /** The HTML of the page. */
    static String html(Path directory, String name) throws IOException {
        List<Entry> entries = new ArrayList<>();
        boolean more = false;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String fileName = file.getFileName().toString();
                // A link may lead out of what is served: its target's size and kind are nobody's business.
                if (fileName.startsWith(".") || Files.isSymbolicLink(file)) {
                    continue;
                }
                if (entries.size() == MAX_ENTRIES) {
                    more = true;
                    break;
                }
                entries.add(entry(file, fileName));
            }
        }
        entries.sort(Comparator.comparing((Entry e) -> !e.directory()).thenComparing(Entry::name));
        StringBuilder page = new StringBuilder(1024 + entries.size() * 160);
        String title = "Index of " + escaped(name);
        page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
                .append(title)
                .append("</title><style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem;max-width:60rem}")
                .append("td{padding:.1rem 1.5rem .1rem 0}td+td{color:#666;text-align:right}</style></head><body><h1>")
                .append(title)
                .append("</h1><table>\n");
        if (!name.equals("/")) {
            page.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        }
        for (Entry entry : entries) {
            String shown = entry.name() + (entry.directory() ? "/" : "");
            page.append("<tr><td><a href=\"./")
                    .append(escaped(StaticFiles.encoded(shown)))
                    .append("\">")
                    .append(escaped(shown))
                    .append("</a></td><td>")
                    .append(entry.directory() ? "" : Amounts.bytes((double) entry.size()))
                    .append("</td><td>")
                    .append(entry.modified())
                    .append("</td></tr>\n");
        }
        page.append("</table>");
        if (more) {
            page.append("<p>Only the first ").append(MAX_ENTRIES).append(" are shown.</p>");
        }
        return page.append("</body></html>\n").toString();
    }

    private static Entry entry(Path file, String name) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Entry(
                    name,
                    attributes.isDirectory(),
                    attributes.size(),
                    TIME.format(attributes.lastModifiedTime().toInstant()));
        } catch (IOException e) {
            // Gone in the meantime: the name was true.
            return new Entry(name, false, 0, "");
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}

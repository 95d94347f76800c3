package dev.tokioj.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Properties;

/** The media type of a file by the ending of its name; the table is the resource {@code media-types.properties}. */
final class MediaTypes {
    private static final String UNKNOWN = "application/octet-stream";

    private final Properties byEnding = new Properties();

    MediaTypes() {
        try (InputStream table = MediaTypes.class.getResourceAsStream("media-types.properties")) {
            if (table == null) {
                throw new IllegalStateException("media-types.properties is missing from the build");
            }
            byEnding.load(table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The type for a file name, with the charset for text; {@code application/octet-stream} when the ending is not known. */
    String of(String fileName) {
        int dot = fileName.lastIndexOf('.');
        if (dot < 0) {
            return UNKNOWN;
        }
        return byEnding.getProperty(fileName.substring(dot + 1).toLowerCase(Locale.ROOT), UNKNOWN);
    }
}

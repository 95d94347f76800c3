package dev.tokioj.http3;

import dev.tokioj.http3.qpack.Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An ordered list of field lines (RFC 9114 section 4.2): a header or trailer section, pseudo-header fields (section 4.3) first.
 * Names are in lower case; strings hold a byte a character (ISO 8859-1). Immutable; any thread.
 */
public final class FieldSection {
    private static final FieldSection EMPTY = new FieldSection(new String[0], new BitSet(0));

    private final String[] lines; // name, value, name, value...
    private final BitSet neverIndexed;

    private FieldSection(String[] lines, BitSet neverIndexed) {
        this.lines = lines;
        this.neverIndexed = neverIndexed;
    }

    /** A section without lines. */
    public static FieldSection empty() {
        return EMPTY;
    }

    /** Begins a section. */
    public static Builder builder() {
        return new Builder();
    }

    /** Begins the header section of a request with its pseudo-header fields (section 4.3.1). */
    public static Builder request(String method, String scheme, String authority, String path) {
        return new Builder()
                .add(":method", method)
                .add(":scheme", scheme)
                .add(":authority", authority)
                .add(":path", path);
    }

    /** Begins the header section of a response with its status, 100 to 999 (section 4.3.2). */
    public static Builder response(int status) {
        if (status < 100 || status > 999) {
            throw new IllegalArgumentException("status " + status);
        }
        return new Builder().add(":status", Integer.toString(status));
    }

    /** How many lines there are. */
    public int size() {
        return lines.length / 2;
    }

    /** The name in line {@code i}. */
    public String name(int i) {
        return lines[2 * i];
    }

    /** The value in line {@code i}. */
    public String value(int i) {
        return lines[2 * i + 1];
    }

    /** Whether line {@code i} must never be put into a compression table, on any hop (RFC 9204 section 7.1.3). */
    public boolean neverIndexed(int i) {
        return neverIndexed.get(i);
    }

    /** The value of the first line of this name (in lower case), or null. */
    public @Nullable String first(String name) {
        int i = indexOf(name, 0);
        return i < 0 ? null : value(i);
    }

    /** The values of all lines of this name (in lower case), in order; may be empty. */
    public List<String> all(String name) {
        var values = new ArrayList<String>();
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            values.add(value(i));
        }
        return values;
    }

    /** The index of the first line from {@code from} on with this name (in lower case), or -1. */
    public int indexOf(String name, int from) {
        for (int i = from; i < size(); i++) {
            if (name(i).equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The size by which limits go: names, values and 32 bytes a line (RFC 9114 section 4.2.2). */
    public long fieldSectionSize() {
        long size = 0;
        for (String text : lines) {
            size += text.length();
        }
        return size + (long) Decoder.LINE_OVERHEAD * size();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldSection that && Arrays.equals(lines, that.lines);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lines);
    }

    /** The lines; the values of those that are never indexed are left out, being secrets. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (int i = 0; i < size(); i++) {
            text.append(i == 0 ? "" : "\n")
                    .append(name(i))
                    .append(": ")
                    .append(neverIndexed(i) ? "(secret)" : value(i));
        }
        return text.toString();
    }

    /** Collects lines in order. One thread. */
    public static final class Builder {
        private String[] lines = new String[16];
        private int count;
        private final BitSet neverIndexed = new BitSet();

        private Builder() {}

        /** Adds a line; the name is put in lower case. Fields known to carry secrets are never indexed. */
        public Builder add(String name, String value) {
            String lower = name.toLowerCase(Locale.ROOT);
            return line(lower, value, isSecret(lower));
        }

        /** Adds a line that must never be put into a compression table (RFC 9204 section 7.1.3). */
        public Builder addSecret(String name, String value) {
            return line(name.toLowerCase(Locale.ROOT), value, true);
        }

        /** Adds all the lines of another section. */
        public Builder addAll(FieldSection other) {
            for (int i = 0; i < other.size(); i++) {
                line(other.name(i), other.value(i), other.neverIndexed(i));
            }
            return this;
        }

        /** Adds a line as it is. */
        Builder line(String name, String value, boolean secret) {
            if (2 * count == lines.length) {
                lines = Arrays.copyOf(lines, 2 * lines.length);
            }
            lines[2 * count] = name;
            lines[2 * count + 1] = value;
            if (secret) {
                neverIndexed.set(count);
            }
            count++;
            return this;
        }

        /** The section. */
        public FieldSection build() {
            return count == 0
                    ? EMPTY
                    : new FieldSection(Arrays.copyOf(lines, 2 * count), (BitSet) neverIndexed.clone());
        }

        private static boolean isSecret(String name) {
            return switch (name) {
                case "authorization", "proxy-authorization", "cookie", "set-cookie" -> true;
                default -> false;
            };
        }
    }
}

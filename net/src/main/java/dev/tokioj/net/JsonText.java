package dev.tokioj.net;

/** Builds one JSON object after another into a buffer that is kept (RFC 8259). Commas are its business. One thread. */
final class JsonText {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final StringBuilder text = new StringBuilder(512);

    JsonText clear() {
        text.setLength(0);
        return this;
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    JsonText open(char bracket) {
        comma();
        text.append(bracket);
        return this;
    }

    JsonText close(char bracket) {
        text.append(bracket);
        return this;
    }

    /** The name of a member; its value follows. */
    JsonText name(String name) {
        comma();
        quoted(name);
        text.append(':');
        return this;
    }

    JsonText value(String value) {
        comma();
        quoted(value);
        return this;
    }

    JsonText value(long value) {
        comma();
        text.append(value);
        return this;
    }

    JsonText value(boolean value) {
        comma();
        text.append(value);
        return this;
    }

    /** Milliseconds with a fraction, from nanoseconds. */
    JsonText millis(long nanos) {
        comma();
        if (nanos < 0) {
            text.append('-');
        }
        long absolute = Math.abs(nanos);
        text.append(absolute / 1_000_000).append('.');
        long fraction = absolute % 1_000_000;
        for (long unit = 100_000; unit > 0; unit /= 10) {
            text.append((char) ('0' + fraction / unit % 10));
        }
        return this;
    }

    /** JSON that was built before. */
    JsonText raw(CharSequence json) {
        comma();
        text.append(json);
        return this;
    }

    JsonText field(String name, String value) {
        return name(name).value(value);
    }

    JsonText field(String name, long value) {
        return name(name).value(value);
    }

    JsonText field(String name, boolean value) {
        return name(name).value(value);
    }

    JsonText fieldMillis(String name, long nanos) {
        return name(name).millis(nanos);
    }

    private void comma() {
        if (!text.isEmpty()) {
            char last = text.charAt(text.length() - 1);
            if (last != '{' && last != '[' && last != ':' && last != ',') {
                text.append(',');
            }
        }
    }

    private void quoted(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
                text.append("\\u").append(HEX[c >> 12]).append(HEX[c >> 8 & 15]);
                text.append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

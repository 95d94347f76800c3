package dev.tokioj.http3;

import org.jspecify.annotations.Nullable;

/**
 * Which field sections are well formed (RFC 9114 sections 4.2, 4.3, 4.4 and 10.3). What is not makes a message malformed:
 * H3_MESSAGE_ERROR for its stream (section 4.1.2). The same rules hold for what we send. Stateless; any thread.
 */
final class FieldValidator {
    /** The result of {@link #contentLength} without such a field. */
    static final long NO_CONTENT_LENGTH = -1;

    private static final int MAX_CONTENT_LENGTH_DIGITS = 18;

    private FieldValidator() {}

    /** Checks the header section of a request (section 4.3.1). */
    static void request(FieldSection fields) throws Http3Exception {
        String method = null;
        String scheme = null;
        String authority = null;
        String path = null;
        String host = null;
        int i = 0;
        for (; i < fields.size() && isPseudo(fields.name(i)); i++) {
            String value = fields.value(i);
            checkValue(fields.name(i), value);
            switch (fields.name(i)) {
                case ":method" -> method = once(":method", method, value);
                case ":scheme" -> scheme = once(":scheme", scheme, value);
                case ":authority" -> authority = once(":authority", authority, value);
                case ":path" -> path = once(":path", path, value);
                default -> throw malformed("unknown pseudo-header field");
            }
        }
        for (; i < fields.size(); i++) {
            checkRegular(fields.name(i), fields.value(i), true);
            if (fields.name(i).equals("host")) {
                host = once("host", host, fields.value(i));
            }
        }
        if (method == null || !isToken(method)) {
            throw malformed(":method missing or no token");
        }
        if (method.equals("CONNECT")) {
            checkConnect(scheme, authority, path);
        } else {
            checkTarget(method, scheme, authority, path, host);
        }
    }

    /** Checks the header section of a response (section 4.3.2) and returns its status, 100 to 999. */
    static int response(FieldSection fields) throws Http3Exception {
        String status = null;
        int i = 0;
        for (; i < fields.size() && isPseudo(fields.name(i)); i++) {
            if (!fields.name(i).equals(":status")) {
                throw malformed("unknown pseudo-header field");
            }
            status = once(":status", status, fields.value(i));
        }
        for (; i < fields.size(); i++) {
            checkRegular(fields.name(i), fields.value(i), false);
        }
        if (status == null || status.length() != 3) {
            throw malformed(":status missing or not three digits");
        }
        int code = 0;
        for (int at = 0; at < 3; at++) {
            char digit = status.charAt(at);
            if (digit < '0' || digit > '9') {
                throw malformed(":status not three digits");
            }
            code = 10 * code + digit - '0';
        }
        if (code < 100 || code == 101) {
            // HTTP/3 has no upgrade: section 4.5.
            throw malformed(":status " + code);
        }
        return code;
    }

    /** Checks a trailer section: no pseudo-header fields (section 4.3). */
    static void trailers(FieldSection fields) throws Http3Exception {
        for (int i = 0; i < fields.size(); i++) {
            checkRegular(fields.name(i), fields.value(i), false);
        }
    }

    /**
     * The value of the content-length field of a checked section, or {@link #NO_CONTENT_LENGTH}. Several such fields, or a list
     * in one, are malformed even if they agree (RFC 9110 section 8.6 allows to refuse them): agreeing is what smugglers vary.
     */
    static long contentLength(FieldSection fields) throws Http3Exception {
        int at = fields.indexOf("content-length", 0);
        if (at < 0) {
            return NO_CONTENT_LENGTH;
        }
        String value = fields.value(at);
        if (fields.indexOf("content-length", at + 1) >= 0) {
            throw malformed("content-length twice");
        }
        if (value.isEmpty() || value.length() > MAX_CONTENT_LENGTH_DIGITS) {
            throw malformed("content-length no number");
        }
        long length = 0;
        for (int i = 0; i < value.length(); i++) {
            char digit = value.charAt(i);
            if (digit < '0' || digit > '9') {
                throw malformed("content-length no number");
            }
            length = 10 * length + digit - '0';
        }
        return length;
    }

    private static void checkConnect(@Nullable String scheme, @Nullable String authority, @Nullable String path)
            throws Http3Exception {
        if (scheme != null || path != null) {
            throw malformed("CONNECT with :scheme or :path");
        }
        if (authority == null || !isAuthority(authority)) {
            throw malformed("CONNECT without :authority");
        }
        int colon = authority.lastIndexOf(':');
        if (colon <= 0 || colon == authority.length() - 1 || !isNumber(authority, colon + 1)) {
            throw malformed("CONNECT without a port");
        }
    }

    private static void checkTarget(
            String method,
            @Nullable String scheme,
            @Nullable String authority,
            @Nullable String path,
            @Nullable String host)
            throws Http3Exception {
        if (scheme == null || !isScheme(scheme)) {
            throw malformed(":scheme missing or wrong");
        }
        if (path == null) {
            throw malformed(":path missing");
        }
        if (scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("http")) {
            if (authority == null && host == null) {
                throw malformed("neither :authority nor host");
            }
            if ((authority != null && !isAuthority(authority)) || (host != null && !isAuthority(host))) {
                throw malformed(":authority or host empty or wrong");
            }
            boolean asterisk = path.equals("*") && method.equals("OPTIONS");
            if (!asterisk && !path.startsWith("/")) {
                throw malformed(":path does not begin with a slash");
            }
        }
        if (authority != null && host != null && !authority.equals(host)) {
            throw malformed(":authority and host differ");
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c <= ' ' || c == 0x7f || c == '#') {
                throw malformed(":path has a character that no path has");
            }
        }
    }

    private static void checkRegular(String name, String value, boolean isRequestHead) throws Http3Exception {
        if (isPseudo(name)) {
            throw malformed("pseudo-header field where none may be");
        }
        if (!isLowerCaseToken(name)) {
            throw malformed("field name empty or with a character that none has");
        }
        checkValue(name, value);
        switch (name) {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" ->
                throw malformed("connection-specific field " + name);
            case "te" -> {
                if (!isRequestHead || !value.equalsIgnoreCase("trailers")) {
                    throw malformed("te other than trailers in a request");
                }
            }
            default -> {}
        }
    }

    /** Section 10.3: field-content of RFC 9110 section 5.5, without white space around it. */
    private static void checkValue(String name, String value) throws Http3Exception {
        int length = value.length();
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            boolean allowed = (c >= ' ' && c <= 0xff && c != 0x7f) || c == '\t';
            if (!allowed) {
                throw malformed("field value with a character that none has");
            }
        }
        if (length > 0 && (isSpace(value.charAt(0)) || isSpace(value.charAt(length - 1)))) {
            throw malformed("white space around the value of a field");
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    private static boolean isPseudo(String name) {
        return !name.isEmpty() && name.charAt(0) == ':';
    }

    private static String once(String name, @Nullable String before, String value) throws Http3Exception {
        if (before != null) {
            throw malformed(name + " twice");
        }
        return value;
    }

    private static boolean isLowerCaseToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c >= 'A' && c <= 'Z') || !isTokenCharacter(c)) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenCharacter(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** RFC 9110 section 5.6.2: tchar. */
    private static boolean isTokenCharacter(char c) {
        return isAlpha(c) || isDigit(c) || (c < 0x80 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    /** RFC 3986 section 3.1. */
    private static boolean isScheme(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isAlpha(c) && (i == 0 || (!isDigit(c) && c != '+' && c != '-' && c != '.'))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** RFC 3986 section 3.2 by its characters, without userinfo (RFC 9114 section 4.3.1). */
    private static boolean isAuthority(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isAlpha(c) && !isDigit(c) && (c >= 0x80 || "-._~%!$&'()*+,;=:[]".indexOf(c) < 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isNumber(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAlpha(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static Http3Exception malformed(String reason) {
        return Http3Exception.stream(Http3Error.H3_MESSAGE_ERROR, reason);
    }
}

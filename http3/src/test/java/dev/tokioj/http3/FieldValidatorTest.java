package dev.tokioj.http3;

import static dev.tokioj.http3.Bytes.fields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldValidatorTest {
    private static final String[] HEAD = {
        ":method", "GET", ":scheme", "https", ":authority", "example.org", ":path", "/"
    };

    private static FieldSection with(String... more) {
        String[] lines = Arrays.copyOf(HEAD, HEAD.length + more.length);
        System.arraycopy(more, 0, lines, HEAD.length, more.length);
        return fields(lines);
    }

    private static FieldSection target(String method, String scheme, String authority, String path) {
        return fields(":method", method, ":scheme", scheme, ":authority", authority, ":path", path);
    }

    private static void assertRequest(FieldSection fields) throws Http3Exception {
        FieldValidator.request(fields);
    }

    private static void assertMalformed(FieldSection fields) {
        assertMalformed(() -> FieldValidator.request(fields), fields);
    }

    private static void assertMalformedResponse(FieldSection fields) {
        assertMalformed(() -> FieldValidator.response(fields), fields);
    }

    private static void assertMalformed(org.junit.jupiter.api.function.Executable check, FieldSection fields) {
        var e = assertThrows(Http3Exception.class, check, fields::toString);
        assertEquals(Http3Error.H3_MESSAGE_ERROR, e.error());
        assertEquals(Http3Exception.Scope.STREAM, e.scope());
    }

    @Test
    void ordinaryRequestsPass() throws Http3Exception {
        assertRequest(with());
        assertRequest(with("host", "example.org", "te", "trailers", "x-empty", "", "x", "a\tb \u00e9"));
        assertRequest(fields(":path", "/?q=\u00e9", ":scheme", "https", ":method", "M-SEARCH", "host", "h:1"));
        assertRequest(target("OPTIONS", "https", "a", "*"));
        assertRequest(target("GET", "http", "[::1]:80", "/"));
        assertRequest(fields(":method", "GET", ":scheme", "coap", ":path", ""));
        assertRequest(fields(":method", "CONNECT", ":authority", "a.b:443"));
        assertRequest(fields(":method", "CONNECT", ":authority", "[::1]:443", "user-agent", "x"));
    }

    @Test
    void mandatoryPseudoHeaderFieldsMustBeThere() {
        for (int missing = 0; missing < HEAD.length; missing += 2) {
            String[] lines = new String[HEAD.length - 2];
            System.arraycopy(HEAD, 0, lines, 0, missing);
            System.arraycopy(HEAD, missing + 2, lines, missing, HEAD.length - missing - 2);
            assertMalformed(fields(lines));
        }
        assertMalformed(FieldSection.empty());
    }

    @Test
    void pseudoHeaderFieldsComeOnceAndFirstAndAreKnown() {
        for (int i = 0; i < HEAD.length; i += 2) {
            String[] twice = Arrays.copyOf(HEAD, HEAD.length + 2);
            twice[HEAD.length] = HEAD[i];
            twice[HEAD.length + 1] = HEAD[i + 1];
            assertMalformed(fields(twice));
        }
        assertMalformed(with(":foo", "x"));
        assertMalformed(with(":autority", "example.org"));
        assertMalformed(with(":status", "200"));
        assertMalformed(with(":protocol", "websocket"));
        assertMalformed(with(":", ""));
        assertMalformed(fields(":method", "GET", ":scheme", "https", ":authority", "a", "x", "y", ":path", "/"));
    }

    @Test
    void targetsMustBeWhatTheirSchemeSays() {
        assertMalformed(target("GET", "https", "a", ""));
        assertMalformed(target("GET", "https", "a", "*"));
        assertMalformed(target("GET", "https", "a", "index.html"));
        assertMalformed(target("GET", "https", "a", "/a b"));
        assertMalformed(target("GET", "https", "a", "/a#b"));
        assertMalformed(target("GET", "https", "a", "/\u007f"));
        assertMalformed(target("GET", "https", "", "/"));
        assertMalformed(target("GET", "https", "user@a", "/"));
        assertMalformed(target("GET", "HTTPS", "user@a", "/"));
        assertMalformed(target("GET", "https", "a/b", "/"));
        assertMalformed(target("GET", "https", "a b", "/"));
        assertMalformed(target("GET", "1s", "a", "/"));
        assertMalformed(target("GET", "", "a", "/"));
        assertMalformed(target("G ET", "https", "a", "/"));
        assertMalformed(target("", "https", "a", "/"));
    }

    @Test
    void hostIsOneAndAgreesWithAuthority() {
        assertMalformed(with("host", "other.org"));
        assertMalformed(with("host", "example.org", "host", "example.org"));
        assertMalformed(fields(":method", "GET", ":scheme", "https", ":path", "/", "host", ""));
    }

    @Test
    void connectHasAuthorityWithPortAndNoMore() {
        assertMalformed(fields(":method", "CONNECT"));
        assertMalformed(fields(":method", "CONNECT", ":authority", "a"));
        assertMalformed(fields(":method", "CONNECT", ":authority", "a:"));
        assertMalformed(fields(":method", "CONNECT", ":authority", ":443"));
        assertMalformed(fields(":method", "CONNECT", ":authority", "a:https"));
        assertMalformed(fields(":method", "CONNECT", ":authority", "a:1", ":path", "/"));
        assertMalformed(fields(":method", "CONNECT", ":authority", "a:1", ":scheme", "https"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Upper", "a b", "a:b", "a\u0000", "a\r", "\u00e9", "a(b)", "a\"", "a,b", "{a}"})
    void fieldNamesAreLowerCaseTokens(String name) {
        assertMalformed(with(name, "x"));
        assertMalformedResponse(fields(":status", "200", name, "x"));
        assertMalformed(() -> FieldValidator.trailers(fields(name, "x")), fields(name, "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\rb", "a\u0000b", "\u0001", "\u007f", " a", "a ", "\ta", "a\t"})
    void fieldValuesHaveNoControlCharactersAndNoSpaceAround(String value) {
        assertMalformed(with("x", value));
        assertMalformedResponse(fields(":status", "200", "x", value));
        assertMalformed(() -> FieldValidator.trailers(fields("x", value)), fields("x", value));
        assertMalformed(target("GET", "https", "a" + value, "/"));
        assertMalformed(target("GET", "https", "a", "/" + value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te"})
    void connectionSpecificFieldsAreRefused(String name) {
        assertMalformed(with(name, "chunked"));
        assertMalformedResponse(fields(":status", "200", name, "trailers"));
        assertMalformed(() -> FieldValidator.trailers(fields(name, "trailers")), fields(name, "trailers"));
    }

    @Test
    void responsesHaveOneStatusOfThreeDigits() throws Http3Exception {
        assertEquals(200, FieldValidator.response(fields(":status", "200", "x", "y")));
        assertEquals(999, FieldValidator.response(fields(":status", "999")));
        assertMalformedResponse(FieldSection.empty());
        assertMalformedResponse(fields("x", "y"));
        for (String status : new String[] {"", "20", "2000", "2 0", "+20", "099", "101", "abc", "\u0662\u0660\u0660"}) {
            assertMalformedResponse(fields(":status", status));
        }
        assertMalformedResponse(fields(":status", "200", ":status", "200"));
        assertMalformedResponse(fields("x", "y", ":status", "200"));
        assertMalformedResponse(fields(":status", "200", ":path", "/"));
    }

    @Test
    void trailersHaveNoPseudoHeaderFields() throws Http3Exception {
        FieldValidator.trailers(fields("x", "y"));
        assertMalformed(() -> FieldValidator.trailers(fields(":status", "200")), fields(":status", "200"));
        assertMalformed(() -> FieldValidator.trailers(fields("x", "y", ":path", "/")), fields(":path", "/"));
    }

    @Test
    void sectionsLookUpBuildAndCount() {
        FieldSection section = FieldSection.response(200)
                .add("Set-Cookie", "a")
                .add("x", "1")
                .add("set-cookie", "b")
                .addSecret("x-key", "k")
                .build();
        assertEquals(java.util.List.of("a", "b"), section.all("set-cookie"));
        assertEquals("a", section.first("set-cookie"));
        assertEquals(null, section.first("none"));
        assertEquals(true, section.neverIndexed(1));
        assertEquals(false, section.neverIndexed(2));
        assertEquals(true, section.neverIndexed(4));
        assertEquals(7 + 3 + 10 + 1 + 1 + 1 + 10 + 1 + 5 + 1 + 5 * 32, section.fieldSectionSize());
        assertEquals(section, FieldSection.builder().addAll(section).build());
        assertEquals(
                ":status: 200\nset-cookie: (secret)\nx: 1\nset-cookie: (secret)\nx-key: (secret)", section.toString());
    }
}

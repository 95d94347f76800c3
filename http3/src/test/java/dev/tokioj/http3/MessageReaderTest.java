package dev.tokioj.http3;

import static dev.tokioj.http3.Bytes.ascii;
import static dev.tokioj.http3.Bytes.data;
import static dev.tokioj.http3.Bytes.frame;
import static dev.tokioj.http3.Bytes.get;
import static dev.tokioj.http3.Bytes.headers;
import static dev.tokioj.http3.Bytes.join;
import static dev.tokioj.http3.Bytes.varInt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.http3.MessageReader.Expectation;
import dev.tokioj.http3.qpack.Decoder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
    private static final Http3Config CONFIG = Http3Config.builder()
            .maxFieldSectionSize(1000)
            .ignoredBytesBudget(1000)
            .build();

    private final Transcript transcript = new Transcript();

    /** A reader whose events go to the transcript. */
    private MessageReader reader(Role role, Expectation expectation) {
        return new MessageReader(role, CONFIG, expectation, new Decoder(), new HeadSink() {
            @Override
            public void onInformational(FieldSection head) {
                transcript.onInformational(head);
            }

            @Override
            public MessageSink onHead(FieldSection head) {
                if (role == Role.CLIENT) {
                    transcript.onResponse(head);
                } else {
                    transcript.add("request " + head.first(":method"));
                }
                return transcript;
            }
        });
    }

    private MessageReader server() {
        return reader(Role.SERVER, Expectation.CONTENT);
    }

    private MessageReader client() {
        return reader(Role.CLIENT, Expectation.CONTENT);
    }

    private static void feed(MessageReader reader, byte[] bytes) throws Http3Exception {
        reader.receive(bytes, 0, bytes.length);
    }

    private List<String> read(MessageReader reader, byte[] bytes) throws Http3Exception {
        feed(reader, bytes);
        reader.end();
        return transcript.lines();
    }

    private static void assertFails(Http3Exception.Scope scope, Http3Error error, MessageReader reader, byte[] bytes) {
        var e = assertThrows(Http3Exception.class, () -> {
            feed(reader, bytes);
            reader.end();
        });
        assertEquals(error, e.error(), e.getMessage());
        assertEquals(scope, e.scope(), e.getMessage());
        assertFalse(reader.isReading());
    }

    private static void assertStreamError(Http3Error error, MessageReader reader, byte[] bytes) {
        assertFails(Http3Exception.Scope.STREAM, error, reader, bytes);
    }

    private static void assertConnectionError(Http3Error error, MessageReader reader, byte[] bytes) {
        assertFails(Http3Exception.Scope.CONNECTION, error, reader, bytes);
    }

    @Test
    void wholeRequestArrivesInAnyFragmentation() throws Http3Exception {
        byte[] unknown = frame(FrameType.reserved(7), new byte[] {1, 2, 3});
        byte[] message = join(
                unknown,
                headers(":method", "POST", ":scheme", "https", ":authority", "a", ":path", "/", "content-length", "11"),
                data("hello"),
                unknown,
                data(""),
                data(" world"),
                headers("x-sum", "7"),
                unknown);
        List<String> wanted = List.of("request POST", "body hello world", "trailers x-sum: 7", "end");
        for (int cut = 0; cut <= message.length; cut++) {
            MessageReader reader = server();
            transcript.clear();
            feed(reader, Arrays.copyOfRange(message, 0, cut));
            feed(reader, Arrays.copyOfRange(message, cut, message.length));
            reader.end();
            assertEquals(wanted, transcript.lines(), "cut at " + cut);
            assertEquals(11, reader.unconsumed());
        }
        MessageReader reader = server();
        transcript.clear();
        for (byte b : message) {
            feed(reader, new byte[] {b});
        }
        reader.end();
        assertEquals(wanted, transcript.lines());
    }

    @Test
    void streamThatEndsInsideAFrameIsAFrameError() {
        byte[] message = join(get("content-length", "5"), data("hello"));
        int headLength = get("content-length", "5").length;
        for (int cut = 1; cut < message.length; cut++) {
            byte[] bytes = Arrays.copyOf(message, cut);
            if (cut == headLength) {
                assertStreamError(Http3Error.H3_MESSAGE_ERROR, server(), bytes);
            } else {
                assertConnectionError(Http3Error.H3_FRAME_ERROR, server(), bytes);
            }
        }
    }

    @Test
    void streamWithoutARequestIsIncomplete() {
        assertStreamError(Http3Error.H3_REQUEST_INCOMPLETE, server(), new byte[0]);
        assertStreamError(Http3Error.H3_REQUEST_INCOMPLETE, server(), frame(FrameType.reserved(0), new byte[3]));
    }

    @Test
    void framesOutOfOrderCloseTheConnection() {
        assertConnectionError(Http3Error.H3_FRAME_UNEXPECTED, server(), data("x"));
        assertConnectionError(Http3Error.H3_FRAME_UNEXPECTED, server(), join(get(), headers("a", "b"), data("x")));
        assertConnectionError(
                Http3Error.H3_FRAME_UNEXPECTED, server(), join(get(), headers("a", "b"), headers("a", "b")));
        assertConnectionError(Http3Error.H3_FRAME_UNEXPECTED, client(), join(headers(":status", "100"), data("x")));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0d, 0xf0700, 0xf0701})
    void framesOfOtherStreamsAndOfHttp2CloseTheConnection(long type) {
        assertConnectionError(Http3Error.H3_FRAME_UNEXPECTED, server(), join(get(), frame(type, new byte[] {0})));
        Http3Error onClient = type == FrameType.PUSH_PROMISE ? Http3Error.H3_ID_ERROR : Http3Error.H3_FRAME_UNEXPECTED;
        assertConnectionError(onClient, client(), frame(type, new byte[] {0}));
    }

    @Test
    void contentLengthIsTheSumOfDataAtEveryWayToEnd() throws Http3Exception {
        byte[] head = get("content-length", "5");
        // C7: the end comes alone, after the bytes.
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, server(), head);
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, server(), join(head, data("four")));
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, server(), join(head, data("four"), headers("a", "b")));
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, server(), join(head, data("sixsix")));
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, server(), join(get("content-length", "0"), data("x")));
        assertTrue(
                transcript.lines().stream().noneMatch("end"::equals),
                transcript.lines().toString());
        assertEquals("end", read(server(), join(head, data("fi"), data("ve!"))).getLast());
    }

    @Test
    void contentBeyondContentLengthIsNeverHandedOn() {
        assertStreamError(
                Http3Error.H3_MESSAGE_ERROR,
                server(),
                join(get("content-length", "3"), data("abc"), data("GET /smuggled")));
        assertEquals(List.of("request GET", "body abc"), transcript.lines());
    }

    @Test
    void contentLengthMustBeOneNumber() {
        for (String value : List.of("", "-1", "+5", "5, 5", "0x5", "1234567890123456789", "5 5")) {
            assertStreamError(Http3Error.H3_MESSAGE_ERROR, server(), join(get("content-length", value), data("hello")));
        }
        assertStreamError(
                Http3Error.H3_MESSAGE_ERROR,
                server(),
                join(get("content-length", "5", "content-length", "5"), data("hello")));
    }

    @Test
    void responsesWithoutContentMayDeclareALength() throws Http3Exception {
        byte[] declared = headers(":status", "200", "content-length", "99");
        assertEquals(List.of("response 200", "end"), read(reader(Role.CLIENT, Expectation.NO_CONTENT), declared));
        transcript.clear();
        byte[] notModified = headers(":status", "304", "content-length", "99");
        assertEquals(List.of("response 304", "end"), read(client(), notModified));
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, client(), join(notModified, data("x")));
        assertStreamError(
                Http3Error.H3_MESSAGE_ERROR, reader(Role.CLIENT, Expectation.NO_CONTENT), join(declared, data("x")));
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, client(), declared);
    }

    @Test
    void interimResponsesComeBeforeTheFinalOne() throws Http3Exception {
        assertEquals(
                List.of("informational 100", "informational 103", "response 200", "body x", "end"),
                read(
                        client(),
                        join(
                                headers(":status", "100"),
                                headers(":status", "103", "link", "a"),
                                headers(":status", "200"),
                                data("x"))));
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, client(), headers(":status", "100"));
        assertStreamError(Http3Error.H3_MESSAGE_ERROR, client(), headers(":status", "101"));
        // A second final response is a trailer section with pseudo-header fields.
        assertStreamError(
                Http3Error.H3_MESSAGE_ERROR, client(), join(headers(":status", "200"), headers(":status", "200")));
    }

    @Test
    void tunnelHasDataOnly() throws Http3Exception {
        byte[] connect = headers(":method", "CONNECT", ":authority", "a:443");
        assertEquals(List.of("request CONNECT", "body xy", "end"), read(server(), join(connect, data("x"), data("y"))));
        assertConnectionError(Http3Error.H3_FRAME_UNEXPECTED, server(), join(connect, headers("a", "b")));
        byte[] ok = headers(":status", "200", "content-length", "3");
        assertConnectionError(
                Http3Error.H3_FRAME_UNEXPECTED, reader(Role.CLIENT, Expectation.TUNNEL), join(ok, headers("a", "b")));
        transcript.clear();
        byte[] refused = join(headers(":status", "403", "content-length", "2"), data("no"));
        assertEquals(List.of("response 403", "body no", "end"), read(reader(Role.CLIENT, Expectation.TUNNEL), refused));
    }

    @Test
    void fieldSectionsAboveTheLimitEndTheStreamOnly() {
        // Encoded above the limit; decoded above it, as head and as trailers (C1).
        assertStreamError(Http3Error.H3_EXCESSIVE_LOAD, server(), frame(FrameType.HEADERS, new byte[1001]));
        byte[] bomb = new byte[100];
        Arrays.fill(bomb, 2, bomb.length, (byte) 0xc1);
        assertStreamError(Http3Error.H3_EXCESSIVE_LOAD, server(), frame(FrameType.HEADERS, bomb));
        assertStreamError(Http3Error.H3_EXCESSIVE_LOAD, server(), join(get(), frame(FrameType.HEADERS, bomb)));
        assertStreamError(Http3Error.H3_EXCESSIVE_LOAD, client(), join(varInt(1), varInt(1L << 61)));
    }

    @Test
    void qpackFaultsCloseTheConnection() {
        assertConnectionError(
                Http3Error.QPACK_DECOMPRESSION_FAILED, server(), frame(FrameType.HEADERS, Bytes.hex("0000ff24")));
        assertConnectionError(Http3Error.QPACK_DECOMPRESSION_FAILED, server(), frame(FrameType.HEADERS, new byte[0]));
        assertConnectionError(
                Http3Error.QPACK_DECOMPRESSION_FAILED, server(), join(get(), frame(FrameType.HEADERS, new byte[] {2})));
    }

    @Test
    void unknownFramesAreSteppedOverWithinABudget() throws Http3Exception {
        byte[] unknown = frame(0x2f, ascii("never in the body")); // 17 + 16 of 1000
        MessageReader reader = server();
        feed(reader, join(get(), data("a")));
        for (int i = 0; i < 1000 / 33; i++) {
            feed(reader, unknown);
        }
        feed(reader, data("b"));
        assertEquals(List.of("request GET", "body ab"), transcript.lines());
        assertConnectionError(Http3Error.H3_EXCESSIVE_LOAD, reader, unknown);
        assertConnectionError(Http3Error.H3_EXCESSIVE_LOAD, server(), join(varInt(0x2f), varInt(1L << 40)));
    }

    @Test
    void emptyDataFramesAndInterimResponsesCost() {
        byte[] empties = get();
        byte[] interims = {};
        for (int i = 0; i < 100; i++) {
            empties = join(empties, data(""));
            interims = join(interims, headers(":status", "103"));
        }
        assertConnectionError(Http3Error.H3_EXCESSIVE_LOAD, server(), empties);
        assertConnectionError(Http3Error.H3_EXCESSIVE_LOAD, client(), interims);
    }

    @Test
    void dataLengthsThatOverflowAreRefused() throws Http3Exception {
        MessageReader reader = server();
        feed(reader, get());
        byte[] huge = join(varInt(0), varInt((1L << 62) - 1));
        feed(reader, huge);
        assertEquals(true, reader.isReading());
        // The payload never comes to its end, so the next header is payload too: nothing to overflow.
        feed(reader, huge);
        assertEquals(huge.length, reader.unconsumed());
    }

    @Test
    void stoppedReaderSaysNothingMore() throws Http3Exception {
        MessageReader reader = server();
        feed(reader, join(get(), data("a")));
        reader.stop();
        assertEquals(0, reader.receive(data("b"), 0, 3));
        reader.end();
        assertEquals(List.of("request GET", "body a"), transcript.lines());
        assertFalse(reader.isComplete());
    }

    @Test
    void consumingMoreThanWasGivenIsABug() throws Http3Exception {
        MessageReader reader = server();
        feed(reader, join(get(), data("abc")));
        reader.consumed(2);
        assertEquals(1, reader.unconsumed());
        assertThrows(IllegalArgumentException.class, () -> reader.consumed(2));
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void mutatedStreamsOnlyEverThrowHttp3Exception(Role role) {
        long seed = role == Role.SERVER ? 9114 : 9115;
        var random = new Random(seed);
        byte[] good = role == Role.SERVER
                ? join(get("content-length", "10", "cookie", "a=b"), data("hello"), data("world"), headers("x-t", "1"))
                : join(
                        headers(":status", "103"),
                        headers(":status", "200", "server", "t"),
                        data("hello"),
                        data("world"));
        int complete = 0;
        for (int round = 0; round < 30_000; round++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            MessageReader reader = reader(role, Expectation.CONTENT);
            transcript.clear();
            int at = 0;
            try {
                while (at < bytes.length) {
                    int n = 1 + random.nextInt(bytes.length - at);
                    int before = at;
                    at += n;
                    int passedOn = reader.receive(bytes, before, n);
                    assertTrue(passedOn >= 0 && passedOn <= n, "seed " + seed + " round " + round);
                }
                reader.end();
                assertEquals("end", transcript.lines().getLast(), "seed " + seed + " round " + round);
                complete++;
            } catch (Http3Exception e) {
                assertFalse(reader.isReading(), "seed " + seed + " round " + round);
                assertFalse(transcript.lines().contains("end"), "seed " + seed + " round " + round);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round, e);
            }
        }
        assertTrue(complete > 1000, "only " + complete + " were taken");
    }
}

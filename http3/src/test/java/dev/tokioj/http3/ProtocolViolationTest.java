package dev.tokioj.http3;

import static dev.tokioj.http3.Bytes.data;
import static dev.tokioj.http3.Bytes.frame;
import static dev.tokioj.http3.Bytes.get;
import static dev.tokioj.http3.Bytes.headers;
import static dev.tokioj.http3.Bytes.hex;
import static dev.tokioj.http3.Bytes.join;
import static dev.tokioj.http3.Bytes.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.http3.TestServer.Served;
import dev.tokioj.quic.connection.QuicConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A peer that knows QUIC and breaks the rules of HTTP/3, against a connection. */
class ProtocolViolationTest {
    private static final byte[] CONTROL = join(hex("00"), settings());
    private static final QuicConfig MANY_STREAMS =
            QuicConfig.builder().maxUniStreams(1000).maxBidiStreams(1000).build();

    private final RawPeer raw = new RawPeer();
    private TestServer server = new TestServer(Http3Config.defaults(), Served::new);
    private final TestClient client = new TestClient(Http3Config.defaults());

    private Pipe rawClient(Http3Config config) {
        server = new TestServer(config, Served::new);
        var pipe = new Pipe(QuicConfig.defaults(), raw, MANY_STREAMS, server.http3);
        raw.on(pipe);
        server.on(pipe);
        pipe.until(() -> raw.isReady() && server.http3.isOpen());
        return pipe;
    }

    private Pipe rawServer() {
        var pipe = new Pipe(MANY_STREAMS, client.http3, QuicConfig.defaults(), raw);
        raw.on(pipe);
        client.on(pipe);
        pipe.until(() -> raw.isReady() && client.http3.isOpen());
        return pipe;
    }

    /** What a raw client does makes the server close with this code. */
    private void assertServerCloses(Http3Error error, Consumer<RawPeer> violation) {
        assertServerCloses(error, Http3Config.defaults(), violation);
    }

    private void assertServerCloses(Http3Error error, Http3Config config, Consumer<RawPeer> violation) {
        var test = new ProtocolViolationTest();
        Pipe pipe = test.rawClient(config);
        violation.accept(test.raw);
        pipe.until(() -> test.raw.isClosed());
        assertEquals(error.name(), test.raw.closed());
        assertTrue(test.raw.isClosedByApplication());
    }

    private void assertClientCloses(Http3Error error, Consumer<RawPeer> violation) {
        var test = new ProtocolViolationTest();
        Pipe pipe = test.rawServer();
        violation.accept(test.raw);
        pipe.until(() -> test.raw.isClosed());
        assertEquals(error.name(), test.raw.closed());
    }

    /** What a raw client sends on a request stream makes the server reset it with this code, and nothing else. */
    private void assertServerResets(Http3Error error, byte[] request) {
        var test = new ProtocolViolationTest();
        Pipe pipe = test.rawClient(Http3Config.defaults());
        test.raw.open(false, CONTROL);
        long id = test.raw.open(true, request);
        test.raw.connection().finish(id);
        pipe.until(() -> test.raw.resets.containsKey(id));
        assertEquals(error.name(), test.raw.resets.get(id));
        pipe.run(50);
        assertEquals("open", test.raw.closed());
        assertEquals(0, test.server.served.size());
        assertEquals(0, test.server.http3.openRequests());
    }

    @Test
    void ourCriticalStreamsBeginAsTheyShould() {
        Pipe pipe = rawClient(Http3Config.defaults());
        pipe.run(50);
        // Server-initiated unidirectional streams 3, 7 and 11.
        byte[] control = raw.received(3);
        assertArrayEquals(hex("0004"), Arrays.copyOf(control, 2));
        int length = control[2];
        assertTrue(length >= 5, "SETTINGS with a reserved setting has " + length + " bytes");
        assertArrayEquals(hex("0680004000"), Arrays.copyOfRange(control, 3, 8));
        assertArrayEquals(hex("02"), raw.received(7));
        assertArrayEquals(hex("03"), raw.received(11));
        assertTrue(raw.ended.isEmpty());
    }

    @Test
    void h3specCasesOverTheWire() {
        assertServerCloses(Http3Error.H3_FRAME_UNEXPECTED, c -> c.open(true, data("x")));
        assertServerResets(
                Http3Error.H3_MESSAGE_ERROR,
                headers(":method", "GET", ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/"));
        assertServerResets(Http3Error.H3_MESSAGE_ERROR, headers(":method", "GET", ":scheme", "https", ":path", "/"));
        assertServerResets(Http3Error.H3_MESSAGE_ERROR, get(":foo", "bar"));
        assertServerResets(
                Http3Error.H3_MESSAGE_ERROR,
                headers(":method", "GET", ":scheme", "https", ":authority", "a", "x", "y", ":path", "/"));
        assertServerCloses(
                Http3Error.H3_MISSING_SETTINGS,
                c -> c.open(false, join(hex("00"), frame(new Http3Frame.MaxPushId(0)))));
        assertServerCloses(Http3Error.H3_FRAME_UNEXPECTED, c -> c.open(false, join(CONTROL, data("x"))));
        assertServerCloses(Http3Error.H3_FRAME_UNEXPECTED, c -> c.open(false, join(CONTROL, get())));
        assertServerCloses(Http3Error.H3_FRAME_UNEXPECTED, c -> c.open(false, join(CONTROL, settings())));
        assertServerCloses(Http3Error.H3_SETTINGS_ERROR, c -> c.open(false, join(hex("00"), settings(2, 0))));
        assertServerCloses(Http3Error.H3_FRAME_UNEXPECTED, c -> c.open(true, frame(new Http3Frame.CancelPush(0))));
        assertServerCloses(Http3Error.QPACK_DECOMPRESSION_FAILED, c -> c.open(true, frame(1, hex("0000ff24"))));
        assertServerCloses(Http3Error.QPACK_ENCODER_STREAM_ERROR, c -> c.open(false, hex("023fe1c7afa025")));
        assertServerCloses(
                Http3Error.H3_CLOSED_CRITICAL_STREAM, c -> c.connection().finish(c.open(false, CONTROL)));
        assertServerCloses(Http3Error.QPACK_DECODER_STREAM_ERROR, c -> c.open(false, hex("0300")));
    }

    @Test
    void criticalStreamsAreNeverClosed() {
        for (String type : List.of("02", "03")) {
            assertServerCloses(
                    Http3Error.H3_CLOSED_CRITICAL_STREAM, c -> c.connection().finish(c.open(false, hex(type))));
        }
        var test = new ProtocolViolationTest();
        Pipe pipe = test.rawClient(Http3Config.defaults());
        long id = test.raw.open(false, CONTROL);
        pipe.run(50);
        test.raw.connection().reset(id, 0);
        pipe.until(() -> test.raw.isClosed());
        assertEquals(Http3Error.H3_CLOSED_CRITICAL_STREAM.name(), test.raw.closed());
        for (long ours : new long[] {3, 7, 11}) {
            var stopping = new ProtocolViolationTest();
            Pipe other = stopping.rawClient(Http3Config.defaults());
            other.run(50);
            stopping.raw.connection().stopSending(ours, 0);
            other.until(() -> stopping.raw.isClosed());
            assertEquals(Http3Error.H3_CLOSED_CRITICAL_STREAM.name(), stopping.raw.closed());
        }
    }

    @Test
    void criticalStreamsComeOnce() {
        assertServerCloses(Http3Error.H3_STREAM_CREATION_ERROR, c -> {
            c.open(false, CONTROL);
            c.open(false, CONTROL);
        });
        for (String type : List.of("02", "03")) {
            assertServerCloses(Http3Error.H3_STREAM_CREATION_ERROR, c -> {
                c.open(false, hex(type));
                c.open(false, hex(type));
            });
        }
    }

    @Test
    void pushIsRefusedInBothDirections() {
        assertServerCloses(Http3Error.H3_STREAM_CREATION_ERROR, c -> c.open(false, hex("0100")));
        assertClientCloses(Http3Error.H3_ID_ERROR, c -> c.open(false, hex("0100")));
        assertClientCloses(Http3Error.H3_STREAM_CREATION_ERROR, c -> c.open(true, hex("00")));
        assertClientCloses(
                Http3Error.H3_ID_ERROR, c -> c.open(false, join(CONTROL, frame(new Http3Frame.CancelPush(0)))));
    }

    @Test
    void goAwayOfAServerThatRisesIsRefused() {
        assertClientCloses(
                Http3Error.H3_ID_ERROR,
                c -> c.open(false, join(CONTROL, frame(new Http3Frame.GoAway(4)), frame(new Http3Frame.GoAway(8)))));
        assertClientCloses(Http3Error.H3_ID_ERROR, c -> c.open(false, join(CONTROL, frame(new Http3Frame.GoAway(3)))));
    }

    @Test
    void streamsOfUnknownTypeAreStoppedAndTheConnectionGoesOn() {
        Pipe pipe = rawClient(Http3Config.defaults());
        raw.open(false, CONTROL);
        long unknown = raw.open(false, hex("40ff0102030405"));
        long reserved = raw.open(false, join(Bytes.varInt(FrameType.reserved(1 << 20)), new byte[500]));
        long cut = raw.open(false, hex("c0"));
        raw.connection().finish(cut);
        pipe.until(() -> raw.stops.containsKey(unknown) && raw.stops.containsKey(reserved));
        assertEquals(Http3Error.H3_STREAM_CREATION_ERROR.name(), raw.stops.get(unknown));
        raw.open(true, get());
        pipe.until(() -> server.served.size() == 1);
        assertEquals("open", raw.closed());
    }

    @Test
    void streamsOfUnknownTypeHaveABudget() {
        var config = Http3Config.builder().ignoredStreamsBudget(20).build();
        assertServerCloses(Http3Error.H3_EXCESSIVE_LOAD, config, c -> {
            for (int i = 0; i < 21; i++) {
                c.open(false, hex("21"));
            }
        });
        assertServerCloses(Http3Error.H3_EXCESSIVE_LOAD, config, c -> {
            for (int i = 0; i < 21; i++) {
                c.connection().finish(c.open(false, hex("c0")));
            }
        });
    }

    @Test
    void instructionsThatChangeNothingHaveABudget() {
        var config = Http3Config.builder().ignoredBytesBudget(500).build();
        byte[] capacityZero = new byte[600];
        Arrays.fill(capacityZero, (byte) 0x20);
        assertServerCloses(Http3Error.H3_EXCESSIVE_LOAD, config, c -> c.open(false, join(hex("02"), capacityZero)));
        byte[] cancellations = new byte[600];
        Arrays.fill(cancellations, (byte) 0x40);
        assertServerCloses(Http3Error.H3_EXCESSIVE_LOAD, config, c -> c.open(false, join(hex("03"), cancellations)));
    }

    @Test
    void rapidResetEndsTheConnection() {
        var config = Http3Config.builder().abortedRequestsBudget(50).build();
        Pipe pipe = rawClient(config);
        raw.open(false, CONTROL);
        for (int i = 0; i < 60 && !raw.isClosed(); i++) {
            long id = raw.open(true, get());
            pipe.run(11);
            if (!raw.isClosed()) {
                raw.connection().reset(id, Http3Error.H3_REQUEST_CANCELLED.code());
                raw.connection().stopSending(id, Http3Error.H3_REQUEST_CANCELLED.code());
                pipe.run(11);
                for (Served each : server.served) {
                    each.stream.release();
                }
            }
        }
        pipe.until(() -> raw.isClosed());
        assertEquals(Http3Error.H3_EXCESSIVE_LOAD.name(), raw.closed());
        assertEquals(51, server.served.size());
    }

    @Test
    void malformedRequestsWithoutEndEndTheConnection() {
        var config = Http3Config.builder().abortedRequestsBudget(50).build();
        Pipe pipe = rawClient(config);
        raw.open(false, CONTROL);
        int sent = 0;
        while (!raw.isClosed() && sent < 100) {
            raw.open(true, headers(":method", "GET"));
            sent++;
            pipe.run(15);
        }
        assertEquals(Http3Error.H3_EXCESSIVE_LOAD.name(), raw.closed());
        assertTrue(sent <= 52, sent + " malformed requests");
    }

    @Test
    void headersAboveTheLimitAreAnswered431() {
        Pipe pipe = rawClient(Http3Config.builder().maxFieldSectionSize(400).build());
        raw.open(false, CONTROL);
        long id = raw.open(true, get("x", "y".repeat(500)));
        pipe.until(() -> raw.ended.contains(id) && raw.stops.containsKey(id));
        assertArrayEquals(frame(FrameType.HEADERS, hex("00005f0903343331")), raw.received(id));
        assertEquals(Http3Error.H3_NO_ERROR.name(), raw.stops.get(id));
        assertEquals(0, server.http3.openRequests());
        long bombId = raw.open(true, join(hex("01"), Bytes.varInt(1L << 40)));
        pipe.until(() -> raw.ended.contains(bombId));
        assertEquals("open", raw.closed());
    }

    @Test
    void endInsideAFrameClosesTheConnection() {
        assertServerCloses(Http3Error.H3_FRAME_ERROR, c -> {
            byte[] request = get();
            c.connection().finish(c.open(true, Arrays.copyOf(request, request.length - 1)));
        });
        assertServerCloses(
                Http3Error.H3_FRAME_ERROR, c -> c.connection().finish(c.open(true, join(get(), hex("000a01")))));
    }

    @Test
    void emptyFinStillMeansThatContentIsMissing() {
        Pipe pipe = rawClient(Http3Config.defaults());
        raw.open(false, CONTROL);
        long id = raw.open(true, get("content-length", "10"));
        pipe.until(() -> server.served.size() == 1);
        raw.write(id, data("12345"));
        pipe.run(50);
        raw.connection().finish(id);
        pipe.until(() -> raw.resets.containsKey(id));
        assertEquals(Http3Error.H3_MESSAGE_ERROR.name(), raw.resets.get(id));
        Served served = server.served.getFirst();
        // Its answer was not begun and is reset too.
        assertEquals(List.of("body 12345", "aborted H3_MESSAGE_ERROR", "stopped H3_MESSAGE_ERROR"), served.lines());
        served.stream.release();
        assertEquals("open", raw.closed());
    }

    @Test
    void streamThatEndsWithoutARequestIsIncomplete() {
        assertServerResets(Http3Error.H3_REQUEST_INCOMPLETE, frame(FrameType.reserved(1), new byte[3]));
    }

    @Test
    void requestsWhoseHeadNeverComesAreSweptAway() {
        Pipe pipe = rawClient(Http3Config.defaults());
        raw.open(false, CONTROL);
        byte[] request = get();
        long slow = raw.open(true, Arrays.copyOf(request, 5));
        raw.open(true, request);
        pipe.until(() -> server.served.size() == 1);
        assertEquals(0, server.http3.sweepHeads());
        long fresh = raw.open(true, Arrays.copyOf(request, 5));
        pipe.run(50);
        assertEquals(1, server.http3.sweepHeads());
        pipe.until(() -> raw.resets.containsKey(slow) && raw.stops.containsKey(slow));
        assertEquals(Http3Error.H3_REQUEST_REJECTED.name(), raw.resets.get(slow));
        assertEquals(false, raw.resets.containsKey(fresh));
        raw.write(fresh, Arrays.copyOfRange(request, 5, request.length));
        pipe.until(() -> server.served.size() == 2);
        assertEquals(0, server.http3.sweepHeads());
    }

    @Test
    void resetBeforeTheHeadIsForgotten() {
        Pipe pipe = rawClient(Http3Config.defaults());
        raw.open(false, CONTROL);
        long reset = raw.open(true, hex("01"));
        long stopped = raw.open(true, hex("01"));
        pipe.run(30);
        assertEquals(2, server.http3.openRequests());
        raw.connection().reset(reset, Http3Error.H3_REQUEST_CANCELLED.code());
        raw.connection().stopSending(stopped, Http3Error.H3_REQUEST_CANCELLED.code());
        pipe.until(() -> server.http3.openRequests() == 0);
        assertEquals(0, server.served.size());
        assertEquals("open", raw.closed());
    }

    @Test
    void clientAcceptsNoMalformedResponse() throws Http3Exception {
        Pipe pipe = rawServer();
        raw.open(false, CONTROL);
        var response = new Transcript();
        RequestStream stream = client.request("GET", "/", true, response);
        pipe.until(() -> raw.received(0).length > 0);
        raw.write(0, headers(":status", "200", "Connection", "close"));
        pipe.until(() -> raw.stops.containsKey(0L));
        assertEquals(List.of("aborted H3_MESSAGE_ERROR"), response.lines());
        assertEquals(Http3Error.H3_MESSAGE_ERROR.name(), raw.stops.get(0L));
        stream.release();
        assertEquals("open", raw.closed());
        assertEquals(0, client.http3.openRequests());
    }

    /** Does one thing in each of its callbacks, then releases the stream there and then. */
    private static Served fickle(RequestStream stream, FieldSection head, int when) {
        return new Served(stream, head) {
            {
                at(0);
            }

            private void at(int moment) {
                if (when == moment) {
                    if (head.first("x-answer") != null) {
                        respond(200, "early");
                    }
                    stream.release();
                }
            }

            @Override
            public void onBody(byte[] buf, int off, int len) {
                super.onBody(buf, off, len);
                at(1);
            }

            @Override
            public void onTrailers(FieldSection trailers) {
                super.onTrailers(trailers);
                at(2);
            }

            @Override
            public void onEnd() {
                super.onEnd();
                at(3);
            }

            @Override
            public void onAborted(long code, String reason) {
                super.onAborted(code, reason);
                stream.release();
            }

            @Override
            public void onSendStopped(long code) {
                super.onSendStopped(code);
                stream.release();
            }
        };
    }

    @Test
    void cancellingAtEveryByteWhileTheHandlerLeavesAtEveryMomentLeaksNothing() {
        byte[] plain = join(get("content-length", "5"), data("he"), data("llo"), headers("x", "y"));
        byte[] answered = join(get("x-answer", "1", "content-length", "5"), data("he"), data("llo"), headers("x", "y"));
        for (int when = 0; when <= 4; when++) {
            int moment = when;
            var test = new ProtocolViolationTest();
            test.server = new TestServer(Http3Config.defaults(), (stream, head) -> fickle(stream, head, moment));
            var pipe = new Pipe(QuicConfig.defaults(), test.raw, MANY_STREAMS, test.server.http3);
            test.raw.on(pipe);
            test.server.on(pipe);
            pipe.until(() -> test.raw.isReady() && test.server.http3.isOpen());
            test.raw.open(false, CONTROL);
            for (byte[] request : List.of(plain, answered)) {
                for (int cut = 1; cut <= request.length; cut++) {
                    long id = test.raw.open(true, Arrays.copyOf(request, cut));
                    if (cut % 3 != 0) {
                        pipe.run(6);
                    }
                    if (cut % 2 == 0) {
                        test.raw.connection().stopSending(id, Http3Error.H3_REQUEST_CANCELLED.code());
                    }
                    test.raw.connection().reset(id, Http3Error.H3_REQUEST_CANCELLED.code());
                }
            }
            pipe.run(300);
            assertEquals("open", test.raw.closed(), "leaving at moment " + when);
            // Who never leaves by himself was told of every cancellation of what was not complete.
            assertEquals(0, test.server.http3.openRequests(), "leaving at moment " + when);
        }
    }

    @Test
    void damagedStreamsNeverShowABug() {
        long seed = 20261122;
        var random = new Random(seed);
        byte[] control = join(CONTROL, frame(new Http3Frame.MaxPushId(3)), frame(new Http3Frame.GoAway(0)));
        byte[] request = join(get("content-length", "5"), data("hello"), headers("x", "y"));
        int survived = 0;
        for (int round = 0; round < 60; round++) {
            var test = new ProtocolViolationTest();
            Pipe pipe = test.rawClient(Http3Config.defaults());
            test.raw.open(false, damaged(control, random, round % 3 == 0 ? 2 : 0));
            for (int i = 0; i < 10 && !test.raw.isClosed(); i++) {
                long id = test.raw.open(true, damaged(request, random, random.nextInt(3)));
                if (random.nextBoolean()) {
                    test.raw.connection().finish(id);
                }
                pipe.run(6);
            }
            pipe.run(30);
            if (test.raw.isClosed()) {
                assertTrue(
                        test.raw.isClosedByApplication(),
                        "seed " + seed + " round " + round + ": " + test.raw.closed());
            } else {
                survived++;
            }
        }
        assertTrue(survived > 0 && survived < 60, survived + " survived");
    }

    private static byte[] damaged(byte[] good, Random random, int times) {
        byte[] bytes = good.clone();
        for (int i = 0; i < times; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }
}

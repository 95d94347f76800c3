package dev.tokioj.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.http3.TestServer.Served;
import dev.tokioj.quic.connection.QuicConfig;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Requests and responses between a client and a server over two endpoints. */
class ExchangeTest {
    private static final int CHUNK = 16 * 1024;

    private TestClient client = new TestClient(Http3Config.defaults());
    private TestServer server = new TestServer(Http3Config.defaults(), Served::new);

    private Pipe connect(BiFunction<RequestStream, FieldSection, Served> behaviour) {
        return connect(behaviour, Http3Config.defaults(), QuicConfig.defaults());
    }

    private Pipe connect(
            BiFunction<RequestStream, FieldSection, Served> behaviour, Http3Config config, QuicConfig quicConfig) {
        server = new TestServer(config, behaviour);
        client = new TestClient(Http3Config.defaults());
        var pipe = new Pipe(QuicConfig.defaults(), client.http3, quicConfig, server.http3);
        client.on(pipe);
        server.on(pipe);
        pipe.until(() -> client.http3.isOpen() && !client.http3.peerSettings().equals(Settings.DEFAULT));
        return pipe;
    }

    private static Served answering(RequestStream stream, FieldSection head) {
        return new Served(stream, head) {
            @Override
            public void onEnd() {
                super.onEnd();
                respond(200, "you asked for " + head.first(":path"));
                stream.release();
            }

            @Override
            public void onAborted(long code, String reason) {
                super.onAborted(code, reason);
                stream.release();
            }
        };
    }

    private static Served silent(RequestStream stream, FieldSection head) {
        return new Served(stream, head);
    }

    /** Content that tells where it is from. */
    private static byte[] chunk(long offset, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (((offset + i) * 31) >>> 3);
        }
        return bytes;
    }

    /** Takes content and checks it against {@link #chunk}. */
    private static final class Counting extends Transcript {
        private long bytes;
        private boolean ended;

        @Override
        public void onBody(byte[] buf, int off, int len) {
            for (int i = 0; i < len; i++) {
                if (buf[off + i] != (byte) (((bytes + i) * 31) >>> 3)) {
                    throw new AssertionError("wrong byte at " + (bytes + i));
                }
            }
            bytes += len;
        }

        @Override
        public void onEnd() {
            ended = true;
            super.onEnd();
        }
    }

    @Test
    void getIsAnswered() throws Http3Exception {
        Pipe pipe = connect(ExchangeTest::answering);
        assertEquals(List.of("ready"), client.news);
        assertEquals(16 * 1024, client.http3.peerSettings().maxFieldSectionSize());
        assertEquals(16 * 1024, server.http3.peerSettings().maxFieldSectionSize());
        var response = new Transcript();
        RequestStream stream = client.request("GET", "/a", true, response);
        pipe.until(() -> response.lines().contains("end"));
        assertEquals(List.of("response 200", "body you asked for /a", "end"), response.lines());
        assertEquals("/a", server.served.getFirst().head.first(":path"));
        stream.release();
        assertEquals(0, client.http3.openRequests());
        assertEquals(0, server.http3.openRequests());
        client.http3.close();
        pipe.until(() -> server.isClosed() && client.isClosed());
        assertEquals("H3_NO_ERROR", server.closed());
    }

    @Test
    void contentAndTrailersGoBothWaysAndInterimResponsesBefore() throws Http3Exception {
        Pipe pipe = connect((stream, head) -> new Served(stream, head) {
            {
                try {
                    stream.sendInformational(
                            FieldSection.response(103).add("link", "</a>").build());
                    stream.sendHeaders(FieldSection.response(200).build(), false);
                } catch (Http3Exception e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void onBody(byte[] buf, int off, int len) {
                super.onBody(buf, off, len);
                assertEquals(len, stream.write(buf, off, len));
                stream.consumed(len);
            }

            @Override
            public void onTrailers(FieldSection trailers) {
                super.onTrailers(trailers);
                try {
                    stream.sendTrailers(trailers);
                } catch (Http3Exception e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void onEnd() {
                super.onEnd();
                stream.release();
            }
        });
        var response = new Transcript();
        RequestStream stream = client.request("POST", "/echo", false, response);
        stream.write(Bytes.ascii("hello "), 0, 6);
        pipe.run(30);
        assertEquals(List.of("informational 103", "response 200", "body hello "), response.lines());
        stream.write(Bytes.ascii("world"), 0, 5);
        stream.sendTrailers(FieldSection.builder().add("X-Sum", "11").build());
        pipe.until(() -> response.lines().contains("end"));
        assertEquals(
                List.of("informational 103", "response 200", "body hello ", "body world", "trailers x-sum: 11", "end"),
                response.lines());
        assertEquals(
                List.of("body hello ", "body world", "trailers x-sum: 11", "end"),
                rejoin(server.served.getFirst().lines()));
        stream.release();
    }

    /** The server's transcript was not looked at in between, so its content is in one piece. */
    private static List<String> rejoin(List<String> lines) {
        return lines.getFirst().equals("body hello world")
                ? List.of("body hello ", "body world", lines.get(1), lines.get(2))
                : lines;
    }

    @Test
    void slowConsumerHoldsTheSenderBackAndLosesNothing() throws Http3Exception {
        var body = new Counting();
        Pipe pipe = connect((stream, head) -> new Served(stream, head) {
            @Override
            public void onBody(byte[] buf, int off, int len) {
                body.onBody(buf, off, len);
            }

            @Override
            public void onEnd() {
                body.onEnd();
                respond(200, "done");
            }
        });
        var response = new Transcript();
        RequestStream stream = client.request("POST", "/upload", false, response);
        long total = 3_000_000;
        long sent = 0;
        long most = 0;
        int blocked = 0;
        long consumed = 0;
        while (!body.ended) {
            while (sent < total) {
                byte[] piece = chunk(sent, (int) Math.min(CHUNK, total - sent));
                int taken = stream.write(piece, 0, piece.length);
                sent += taken;
                if (taken < piece.length) {
                    blocked++;
                    break;
                }
            }
            if (sent == total && blocked >= 0) {
                stream.finish();
                sent++;
            }
            pipe.run(20);
            most = Math.max(most, body.bytes - consumed);
            if (!server.served.isEmpty()) {
                long some = Math.min(200_000, body.bytes - consumed);
                server.served.getFirst().stream.consumed(some);
                consumed += some;
            }
        }
        assertEquals(total, body.bytes);
        assertTrue(blocked > 5, "the sender was blocked " + blocked + " times");
        assertTrue(response.lines().stream().anyMatch("writable"::equals), "the sender was not told of room");
        assertTrue(most <= QuicConfig.defaults().maxStreamWindow(), most + " bytes at once");
        pipe.until(() -> response.lines().contains("end"));
        stream.release();
        server.served.getFirst().stream.release();
        assertEquals(0, server.http3.openRequests());
    }

    @Test
    void ownedChunksAreSentOnceAndComeBack() throws Http3Exception {
        int chunks = 120;
        Pipe pipe = connect((stream, head) -> new Served(stream, head) {
            private int next;

            {
                try {
                    stream.sendHeaders(FieldSection.response(200).build(), false);
                } catch (Http3Exception e) {
                    throw new AssertionError(e);
                }
                onWritable();
            }

            @Override
            public void onWritable() {
                while (next < chunks && stream.writeOwned(chunk((long) next * CHUNK, CHUNK), 0, CHUNK)) {
                    next++;
                }
                if (next == chunks) {
                    next++;
                    // Released with much of it still to be sent.
                    stream.finish();
                    stream.release();
                }
            }
        });
        var response = new Counting();
        RequestStream stream = client.request("GET", "/big", true, response);
        long consumed = 0;
        while (!response.ended) {
            pipe.run(5);
            stream.consumed(response.bytes - consumed);
            consumed = response.bytes;
        }
        assertEquals((long) chunks * CHUNK, response.bytes);
        pipe.run(500);
        assertEquals(chunks, server.recycled.size());
        assertEquals(0, server.http3.openRequests());
        stream.release();
    }

    @Test
    void cancelReachesTheHandlerAndCreditComesBackOnlyWithRelease() throws Http3Exception {
        Pipe pipe = connect(
                ExchangeTest::silent,
                Http3Config.defaults(),
                QuicConfig.builder().maxBidiStreams(2).build());
        var first = new Transcript();
        RequestStream one = client.request("GET", "/1", true, first);
        RequestStream two = client.request("POST", "/2", false, new Transcript());
        assertNull(client.http3.request(
                FieldSection.request("GET", "https", "localhost", "/3").build(), true, new Transcript()));
        pipe.run(30);
        one.cancel(Http3Error.H3_REQUEST_CANCELLED.code());
        one.release();
        two.cancel(Http3Error.H3_REQUEST_CANCELLED.code());
        two.release();
        pipe.run(200);
        // One had been asked for wholly: it learns that nobody wants the answer. Two was cut off.
        assertEquals(
                List.of("end", "stopped H3_REQUEST_CANCELLED"),
                server.served.get(0).lines());
        assertEquals(
                "aborted H3_REQUEST_CANCELLED", server.served.get(1).lines().getFirst());
        assertFalse(client.news.contains("requests available"), client.news.toString());
        server.served.get(0).stream.release();
        server.served.get(1).stream.release();
        pipe.until(() -> client.news.contains("requests available"));
        assertEquals(List.of(), first.lines());
        assertNotNull(client.request("GET", "/3", true, new Transcript()));
    }

    @Test
    void manyRequestsOneAfterTheOtherLeaveNothingBehind() throws Http3Exception {
        Pipe pipe = connect(
                ExchangeTest::answering,
                Http3Config.defaults(),
                QuicConfig.builder().maxBidiStreams(3).build());
        for (int i = 0; i < 300; i++) {
            var response = new Transcript();
            RequestStream stream = client.request("GET", "/" + i, true, response);
            pipe.until(() -> response.lines().contains("end"));
            stream.release();
            pipe.run(15);
        }
        assertEquals(0, client.http3.openRequests());
        assertEquals(0, server.http3.openRequests());
    }

    @Test
    void earlyResponseStopsTheUploadAndIsWhole() throws Http3Exception {
        Pipe pipe = connect((stream, head) -> new Served(stream, head) {
            @Override
            public void onBody(byte[] buf, int off, int len) {
                super.onBody(buf, off, len);
                if (stream.writableBytes() == 0) {
                    respond(413, "too much");
                    stream.stopReading(Http3Error.H3_NO_ERROR.code());
                    stream.release();
                }
            }
        });
        var response = new Transcript();
        RequestStream stream = client.request("POST", "/", false, response);
        stream.write(new byte[1000], 0, 1000);
        pipe.until(() -> response.lines().contains("end"));
        assertEquals(
                List.of("body too much", "end", "response 413", "stopped H3_NO_ERROR"),
                response.lines().stream().sorted().toList());
        assertEquals(0, stream.write(new byte[10], 0, 10));
        stream.finish();
        stream.release();
    }

    @Test
    void goAwayLetsFinishWhatWasBegunAndRejectsTheRest() throws Http3Exception {
        Pipe pipe = connect(ExchangeTest::silent);
        var early = new Transcript();
        RequestStream one = client.request("GET", "/early", true, early);
        pipe.until(() -> server.served.size() == 1);
        server.http3.goAway();
        assertTrue(server.http3.isDraining());
        // It crosses the GOAWAY.
        var late = new Transcript();
        RequestStream two = client.request("POST", "/late", false, late);
        pipe.run(100);
        assertEquals(List.of("ready", "goaway 4"), client.news);
        assertEquals(List.of("aborted H3_REQUEST_REJECTED"), late.lines());
        assertEquals(1, server.served.size());
        var refused = assertThrows(Http3Exception.class, () -> client.request("GET", "/", true, new Transcript()));
        assertEquals(Http3Error.H3_REQUEST_REJECTED, refused.error());
        server.served.getFirst().respond(200, "in time");
        server.served.getFirst().stream.release();
        pipe.until(() -> early.lines().contains("end"));
        assertEquals(List.of("response 200", "body in time", "end"), early.lines());
        one.release();
        two.release();
        assertEquals(0, client.http3.openRequests());
    }

    @Test
    void announcedGoAwayRefusesNothingThatIsOnItsWay() throws Http3Exception {
        Pipe pipe = connect(ExchangeTest::answering);
        server.http3.announceGoAway();
        var crossing = new Transcript();
        RequestStream stream = client.request("GET", "/crossing", true, crossing);
        pipe.until(() -> crossing.lines().contains("end"));
        assertThrows(Http3Exception.class, () -> client.request("GET", "/", true, new Transcript()));
        server.http3.goAway();
        pipe.run(50);
        assertEquals(List.of("ready", "goaway " + ((1L << 62) - 4), "goaway 4"), client.news);
        stream.release();
    }

    @Test
    void clientThatGoesAwayMakesNoMoreRequests() throws Http3Exception {
        Pipe pipe = connect(ExchangeTest::answering);
        client.http3.goAway();
        assertThrows(Http3Exception.class, () -> client.request("GET", "/", true, new Transcript()));
        pipe.until(() -> server.goAway() == 0);
        assertEquals("open", server.closed());
    }

    @Test
    void closingTellsEveryOpenRequestOnBothSides() throws Http3Exception {
        Pipe pipe = connect(ExchangeTest::silent);
        var waiting = new Transcript();
        client.request("GET", "/", true, waiting);
        var uploading = new Transcript();
        RequestStream upload = client.request("POST", "/", false, uploading);
        pipe.until(() -> server.served.size() == 2);
        server.http3.close(Http3Error.H3_INTERNAL_ERROR.code(), "test");
        pipe.until(() -> client.isClosed() && server.isClosed());
        assertEquals(List.of("aborted H3_INTERNAL_ERROR"), waiting.lines());
        assertEquals(List.of("aborted H3_INTERNAL_ERROR"), uploading.lines());
        assertEquals(
                List.of("end", "stopped H3_INTERNAL_ERROR"),
                server.served.get(0).lines());
        assertEquals(List.of("aborted H3_INTERNAL_ERROR"), server.served.get(1).lines());
        // What the owners still do crosses the close and does nothing.
        assertEquals(0, upload.write(new byte[1], 0, 1));
        upload.finish();
        upload.release();
        server.served.get(1).stream.cancel(0);
        server.served.get(1).stream.release();
        assertThrows(Http3Exception.class, () -> client.request("GET", "/", true, new Transcript()));
    }

    @Test
    void headIsAnsweredWithoutContentAndConnectOpensATunnel() throws Http3Exception {
        Pipe pipe = connect((stream, head) -> new Served(stream, head) {
            {
                try {
                    boolean tunnel = "CONNECT".equals(head.first(":method"));
                    stream.sendHeaders(
                            FieldSection.response(200)
                                    .add("content-length", "1000")
                                    .build(),
                            !tunnel);
                } catch (Http3Exception e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void onBody(byte[] buf, int off, int len) {
                stream.write(buf, off, len);
                stream.consumed(len);
            }

            @Override
            public void onEnd() {
                if (stream.writableBytes() > 0) {
                    stream.finish();
                }
            }
        });
        var toHead = new Transcript();
        client.request("HEAD", "/", true, toHead);
        var toConnect = new Transcript();
        FieldSection connect = FieldSection.builder()
                .add(":method", "CONNECT")
                .add(":authority", "a:1")
                .build();
        RequestStream tunnel = client.http3.request(connect, false, toConnect);
        assertNotNull(tunnel);
        tunnel.write(Bytes.ascii("ping"), 0, 4);
        tunnel.finish();
        pipe.until(() -> toHead.lines().contains("end") && toConnect.lines().contains("end"));
        assertEquals(List.of("response 200", "end"), toHead.lines());
        assertEquals(List.of("response 200", "body ping", "end"), toConnect.lines());
    }

    @Test
    void sectionsThatThePeerDoesNotTakeAreNotSent() throws Http3Exception {
        Pipe pipe = connect(
                ExchangeTest::silent,
                Http3Config.builder().maxFieldSectionSize(300).build(),
                QuicConfig.defaults());
        FieldSection large = FieldSection.request("GET", "https", "localhost", "/")
                .add("x", "y".repeat(300))
                .build();
        var refused = assertThrows(Http3Exception.class, () -> client.http3.request(large, true, new Transcript()));
        assertEquals(Http3Error.H3_EXCESSIVE_LOAD, refused.error());
        assertEquals(Http3Exception.Scope.STREAM, refused.scope());
        assertEquals(0, client.http3.openRequests());
        pipe.run(50);
        assertEquals("open", client.closed());
    }

    @Test
    void malformedSectionsOfOurOwnAreTheCallersBug() throws Http3Exception {
        Pipe pipe = connect(ExchangeTest::silent);
        FieldSection injected = FieldSection.request("GET", "https", "localhost", "/")
                .add("x", "a\r\nset-cookie: b")
                .build();
        assertThrows(IllegalArgumentException.class, () -> client.http3.request(injected, true, new Transcript()));
        client.request("GET", "/", true, new Transcript());
        pipe.until(() -> server.served.size() == 1);
        RequestStream stream = server.served.getFirst().stream;
        assertSame(server.http3, stream.connection());
        assertThrows(
                IllegalArgumentException.class,
                () -> stream.sendHeaders(
                        FieldSection.response(200).add("x", "a\nb").build(), true));
        assertThrows(
                IllegalArgumentException.class,
                () -> stream.sendInformational(FieldSection.response(200).build()));
        assertThrows(
                IllegalArgumentException.class,
                () -> stream.sendHeaders(FieldSection.response(100).build(), true));
        assertThrows(IllegalStateException.class, () -> stream.write(new byte[1], 0, 1));
        stream.sendHeaders(FieldSection.response(200).build(), true);
        assertThrows(IllegalStateException.class, () -> stream.write(new byte[1], 0, 1));
        assertThrows(
                IllegalStateException.class,
                () -> stream.sendHeaders(FieldSection.response(200).build(), true));
    }

    /** Answers with all of a large body at once, trailers behind, and is done; it writes on only when told of room. */
    private static Served answeringInBulk(RequestStream stream, FieldSection head, int total) {
        return new Served(stream, head) {
            private int sent;

            {
                try {
                    stream.sendHeaders(
                            FieldSection.response(200)
                                    .add("x-long", "y".repeat(9000))
                                    .build(),
                            false);
                } catch (Http3Exception e) {
                    throw new AssertionError(e);
                }
                onWritable();
            }

            @Override
            public void onWritable() {
                if (sent == total) {
                    throw new AssertionError("told of room after the end");
                }
                byte[] rest = chunk(sent, total - sent);
                int taken = stream.write(rest, 0, rest.length);
                sent += taken;
                if (sent == total) {
                    try {
                        stream.sendTrailers(FieldSection.builder()
                                .add("x-sum", "z".repeat(9000))
                                .build());
                    } catch (Http3Exception e) {
                        throw new AssertionError(e);
                    }
                    stream.release();
                }
            }
        };
    }

    @Test
    void everythingGetsThroughASendBufferSmallerThanASection() throws Http3Exception {
        int total = 300_000;
        Pipe pipe = connect(
                (stream, head) -> answeringInBulk(stream, head, total),
                Http3Config.defaults(),
                QuicConfig.builder().sendBuffer(4096).build());
        var response = new Counting();
        RequestStream stream = client.request("GET", "/", true, response);
        long consumed = 0;
        while (!response.ended) {
            pipe.run(5);
            stream.consumed(response.bytes - consumed);
            consumed = response.bytes;
        }
        assertEquals(total, response.bytes);
        assertTrue(
                response.lines().get(1).startsWith("trailers x-sum: zzz"),
                response.lines().toString());
        assertEquals(0, server.http3.openRequests());
        stream.release();
    }

    @Test
    void urgentResponsesOvertakeOthers() throws Http3Exception {
        Pipe pipe = connect((stream, head) -> answeringInBulk(stream, head, 400_000));
        var lazy = new Counting();
        var urgent = new Counting();
        var streams = new RequestStream[2];
        for (int i = 0; i < 2; i++) {
            streams[i] = client.http3.request(
                    FieldSection.request("GET", "https", "localhost", "/")
                            .add("priority", i == 0 ? "u=6" : "u=1")
                            .build(),
                    true,
                    i == 0 ? lazy : urgent);
        }
        long[] consumed = new long[2];
        while (!urgent.ended) {
            pipe.run(5);
            streams[0].consumed(lazy.bytes - consumed[0]);
            streams[1].consumed(urgent.bytes - consumed[1]);
            consumed[0] = lazy.bytes;
            consumed[1] = urgent.bytes;
        }
        assertTrue(lazy.bytes < 200_000, "the lazy response was at " + lazy.bytes);
    }
}

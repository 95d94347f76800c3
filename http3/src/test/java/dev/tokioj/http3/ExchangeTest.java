package dev.tokioj.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tokioj.http3.TestServer.Served;
import dev.tokioj.quic.connection.QuicConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests and responses between a client and a server over two endpoints. */
class ExchangeTest extends ExchangeFixture {
    @Test
    void getIsAnswered() throws Http3Exception {
        Pipe pipe = connect(ExchangeFixture::answering);
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
    void cancelReachesTheHandlerAndCreditComesBackOnlyWithRelease() throws Http3Exception {
        Pipe pipe = connect(
                ExchangeFixture::silent,
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
                ExchangeFixture::answering,
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
                ExchangeFixture::silent,
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
        Pipe pipe = connect(ExchangeFixture::silent);
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
}

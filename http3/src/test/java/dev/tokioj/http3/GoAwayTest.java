package dev.tokioj.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The end of a connection, announced by GOAWAY or not (RFC 9114 section 5). */
class GoAwayTest extends ExchangeFixture {
    @Test
    void goAwayLetsFinishWhatWasBegunAndRejectsTheRest() throws Http3Exception {
        Pipe pipe = connect(ExchangeFixture::silent);
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
        assertEquals(List.of("aborted H3_REQUEST_REJECTED", "stopped H3_REQUEST_REJECTED"), late.lines());
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
        Pipe pipe = connect(ExchangeFixture::answering);
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
        Pipe pipe = connect(ExchangeFixture::answering);
        client.http3.goAway();
        assertThrows(Http3Exception.class, () -> client.request("GET", "/", true, new Transcript()));
        pipe.until(() -> server.goAway() == 0);
        assertEquals("open", server.closed());
    }

    @Test
    void closingTellsEveryOpenRequestOnBothSides() throws Http3Exception {
        Pipe pipe = connect(ExchangeFixture::silent);
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
}

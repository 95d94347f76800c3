package dev.tokioj.quic.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Streams of one side against another's, and against frames that a peer should not send. */
class StreamsTest {
    private static final byte[] NOTHING = {};

    private final Side[] pair = Side.pair(Side.SMALL, Side.SMALL);
    private final Side client = pair[0];
    private final Side server = pair[1];
    private long now;

    private void settle() throws TransportException {
        now = Side.settle(client, server, now);
    }

    private static Frame.Stream stream(long id, long offset, int len, boolean fin) {
        return new Frame.Stream(id, offset, new byte[len], 0, len, fin);
    }

    private void refused(TransportError error, Frame frame) {
        TransportException e = assertThrows(TransportException.class, () -> server.receive(frame, now));
        assertEquals(error.code(), e.code(), e.toString());
    }

    private void accepted(Frame frame) throws TransportException {
        server.receive(frame, now);
        server.streams.deliverEvents();
    }

    // ---- exchange ----

    @Test
    void aRequestAndItsResponse() throws TransportException {
        long id = client.open(true);
        assertEquals(0, id);
        byte[] request = {1, 2, 3};
        assertEquals(3, client.streams.write(id, request, 0, 3));
        client.streams.finish(id);
        settle();
        assertEquals(List.of("stream 0"), server.events);
        assertEquals(List.of("complete 0"), client.events);
        assertArrayEquals(request, server.inbox(id).bytes.toByteArray());
        assertEquals("fin", server.inbox(id).end);
        server.streams.consumed(id, 3);
        server.streams.finish(id);
        settle();
        assertEquals("fin", client.inbox(id).end);
        assertEquals(1, client.streams.count());
        client.streams.release(id);
        server.streams.release(id);
        assertEquals(0, client.streams.count());
        assertEquals(0, server.streams.count());
        assertFalse(client.streams.hasData() || client.streams.hasControl());
    }

    @Test
    void ownedChunksTravelAndComeBack() throws TransportException {
        long id = client.open(false);
        assertEquals(2, id);
        byte[] chunk = new byte[2000];
        new Random(1).nextBytes(chunk);
        client.streams.writeOwned(id, chunk, 100, 900);
        client.streams.finish(id);
        settle();
        assertEquals(List.of(chunk), client.recycled);
        assertArrayEquals(
                Arrays.copyOfRange(chunk, 100, 1000), server.inbox(id).bytes.toByteArray());
    }

    @Test
    void nothingIsWrittenAfterTheEnd() {
        long id = client.open(true);
        client.streams.finish(id);
        assertThrows(IllegalStateException.class, () -> client.streams.write(id, NOTHING, 0, 0));
    }

    @Test
    void operationsOnStreamsThatAreGoneDoNothing() {
        byte[] chunk = new byte[5];
        client.streams.writeOwned(40, chunk, 0, 5);
        assertEquals(List.of(chunk), client.recycled);
        assertEquals(0, client.streams.write(40, chunk, 0, 5));
        client.streams.reset(40, 1);
        client.streams.stopSending(40, 1);
        client.streams.consumed(40, 1);
        client.streams.finish(40);
        client.streams.release(40);
        assertFalse(client.streams.hasControl());
    }

    // ---- which IDs (RFC 9000 sections 2.1, 3.4, 4.6, 19) ----

    @Test
    void streamsBeyondTheLimitAreRefused() throws TransportException {
        accepted(stream(4 * 3, 0, 1, false));
        refused(TransportError.STREAM_LIMIT_ERROR, stream(4 * 4, 0, 1, false));
        refused(TransportError.STREAM_LIMIT_ERROR, new Frame.ResetStream(4 * 4, 0, 0));
        refused(TransportError.STREAM_LIMIT_ERROR, new Frame.StopSending(4 * 4, 0));
        refused(TransportError.STREAM_LIMIT_ERROR, new Frame.MaxStreamData(4 * 4, 10));
        refused(TransportError.STREAM_LIMIT_ERROR, new Frame.StreamDataBlocked(4 * 2 + 2, 10));
    }

    @Test
    void aHighIdOpensThoseBelowAtNoCost() throws TransportException {
        StreamsConfig many = StreamsConfig.builder().maxBidiStreams(1L << 40).build();
        Side side = new Side(many, false);
        side.receive(stream(4 * ((1L << 40) - 1), 0, 1, false), 0);
        assertEquals(1, side.streams.count());
        side.receive(stream(4, 0, 1, false), 0);
        assertEquals(List.of("stream " + 4 * ((1L << 40) - 1), "stream 4"), side.events);
        assertEquals(2, side.streams.count());
    }

    @Test
    void streamsOfOursThatWeDidNotOpenAreRefused() throws TransportException {
        refused(TransportError.STREAM_STATE_ERROR, stream(1, 0, 1, false));
        refused(TransportError.STREAM_STATE_ERROR, new Frame.MaxStreamData(1, 10));
        refused(TransportError.STREAM_STATE_ERROR, new Frame.StopSending(3, 0));
        assertEquals(1, server.open(true));
        accepted(stream(1, 0, 1, false));
    }

    @Test
    void framesForTheWrongDirectionAreRefused() {
        assertEquals(3, server.open(false));
        refused(TransportError.STREAM_STATE_ERROR, stream(3, 0, 1, false));
        refused(TransportError.STREAM_STATE_ERROR, new Frame.ResetStream(3, 0, 0));
        refused(TransportError.STREAM_STATE_ERROR, new Frame.StreamDataBlocked(3, 0));
        refused(TransportError.STREAM_STATE_ERROR, new Frame.MaxStreamData(2, 0));
        refused(TransportError.STREAM_STATE_ERROR, new Frame.StopSending(2, 0));
    }

    @Test
    void aFrameAboutOurSideOpensThePeersStreamToo() throws TransportException {
        accepted(new Frame.MaxStreamData(0, 5000));
        assertEquals(List.of("stream 0"), server.events);
        assertEquals(4000, server.streams.writableBytes(0));
    }

    @Test
    void framesForRetiredStreamsAreIgnored() throws TransportException {
        accepted(stream(2, 0, 10, true));
        server.streams.release(2);
        assertEquals(0, server.streams.count());
        server.events.clear();
        accepted(stream(2, 0, 10, true));
        accepted(new Frame.ResetStream(2, 0, 10));
        assertEquals(List.of(), server.events);
        assertEquals(0, server.streams.count());
    }

    // ---- flow control ----

    @Test
    void aStreamMayNotSendBeyondItsWindow() throws TransportException {
        accepted(stream(0, 0, 1000, false));
        refused(TransportError.FLOW_CONTROL_ERROR, stream(0, 1000, 1, false));
        refused(TransportError.FLOW_CONTROL_ERROR, new Frame.ResetStream(0, 0, 1001));
        assertEquals("", server.inbox(0L).end, "nothing changed");
        refused(TransportError.FLOW_CONTROL_ERROR, stream(0, (1L << 62) - 2, 1, false));
    }

    @Test
    void allStreamsTogetherMayNotSendBeyondTheConnectionsWindow() throws TransportException {
        accepted(stream(0, 0, 900, false));
        accepted(stream(4, 500, 100, false));
        refused(TransportError.FLOW_CONTROL_ERROR, stream(8, 0, 1, false));
        accepted(stream(4, 0, 500, false));
    }

    @Test
    void theFinalSizeOfAResetCountsForTheConnection() throws TransportException {
        accepted(new Frame.ResetStream(0, 0, 1000));
        refused(TransportError.FLOW_CONTROL_ERROR, new Frame.ResetStream(4, 0, 501));
        accepted(new Frame.ResetStream(4, 0, 500));
        // Nobody consumes what was reset, so the credit comes back at once; but it is not announced yet.
        assertTrue(server.streams.hasControl());
        refused(TransportError.FLOW_CONTROL_ERROR, stream(8, 0, 1, false));
    }

    @Test
    void creditComesBackForWhatIsConsumedResetOrDropped() throws TransportException {
        client.open(true);
        accepted(stream(0, 0, 700, false));
        assertFalse(server.streams.hasControl());
        server.streams.consumed(0, 499);
        assertFalse(server.streams.hasControl());
        server.streams.consumed(0, 1);
        assertTrue(server.streams.hasControl(), "MAX_STREAM_DATA");
        settle();
        assertFalse(server.streams.hasControl());
        accepted(new Frame.ResetStream(0, 7, 800));
        server.streams.consumed(0, 200);
        assertEquals("reset 7", server.inbox(0L).end);
        assertTrue(server.streams.hasControl(), "MAX_DATA: 800 consumed");
        assertThrows(IllegalStateException.class, () -> server.streams.consumed(0, 1));
    }

    @Test
    void moreThanWasGivenCannotBeConsumed() throws TransportException {
        accepted(stream(0, 5, 10, false));
        assertThrows(IllegalStateException.class, () -> server.streams.consumed(0, 1));
        accepted(stream(0, 0, 5, false));
        server.streams.consumed(0, 15);
        assertThrows(IllegalStateException.class, () -> server.streams.consumed(0, 1));
    }

    @Test
    void aSenderStopsAtEachLimitAndSaysSoOnce() throws TransportException {
        long a = client.open(true);
        long b = client.open(true);
        client.streams.write(a, new byte[4000], 0, 4000);
        client.streams.write(b, new byte[4000], 0, 4000);
        settle();
        int total = server.inbox(a).bytes.size() + server.inbox(b).bytes.size();
        assertEquals(1500, total);
        assertEquals(1, server.events.stream().filter("blocked 1500"::equals).count(), server.events.toString());
        int got = server.inbox(a).bytes.size();
        server.streams.consumed(a, got);
        settle();
        assertTrue(server.inbox(a).bytes.size() + server.inbox(b).bytes.size() > 1500);
        for (int i = 0; i < 100; i++) {
            for (long id : new long[] {a, b}) {
                long left = server.inbox(id).bytes.size() - consumed[(int) id / 4] - (i == 0 && id == a ? got : 0);
                if (i == 0 && id == a) {
                    consumed[0] += got;
                }
                server.streams.consumed(id, left);
                consumed[(int) id / 4] += left;
            }
            settle();
        }
        assertEquals(4000, server.inbox(a).bytes.size());
        assertEquals(4000, server.inbox(b).bytes.size());
        assertEquals(0, client.streams.buffered());
    }

    private final long[] consumed = new long[2];

    // ---- final size (RFC 9000 section 4.5) ----

    @Test
    void theFinalSizeCannotChange() throws TransportException {
        accepted(stream(0, 0, 10, true));
        refused(TransportError.FINAL_SIZE_ERROR, stream(0, 0, 11, false));
        refused(TransportError.FINAL_SIZE_ERROR, stream(0, 0, 9, true));
        refused(TransportError.FINAL_SIZE_ERROR, new Frame.ResetStream(0, 0, 9));
        refused(TransportError.FINAL_SIZE_ERROR, new Frame.ResetStream(0, 0, 11));
        accepted(new Frame.ResetStream(0, 0, 10));
        assertEquals("fin", server.inbox(0L).end, "all data is there: the reset comes too late");
        accepted(stream(4, 0, 10, false));
        refused(TransportError.FINAL_SIZE_ERROR, stream(4, 0, 9, true));
        refused(TransportError.FINAL_SIZE_ERROR, new Frame.ResetStream(4, 0, 9));
        accepted(new Frame.ResetStream(4, 0, 12));
        refused(TransportError.FINAL_SIZE_ERROR, stream(4, 12, 1, false));
        assertEquals("reset 0", server.inbox(4L).end);
    }

    @Test
    void finWithoutDataEndsAStream() throws TransportException {
        accepted(stream(0, 0, 3, false));
        accepted(stream(0, 3, 0, true));
        assertEquals("fin", server.inbox(0L).end);
        accepted(stream(4, 0, 0, true));
        assertEquals("fin", server.inbox(4L).end);
        accepted(stream(8, 5, 0, true));
        assertEquals("", server.inbox(8L).end, "five bytes are missing");
        accepted(stream(8, 0, 5, false));
        assertEquals("fin", server.inbox(8L).end);
    }

    // ---- reset and stop ----

    @Test
    void resetTellsThePeerAndFreesTheBuffer() throws TransportException {
        long id = client.open(true);
        client.streams.write(id, new byte[4000], 0, 4000);
        assertEquals(4000, client.streams.buffered());
        client.streams.reset(id, 42);
        assertEquals(0, client.streams.buffered());
        assertEquals(0, client.streams.writableBytes(id));
        assertEquals(0, client.streams.write(id, new byte[1], 0, 1));
        settle();
        assertEquals("reset 42", server.inbox(id).end);
        assertEquals(List.of("complete 0"), client.events);
    }

    @Test
    void stopSendingMakesThePeerReset() throws TransportException {
        long id = client.open(true);
        client.streams.write(id, new byte[600], 0, 600);
        settle();
        server.streams.stopSending(id, 9);
        settle();
        assertEquals(List.of("stop 0 9", "complete 0"), client.events);
        assertEquals("", server.inbox(id).end, "who does not want the stream hears no more of it");
        client.streams.release(id);
        server.streams.release(id);
        settle();
        assertEquals(0, server.streams.count());
        assertEquals(0, client.streams.count());
    }

    @Test
    void dataAfterStopSendingIsCountedAndDropped() throws TransportException {
        accepted(stream(0, 0, 10, false));
        server.streams.stopSending(0, 1);
        accepted(stream(0, 10, 900, false));
        assertEquals(10, server.inbox(0L).bytes.size());
        refused(TransportError.FLOW_CONTROL_ERROR, stream(0, 910, 91, false));
        accepted(stream(0, 910, 0, true));
        server.streams.release(0);
        accepted(new Frame.StopSending(0, 0));
        assertEquals(1, server.streams.count(), "our reset is not acknowledged");
    }

    @Test
    void releaseEndsWhatIsOpen() throws TransportException {
        long id = client.open(true);
        client.streams.write(id, new byte[100], 0, 100);
        settle();
        client.streams.release(id);
        settle();
        assertEquals("reset 0", server.inbox(id).end);
        assertTrue(server.events.contains("stop 0 0"), server.events.toString());
        server.streams.release(id);
        settle();
        assertEquals(0, client.streams.count());
        assertEquals(0, server.streams.count());
    }

    @Test
    void aSinkMayStopItsStreamInTheMiddle() throws TransportException {
        StringBuilder seen = new StringBuilder();
        long id = server.streams.open(true, new StreamSink() {
            @Override
            public void onData(byte[] buf, int off, int len) {
                seen.append(len).append(' ');
                server.streams.stopSending(1, 5);
                server.streams.release(1);
            }

            @Override
            public void onFin() {
                seen.append("fin");
            }

            @Override
            public void onReset(long code) {
                seen.append("reset");
            }
        });
        accepted(stream(id, 5, 5, true));
        accepted(stream(id, 0, 5, false));
        assertEquals("5 ", seen.toString());
        assertEquals(1, server.streams.count(), "its own reset must be acknowledged");
    }

    // ---- credit for streams ----

    @Test
    void aStreamIsReplacedWhenBothSidesAreDoneAndTheOwnerLetGo() throws TransportException {
        long[] ids = new long[4];
        for (int i = 0; i < 4; i++) {
            ids[i] = client.open(true);
            client.streams.finish(ids[i]);
        }
        assertEquals(-1, client.open(true));
        settle();
        assertTrue(server.events.contains("streams blocked 4"), server.events.toString());
        server.streams.finish(ids[0]);
        settle();
        assertEquals(-1, client.open(true), "the owner still works on it");
        server.streams.release(ids[0]);
        settle();
        assertTrue(client.events.contains("available true"), client.events.toString());
        assertEquals(16, client.open(true));
        assertEquals(-1, client.open(true));
    }

    @Test
    void rapidResetGivesNoCredit() throws TransportException {
        for (int i = 0; i < 4; i++) {
            accepted(stream(4L * i, 0, 1, false));
            accepted(new Frame.ResetStream(4L * i, 0, 1));
        }
        assertEquals(4, server.streams.count());
        refused(TransportError.STREAM_LIMIT_ERROR, stream(16, 0, 1, false));
    }

    @Test
    void theEndReturnsAllMemory() throws TransportException {
        long id = client.open(true);
        client.streams.write(id, new byte[4000], 0, 4000);
        byte[] chunk = new byte[10];
        long other = client.open(false);
        client.streams.writeOwned(other, chunk, 0, 10);
        client.receive(stream(id, 500, 100, false), 0);
        client.streams.close();
        assertEquals(List.of(chunk), client.recycled);
        assertEquals(2, client.pool.pooled());
        assertEquals(0, client.streams.count());
    }
}

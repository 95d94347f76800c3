package dev.tokioj.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.http3.TestServer.Served;
import dev.tokioj.quic.connection.QuicConfig;
import org.junit.jupiter.api.Test;

/** Much content: who writes is held back, nothing is lost, and urgent content overtakes. */
class ContentFlowTest extends ExchangeFixture {
    private static final int CHUNK = 16 * 1024;

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

    /** Takes a whole response, and gives credit for it a bit at a time. */
    private static void takeAll(Pipe pipe, RequestStream stream, Counting response) {
        long consumed = 0;
        while (!response.ended) {
            pipe.run(5);
            stream.consumed(response.bytes - consumed);
            consumed = response.bytes;
        }
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
        takeAll(pipe, stream, response);
        assertEquals((long) chunks * CHUNK, response.bytes);
        pipe.run(500);
        assertEquals(chunks, server.recycled.size());
        assertEquals(0, server.http3.openRequests());
        stream.release();
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
        takeAll(pipe, stream, response);
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

package dev.tokioj.net;

import static dev.tokioj.net.Saying.assertSays;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a stream promises: deadlines, the end, being given up by either side. The server's ends of streams come by a queue. */
class QuicStreamTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(30);

    private final BlockingQueue<QuicStream> served = new LinkedBlockingQueue<>();
    private QuicServer server;
    private QuicConnection connection;

    @BeforeEach
    void connect() throws IOException {
        server = Echo.builder()
                .onConnection(accepted -> {
                    for (QuicStream stream = accepted.acceptStream();
                            stream != null;
                            stream = accepted.acceptStream()) {
                        served.add(stream);
                    }
                })
                .maxBidiStreams(4)
                .start();
        connection = Echo.client().connect("localhost", server.port());
    }

    @AfterEach
    void close() {
        connection.close();
        server.close();
    }

    private QuicStream serversEnd() throws InterruptedException {
        QuicStream stream = served.poll(30, TimeUnit.SECONDS);
        assertNotNull(stream, "the server saw no stream");
        return stream;
    }

    @Test
    void staysUsableAfterADeadline() throws Exception {
        QuicStream stream = connection.openStream();
        byte[] buffer = new byte[100];
        StreamTimeoutException timeout = assertThrows(StreamTimeoutException.class, () -> stream.read(buffer, SHORT));
        assertSays(connection.id(), timeout);

        stream.write("ping".getBytes(UTF_8));
        QuicStream other = serversEnd();
        assertEquals(4, other.read(buffer, LONG));
        other.write("pong".getBytes(UTF_8));
        assertEquals(4, stream.read(buffer, LONG));
        stream.close();
        other.close();
    }

    @Test
    void aWriteThatMeetsItsDeadlineSaysHowMuchWasTaken() throws Exception {
        QuicStream stream = connection.openStream();
        byte[] much = new byte[64 << 20];
        StreamTimeoutException timeout = assertThrows(
                StreamTimeoutException.class, () -> stream.write(much, 0, much.length, Duration.ofMillis(300)));
        int taken = timeout.bytesTransferred();
        assertTrue(taken > 0 && taken < much.length, "taken: " + taken);

        // What was taken arrives, and nothing else.
        stream.finish();
        QuicStream other = serversEnd();
        assertEquals(taken, other.input().transferTo(java.io.OutputStream.nullOutputStream()));
    }

    /** Any thread may. What was taken by then arrives. */
    @Test
    void anotherThreadMayFinishInTheMiddleOfAWrite() throws Exception {
        QuicStream stream = connection.openStream();
        CompletableFuture<Thread> writer = new CompletableFuture<>();
        FutureTask<Boolean> write = new FutureTask<>(() -> {
            writer.complete(Thread.currentThread());
            stream.write(new byte[64 << 20]); // nobody reads it
            return true;
        });
        Thread.ofVirtual().start(write);
        QuicStream other = serversEnd();
        Thread.State state = writer.join().getState();
        while (state != Thread.State.WAITING) {
            Thread.onSpinWait();
            state = writer.join().getState();
        }
        stream.finish();
        ExecutionException e = assertThrows(ExecutionException.class, write::get);
        assertInstanceOf(StreamClosedException.class, e.getCause());
        assertTrue(other.input().transferTo(java.io.OutputStream.nullOutputStream()) > 0);
    }

    @Test
    void endsOnceAndThenIsClosed() throws Exception {
        QuicStream stream = connection.openStream();
        stream.write("last".getBytes(UTF_8));
        stream.finish();
        assertThrows(StreamClosedException.class, () -> stream.write(new byte[1]));
        stream.finish(); // without effect

        QuicStream other = serversEnd();
        byte[] buffer = new byte[10];
        assertEquals(4, other.read(buffer, LONG));
        assertEquals(-1, other.read(buffer, LONG));
        assertThrows(StreamClosedException.class, () -> other.read(buffer, LONG));
        assertEquals(-1, other.input().read());
        other.close();
        assertThrows(StreamClosedException.class, () -> other.write(new byte[1]));
    }

    @Test
    void aResetReachesThePeersReadWithItsCode() throws Exception {
        QuicStream stream = connection.openStream();
        stream.write("some".getBytes(UTF_8));
        QuicStream other = serversEnd();
        other.read(new byte[10], LONG);
        stream.reset(0x1234);
        StreamResetException reset = assertThrows(StreamResetException.class, () -> other.read(new byte[10], LONG));
        assertEquals(0x1234, reset.code());
        assertThrows(StreamClosedException.class, () -> stream.write(new byte[1]));

        // The other direction goes on.
        other.write("still".getBytes(UTF_8));
        assertEquals(5, stream.read(new byte[10], LONG));
    }

    @Test
    void stopReadingReachesThePeersWriteWithItsCode() throws Exception {
        QuicStream stream = connection.openStream();
        stream.write("some".getBytes(UTF_8));
        QuicStream other = serversEnd();
        other.stopReading(0x77);
        assertThrows(StreamClosedException.class, () -> other.read(new byte[1], LONG));
        byte[] block = new byte[16 << 10];
        StreamResetException stopped = assertThrows(StreamResetException.class, () -> {
            while (true) {
                stream.write(block, 0, block.length, LONG);
            }
        });
        assertEquals(0x77, stopped.code());
    }

    @Test
    void carriesOneDirectionOnly() throws Exception {
        QuicStream stream = connection.openUniStream();
        assertFalse(stream.isBidirectional());
        assertThrows(StreamClosedException.class, () -> stream.read(new byte[1]));
        stream.write(new byte[] {1, 2, 3});
        stream.finish();
        QuicStream other = serversEnd();
        assertThrows(StreamClosedException.class, () -> other.write(new byte[1]));
        assertArrayEquals(new byte[] {1, 2, 3}, other.input().readAllBytes());
    }

    @Test
    void opensMoreThanTheLimitAsStreamsEnd() throws Exception {
        // The server allows four at once; those that both sides are done with make room.
        for (int i = 0; i < 20; i++) {
            QuicStream stream = connection.openStream();
            stream.write(new byte[] {(byte) i});
            stream.finish();
            QuicStream other = serversEnd();
            assertEquals(i, other.input().read());
            assertEquals(-1, other.input().read());
            other.close();
            assertEquals(-1, stream.read(new byte[1], LONG));
        }
    }

    @Test
    void waitsForTheLimitAndForNothingElse() throws Exception {
        QuicStream[] open = new QuicStream[4];
        for (int i = 0; i < 4; i++) {
            open[i] = connection.openStream();
            open[i].write(new byte[1]);
        }
        Thread waiter = Thread.ofVirtual().start(() -> {
            try {
                connection.openStream().close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertFalse(waiter.join(SHORT.multipliedBy(5)), "a fifth stream was opened");
        open[0].close();
        serversEnd().close();
        assertTrue(waiter.join(LONG), "the stream that ended made no room");
    }

    @Test
    void anInterruptEndsTheWaitAndNothingElse() throws Exception {
        QuicStream stream = connection.openStream();
        stream.write(new byte[1]);
        QuicStream other = serversEnd();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedIOException.class, () -> stream.read(new byte[1]));
        assertTrue(Thread.interrupted(), "the flag stays set");
        other.write(new byte[] {9});
        byte[] buffer = new byte[1];
        assertEquals(1, stream.read(buffer, LONG));
        assertEquals(9, buffer[0]);
    }

    @Test
    void anInterruptedWaitForAStreamLosesNone() throws Exception {
        QuicStream first = connection.openStream();
        first.write(new byte[1]);
        for (int i = 1; i < 4; i++) {
            connection.openStream().write(new byte[1]);
        }
        Thread.currentThread().interrupt();
        assertThrows(InterruptedIOException.class, () -> connection.openStream());
        assertTrue(Thread.interrupted());
        // The stream that was not opened for it is there for the next.
        first.close();
        serversEnd().close();
        connection.openStream().write(new byte[1]);
    }

    @Test
    void aSecondReaderIsRefused() throws Exception {
        QuicStream stream = connection.openStream();
        stream.write(new byte[1]);
        QuicStream other = serversEnd();
        BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
        for (int i = 0; i < 2; i++) {
            Thread.ofVirtual().start(() -> {
                try {
                    outcomes.add(stream.read(new byte[1]));
                } catch (IOException | IllegalStateException e) {
                    outcomes.add(e);
                }
            });
        }
        assertInstanceOf(IllegalStateException.class, outcomes.poll(30, TimeUnit.SECONDS));
        other.write(new byte[1]);
        assertEquals(1, outcomes.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void theEndOfTheConnectionReachesEveryWait() throws Exception {
        QuicStream stream = connection.openStream();
        stream.write(new byte[1]);
        QuicStream other = serversEnd();
        connection.abort(0x55);
        ConnectionClosedException theirs = assertThrows(ConnectionClosedException.class, () -> {
            byte[] buffer = new byte[10];
            while (other.read(buffer, LONG) >= 0) {
                Thread.onSpinWait();
            }
        });
        assertEquals(0x55, theirs.code());
        assertTrue(theirs.byPeer());
        ConnectionClosedException ours =
                assertThrows(ConnectionClosedException.class, () -> stream.read(new byte[1], LONG));
        assertFalse(ours.byPeer());
        assertThrows(ConnectionClosedException.class, () -> connection.openStream());
        assertNull(connection.acceptStream());
        assertNotNull(connection.closeCause());
        assertFalse(connection.isActive());
    }
}

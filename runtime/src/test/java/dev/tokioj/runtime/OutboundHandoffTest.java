package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutboundHandoffTest {
    private static final long NEVER = OutboundHandoff.NO_DEADLINE;

    private final AtomicInteger signals = new AtomicInteger();
    private final ChunkPool pool = new ChunkPool(16, 8);
    private final OutboundHandoff handoff = new OutboundHandoff(Waiting.ofJdk(), pool, signals::incrementAndGet, 64);

    private static byte[] bytes(int from, int n) {
        byte[] b = new byte[n];
        for (int i = 0; i < n; i++) {
            b[i] = (byte) (from + i);
        }
        return b;
    }

    private byte[] drain() {
        byte[] all = new byte[0];
        byte[] chunk;
        while ((chunk = handoff.peekChunk()) != null) {
            int n = handoff.length();
            all = Arrays.copyOf(all, all.length + n);
            System.arraycopy(chunk, handoff.offset(), all, all.length - n, n);
            handoff.advance(n);
        }
        return all;
    }

    private FutureTask<Integer> parkedWriter(int len, long deadline) {
        FutureTask<Integer> write = new FutureTask<>(() -> handoff.write(bytes(0, len), 0, len, deadline));
        Thread thread = Thread.ofPlatform().daemon().start(write);
        Parked.await(thread);
        return write;
    }

    @Test
    void aFilledChunkPassesOnWithoutACopy() throws Exception {
        handoff.write(bytes(0, 20), 0, 20, NEVER);
        byte[] seen = handoff.peekChunk();
        assertTrue(handoff.isWhole());
        assertEquals(16, handoff.length());
        byte[] mine = handoff.pollChunk();
        assertSame(seen, mine);
        assertArrayEquals(bytes(0, 16), mine);
        assertNotNull(handoff.peekChunk());
        assertFalse(handoff.isWhole(), "the task is still filling it");
        assertThrows(IllegalStateException.class, handoff::pollChunk);
        handoff.write(bytes(20, 12), 0, 12, NEVER);
        handoff.peekChunk();
        assertTrue(handoff.isWhole());
        handoff.recycle(mine);
        assertSame(mine, pool.take());
    }

    @Test
    void theRestOfAPartlyCopiedChunkStillPassesOnWhole() throws Exception {
        handoff.write(bytes(0, 5), 0, 5, NEVER);
        assertArrayEquals(bytes(0, 5), drain());
        handoff.write(bytes(5, 11), 0, 11, NEVER);
        assertNotNull(handoff.peekChunk());
        assertTrue(handoff.isWhole());
        assertEquals(5, handoff.offset());
        assertEquals(11, handoff.length());
        assertEquals(5, handoff.pollChunk()[5]);
        assertNull(handoff.peekChunk());
    }

    @Test
    void theSignalComesOnceUntilDrained() throws Exception {
        handoff.write(bytes(0, 5), 0, 5, NEVER);
        handoff.write(bytes(5, 5), 0, 5, NEVER);
        assertEquals(1, signals.get());
        assertNotNull(handoff.peekChunk());
        handoff.advance(3);
        handoff.write(bytes(10, 5), 0, 5, NEVER);
        assertEquals(1, signals.get(), "not drained, so the loop comes back by itself");
        assertArrayEquals(bytes(3, 12), drain());
        handoff.write(bytes(0, 1), 0, 1, NEVER);
        assertEquals(2, signals.get());
    }

    @Test
    void theEndIsSeenAfterTheBytesAndIsSignalled() throws Exception {
        handoff.write(bytes(0, 5), 0, 5, NEVER);
        assertArrayEquals(bytes(0, 5), drain());
        assertFalse(handoff.isFinished());
        handoff.end();
        assertEquals(2, signals.get());
        assertNull(handoff.peekChunk());
        assertTrue(handoff.isFinished());
        assertThrows(IOException.class, () -> handoff.write(bytes(0, 1), 0, 1, NEVER));
    }

    @Test
    void theLastChunkIsWholeOnceTheTaskHasEnded() throws Exception {
        handoff.write(bytes(0, 5), 0, 5, NEVER);
        handoff.end();
        assertNotNull(handoff.peekChunk());
        assertTrue(handoff.isWhole());
        assertEquals(5, handoff.length());
        handoff.pollChunk();
        assertTrue(handoff.isFinished());
        assertNull(handoff.peekChunk());
    }

    /** Who writes may be in the middle of a chunk, which would be passed on and used again under him. */
    @Test
    void anEndInTheMiddleOfAWriteIsSeenAfterIt() throws Exception {
        AtomicReference<OutboundHandoff> self = new AtomicReference<>();
        List<String> seen = new ArrayList<>();
        // Called by the writing thread, in the middle: where another thread may end it.
        OutboundHandoff ending = new OutboundHandoff(
                Waiting.ofJdk(),
                pool,
                () -> {
                    OutboundHandoff h = Objects.requireNonNull(self.get());
                    h.end();
                    while (h.peekChunk() != null) {
                        seen.add(h.length() + (h.isWhole() ? " whole" : " so far"));
                        h.advance(h.length());
                    }
                    seen.add(h.isFinished() ? "finished" : "drained");
                },
                64);
        self.set(ending);
        assertEquals(5, ending.write(bytes(0, 5), 0, 5, NEVER));
        assertEquals(List.of("5 so far", "drained", "finished"), seen);
    }

    @Test
    void anEndWakesTheWriterThatWaitsForRoom() throws Exception {
        FutureTask<Integer> write = parkedWriter(100, NEVER);
        handoff.end();
        ExecutionException e = assertThrows(ExecutionException.class, write::get);
        assertInstanceOf(IOException.class, e.getCause());
        assertArrayEquals(bytes(0, 64), drain());
        assertTrue(handoff.isFinished());
    }

    @Test
    void aWriterWaitsAtTheCapacityAndGoesOnWhenThereIsRoom() throws Exception {
        FutureTask<Integer> write = parkedWriter(100, NEVER);
        byte[] first = drain();
        while (first.length < 100) {
            byte[] more = drain();
            int had = first.length;
            first = Arrays.copyOf(first, had + more.length);
            System.arraycopy(more, 0, first, had, more.length);
        }
        assertEquals(100, write.get());
        assertArrayEquals(bytes(0, 100), first);
    }

    @Test
    void aDeadlineTellsHowMuchWentOver() throws Exception {
        assertEquals(
                64,
                parkedWriter(100, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20))
                        .get());
        assertThrows(TimeoutException.class, () -> handoff.write(bytes(0, 1), 0, 1, System.nanoTime()));
        assertArrayEquals(bytes(0, 64), drain());
    }

    @Test
    void anInterruptTellsHowMuchWentOver() throws Exception {
        FutureTask<Integer> write = new FutureTask<>(() -> {
            InterruptedIOException e =
                    assertThrows(InterruptedIOException.class, () -> handoff.write(bytes(0, 100), 0, 100, NEVER));
            assertTrue(Thread.interrupted(), "the flag stays set");
            return e.bytesTransferred;
        });
        Thread thread = Thread.ofVirtual().start(write);
        Parked.await(thread);
        thread.interrupt();
        assertEquals(64, write.get());
        assertEquals(64, drain().length);
        assertEquals(3, handoff.write(bytes(0, 3), 0, 3, NEVER));
    }

    @Test
    void failureWakesTheWriterWithItsCause() {
        IOException cause = new IOException("stopped");
        FutureTask<Integer> write = parkedWriter(100, NEVER);
        handoff.fail(cause);
        assertSame(cause, assertThrows(ExecutionException.class, write::get).getCause());
        assertSame(cause, assertThrows(IOException.class, () -> handoff.write(bytes(0, 1), 0, 1, NEVER)));
        assertNull(handoff.peekChunk());
        assertFalse(handoff.isFinished());
    }

    @Test
    void aSecondConcurrentWriterIsRefused() throws Exception {
        FutureTask<Integer> write = parkedWriter(65, NEVER);
        assertThrows(IllegalStateException.class, () -> handoff.write(bytes(0, 1), 0, 1, NEVER));
        // The writer may add its last byte while the loop takes the others.
        int drained = drain().length;
        assertEquals(65, write.get());
        assertEquals(65, drained + drain().length);
    }

    @Test
    void theLoopsOwnThreadIsRefused() {
        OutboundHandoff own = new OutboundHandoff(new InboundHandoffTest.OnLoop(), pool, () -> {}, 64);
        assertThrows(IllegalStateException.class, () -> own.write(bytes(0, 1), 0, 1, NEVER));
    }
}

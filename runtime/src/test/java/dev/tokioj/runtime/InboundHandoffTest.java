package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InboundHandoffTest {
    private final AtomicInteger signals = new AtomicInteger();
    private final ChunkPool pool = new ChunkPool(16, 8);
    private final InboundHandoff handoff = new InboundHandoff(Waiting.ofJdk(), pool, signals::incrementAndGet, 40);
    private final byte[] buf = new byte[100];

    private int readNow() throws IOException, TimeoutException {
        return handoff.read(buf, 0, buf.length, System.nanoTime());
    }

    /** Starts a read that has nothing to read, and waits until it is parked. */
    private FutureTask<Integer> parkedReader(long deadline) {
        FutureTask<Integer> read = new FutureTask<>(() -> handoff.read(new byte[10], 0, 10, deadline));
        reader = Thread.ofPlatform().daemon().start(read);
        Parked.await(reader);
        return read;
    }

    private Thread reader = Thread.currentThread();

    @Test
    void whatIsBufferedIsReadBeforeTheEnd() throws Exception {
        handoff.offer(new byte[50], 0, 50);
        handoff.end();
        assertEquals(50, handoff.available());
        assertEquals(50, readNow());
        assertEquals(-1, readNow());
        assertEquals(-1, readNow());
        assertTrue(handoff.isFinished());
    }

    @Test
    void creditIsGivenForWhatWasReadAndSignalledAtTheThreshold() throws Exception {
        handoff.offer(new byte[50], 0, 50);
        assertEquals(0, handoff.takeConsumed());
        handoff.read(buf, 0, 39, System.nanoTime());
        assertEquals(0, signals.get());
        handoff.read(buf, 0, 1, System.nanoTime());
        assertEquals(1, signals.get());
        handoff.read(buf, 0, 5, System.nanoTime());
        assertEquals(1, signals.get(), "once until it is taken");
        assertEquals(45, handoff.takeConsumed());
        assertEquals(0, handoff.takeConsumed());
    }

    @Test
    void theEndIsSignalledBelowTheThresholdSoThatNoCreditIsLost() throws Exception {
        handoff.offer(new byte[5], 0, 5);
        handoff.end();
        assertEquals(5, readNow());
        assertEquals(1, signals.get());
        assertEquals(5, handoff.takeConsumed());
        assertTrue(handoff.isFinished());
    }

    @Test
    void failureDropsWhatIsBufferedAndCountsItAsConsumed() {
        IOException cause = new IOException("reset");
        handoff.offer(new byte[50], 0, 50);
        handoff.fail(cause);
        assertSame(cause, assertThrows(IOException.class, this::readNow));
        assertEquals(50, handoff.takeConsumed());
        assertFalse(handoff.offer(new byte[7], 0, 7));
        assertEquals(7, handoff.takeConsumed());
        assertEquals(0, handoff.available());
        assertTrue(handoff.isFinished());
    }

    @Test
    void failureAfterTheEndLeavesTheWholeStreamReadable() throws Exception {
        handoff.offer(new byte[5], 0, 5);
        handoff.end();
        handoff.fail(new IOException("connection lost"));
        assertEquals(5, readNow());
        assertEquals(-1, readNow());
    }

    @Test
    void cancelSignalsAndCountsEverythingAsConsumed() {
        handoff.offer(new byte[50], 0, 50);
        handoff.cancel();
        assertTrue(handoff.isCancelled());
        assertEquals(1, signals.get());
        assertFalse(handoff.offer(new byte[9], 0, 9));
        assertEquals(59, handoff.takeConsumed());
        assertThrows(IllegalStateException.class, this::readNow);
    }

    @Test
    void aParkedReaderIsWokenByBytes() throws Exception {
        FutureTask<Integer> read = parkedReader(InboundHandoff.NO_DEADLINE);
        handoff.offer(new byte[3], 0, 3);
        assertEquals(3, read.get());
    }

    @Test
    void aParkedReaderIsWokenByTheEnd() throws Exception {
        FutureTask<Integer> read = parkedReader(InboundHandoff.NO_DEADLINE);
        handoff.end();
        assertEquals(-1, read.get());
    }

    @Test
    void aParkedReaderIsWokenByFailure() {
        IOException cause = new IOException("gone");
        FutureTask<Integer> read = parkedReader(InboundHandoff.NO_DEADLINE);
        handoff.fail(cause);
        assertSame(cause, assertThrows(ExecutionException.class, read::get).getCause());
    }

    @Test
    void anInterruptEndsTheReadAndLeavesTheHandoffAsItWas() throws Exception {
        FutureTask<Integer> read = new FutureTask<>(() -> {
            assertThrows(
                    InterruptedIOException.class, () -> handoff.read(new byte[10], 0, 10, InboundHandoff.NO_DEADLINE));
            return Thread.interrupted() ? 1 : 0;
        });
        Thread thread = Thread.ofVirtual().start(read);
        Parked.await(thread);
        thread.interrupt();
        assertEquals(1, read.get(), "the flag stays set");
        handoff.offer(new byte[3], 0, 3);
        assertEquals(3, readNow());
    }

    @Test
    void aDeadlineEndsTheWaitAndLeavesTheHandoffAsItWas() throws Exception {
        FutureTask<Integer> read = parkedReader(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20));
        assertInstanceOf(
                TimeoutException.class,
                assertThrows(ExecutionException.class, read::get).getCause());
        handoff.offer(new byte[3], 0, 3);
        assertEquals(3, readNow(), "what has arrived is read even after the deadline");
        assertThrows(TimeoutException.class, this::readNow);
    }

    @Test
    void aSecondConcurrentReaderIsRefused() throws Exception {
        FutureTask<Integer> read = parkedReader(InboundHandoff.NO_DEADLINE);
        assertThrows(IllegalStateException.class, this::readNow);
        handoff.offer(new byte[3], 0, 3);
        assertEquals(3, read.get());
        handoff.offer(new byte[3], 0, 3);
        assertEquals(3, readNow());
    }

    @Test
    void theLoopsOwnThreadIsRefused() {
        InboundHandoff own = new InboundHandoff(new OnLoop(), pool, () -> {}, 1);
        own.offer(new byte[3], 0, 3);
        assertThrows(IllegalStateException.class, () -> own.read(buf, 0, 1, InboundHandoff.NO_DEADLINE));
    }

    @Test
    void bytesAfterTheEndAreABug() {
        handoff.end();
        assertThrows(IllegalStateException.class, () -> handoff.offer(new byte[1], 0, 1));
    }

    @Test
    void anIdleHandoffHoldsNoChunk() throws Exception {
        byte[] known = pool.take();
        pool.give(known);
        for (int round = 0; round < 5; round++) {
            handoff.offer(new byte[] {1, 2, 3}, 0, 3);
            assertEquals(3, readNow());
            handoff.takeConsumed();
            byte[] back = pool.take();
            assertSame(known, back, "the chunk came back while it was not full");
            pool.give(back);
        }
    }

    /** The loop's thread, for those who look. */
    static final class OnLoop implements Waiting {
        @Override
        public boolean isLoopThread() {
            return true;
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void parkUntil(Object blocker, long deadlineNanos) {
            throw new AssertionError("parked the loop");
        }
    }
}

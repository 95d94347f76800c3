package dev.tokioj.runtime;

import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** Bytes from a loop to one task. */
@SuppressWarnings("DoNotCallSuggester")
public final class InboundHandoff {
    /** No deadline. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /**
     * @param creditSignal any thread: has {@link #takeConsumed} called on the loop soon, e.g. {@code loop.newSignal(..)::raise}
     * @param threshold consumed bytes that raise it
     */
    public InboundHandoff(Waiting waiting, ChunkPool pool, Runnable creditSignal, long threshold) {}

    /** Loop: copies the bytes in and wakes the reader. */
    public void offer(byte[] buf, int off, int len) {
        throw new UnsupportedOperationException();
    }

    /** Loop: no more bytes come. */
    public void end() {
        throw new UnsupportedOperationException();
    }

    /** Loop: the reader gets this, at once: bytes it has not read are dropped (RFC 9000 section 3.2 allows it). The first call counts. */
    public void fail(IOException cause) {
        throw new UnsupportedOperationException();
    }

    /** Loop: bytes consumed (or dropped) since the last call: the flow-control credit to give. */
    public long takeConsumed() {
        throw new UnsupportedOperationException();
    }

    /** Loop: replaces the threshold, when the window has grown. */
    public void threshold(long bytes) {
        throw new UnsupportedOperationException();
    }

    /**
     * Task: reads at least one byte, waiting for it.
     *
     * @return bytes read, -1 at the end, 0 only for {@code len} 0
     */
    public int read(byte[] buf, int off, int len, long deadlineNanos) throws IOException, TimeoutException {
        throw new UnsupportedOperationException();
    }

    /** Task: bytes that a read would get without waiting. */
    public int available() {
        throw new UnsupportedOperationException();
    }

    /** Task: wants no more; what comes is dropped and counts as consumed. */
    public void cancel() {
        throw new UnsupportedOperationException();
    }
}

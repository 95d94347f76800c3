package dev.tokioj.runtime;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Bytes from one task to a loop. */
@SuppressWarnings("DoNotCallSuggester")
public final class OutboundHandoff {
    /** No deadline. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /**
     * @param raiseDirty any thread: has the loop drain this soon, e.g. {@code loop.newSignal(..)::raise}; once until drained
     * @param capacity bytes the task may be ahead of the loop
     */
    public OutboundHandoff(Waiting waiting, ChunkPool pool, Runnable raiseDirty, int capacity) {}

    /**
     * Task: hands all bytes over, waiting for room.
     *
     * @return bytes taken: {@code len}, or fewer but at least one if the deadline came first
     * @throws TimeoutException the deadline came before any byte was taken
     */
    public int write(byte[] buf, int off, int len, long deadlineNanos) throws IOException, TimeoutException {
        throw new UnsupportedOperationException();
    }

    /** Task: no more bytes come. */
    public void end() {
        throw new UnsupportedOperationException();
    }

    /** Loop: the array with the next bytes, at {@link #offset} and {@link #length}; null: drained for now, the next write raises again. */
    public byte @Nullable [] peekChunk() {
        throw new UnsupportedOperationException();
    }

    /** Loop: where the peeked bytes begin. */
    public int offset() {
        throw new UnsupportedOperationException();
    }

    /** Loop: how many bytes were peeked. */
    public int length() {
        throw new UnsupportedOperationException();
    }

    /** Loop: whether the task is done with the peeked chunk, so that {@link #pollChunk} may take it whole. */
    public boolean isWhole() {
        throw new UnsupportedOperationException();
    }

    /** Loop: takes the peeked chunk (which must be whole) with no copy; to be given back by {@link #recycle}. */
    public byte[] pollChunk() {
        throw new UnsupportedOperationException();
    }

    /** Loop: {@code n} of the peeked bytes were copied elsewhere. */
    public void advance(int n) {
        throw new UnsupportedOperationException();
    }

    /** Loop: a chunk got from {@link #pollChunk} is no longer needed. */
    public void recycle(byte[] chunk) {
        throw new UnsupportedOperationException();
    }

    /** Loop: whether the task has ended and everything was taken. */
    public boolean isFinished() {
        throw new UnsupportedOperationException();
    }

    /** Loop: the writer gets this from now on; bytes not taken are dropped. The first call counts. */
    public void fail(IOException cause) {
        throw new UnsupportedOperationException();
    }

    /** Bytes the task may be ahead of the loop. */
    public int capacity() {
        throw new UnsupportedOperationException();
    }
}

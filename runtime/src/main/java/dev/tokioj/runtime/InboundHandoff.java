package dev.tokioj.runtime;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from an event loop to one task: the loop copies them in and never waits, the task copies them out and waits when
 * there are none. How much may lie in between is not decided here but by the flow-control window the loop has granted; the
 * credit for a new one is what {@link #takeConsumed} returns.
 *
 * <p>One loop thread calls the methods marked "Loop". The methods marked "Task" may be called by any thread but the loop's
 * own callbacks, by one at a time: a second concurrent read gets {@link IllegalStateException}.
 *
 * <p>Two indices count bytes since the beginning: {@code written}, stored by the loop (release), and {@code consumed}, stored by
 * the task (release); each side loads the other's (acquire). The bytes lie in a chain of chunks that the loop extends before it
 * moves {@code written}. A chunk filled to its end goes back to the pool when the task has read its end; one that is not full goes
 * back when the loop finds everything consumed ({@link #takeConsumed}), so that an idle stream holds no memory.
 */
public final class InboundHandoff {
    /** No deadline. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    private enum State {
        /** Bytes may come. */
        OPEN,
        /** The loop has no more. */
        ENDED,
        /** The loop gave up; {@link #failure} says why. */
        FAILED,
        /** The task wants no more. */
        CANCELLED
    }

    private enum Credit {
        QUIET,
        RAISED
    }

    /** A stretch of the byte stream, from {@code start} to {@code limit}. */
    private static final class Chunk {
        byte[] data;
        final long start;
        /** Where the next chunk begins; lowered by the loop when it takes back a chunk that is not full. */
        long limit;

        @Nullable Chunk next;

        Chunk(byte[] data, long start) {
            this.data = data;
            this.start = start;
            this.limit = start + data.length;
        }
    }

    private static final byte[] NO_BYTES = {};
    private static final VarHandle WRITTEN;
    private static final VarHandle CONSUMED;
    private static final VarHandle STATE;
    private static final VarHandle CREDIT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WRITTEN = lookup.findVarHandle(InboundHandoff.class, "written", long.class);
            CONSUMED = lookup.findVarHandle(InboundHandoff.class, "consumed", long.class);
            STATE = lookup.findVarHandle(InboundHandoff.class, "state", State.class);
            CREDIT = lookup.findVarHandle(InboundHandoff.class, "credit", Credit.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final WaitPoint reader;
    private final ChunkPool pool;
    private final Runnable creditSignal;

    private volatile State state = State.OPEN;
    /** Set by the loop before it moves the state to FAILED. */
    private @Nullable IOException failure;

    @SuppressWarnings("unused") // through CREDIT
    private volatile Credit credit = Credit.QUIET;

    private volatile long threshold;

    // The loop's.
    private Chunk tail = new Chunk(NO_BYTES, 0);
    private long writeIndex;

    @SuppressWarnings("unused") // through WRITTEN
    private volatile long written;

    /** Credit given; the loop's, looked at by the task. */
    private volatile long taken;

    // The task's.
    private Chunk cursor = tail;
    private long readIndex;

    @SuppressWarnings("unused") // through CONSUMED
    private volatile long consumed;

    /**
     * An open handoff.
     *
     * @param creditSignal called by the task's thread when {@link #takeConsumed} is worth calling on the loop: at the
     *     threshold, before it waits, at the end, and when the task cancels; once until it is called. For example
     *     {@code loop.newSignal(..)::raise}
     * @param threshold consumed bytes that are worth a signal, such as a quarter of the window
     */
    public InboundHandoff(Waiting waiting, ChunkPool pool, Runnable creditSignal, long threshold) {
        this.reader = new WaitPoint(waiting, "read");
        this.pool = pool;
        this.creditSignal = creditSignal;
        threshold(threshold);
    }

    private boolean transition(State from, State to) {
        return STATE.compareAndSet(this, from, to);
    }

    /**
     * Loop: copies the bytes in and wakes the reader if it waits.
     *
     * @return false: nobody will read them (failed, or cancelled by the task); they were dropped and count as consumed
     * @throws IllegalStateException after {@link #end}
     */
    public boolean offer(byte[] buf, int off, int len) {
        boolean taken = append(buf, off, len);
        if (taken) {
            reader.wake();
        }
        return taken;
    }

    /**
     * Loop: as {@link #offer}, but lets the reader sleep until {@link #wake}: for bytes that come as many pieces of one
     * batch, of which waking a thread for each would cost more than the pieces.
     */
    public boolean append(byte[] buf, int off, int len) {
        Objects.checkFromIndexSize(off, len, buf.length);
        State now = state;
        if (now == State.ENDED) {
            throw new IllegalStateException("bytes after the end");
        }
        if (now != State.OPEN) {
            writeIndex += len;
            return false;
        }
        int done = 0;
        while (done < len) {
            if (writeIndex == tail.limit) {
                // As much again as has come: a stream of few bytes holds few, and a long one whole chunks.
                int wanted = (int) Math.min(pool.chunkSize(), Math.max(len - done, writeIndex));
                Chunk fresh = new Chunk(pool.take(wanted), writeIndex);
                tail.next = fresh;
                tail = fresh;
            }
            int n = (int) Math.min(len - done, tail.limit - writeIndex);
            System.arraycopy(buf, off + done, tail.data, (int) (writeIndex - tail.start), n);
            writeIndex += n;
            done += n;
        }
        WRITTEN.setRelease(this, writeIndex);
        return true;
    }

    /** Loop: wakes the reader if it waits; after {@link #append}. */
    public void wake() {
        reader.wake();
    }

    /** Loop: no more bytes come; the reader gets what is there, then the end. No effect after {@link #fail}. */
    public void end() {
        if (transition(State.OPEN, State.ENDED)) {
            reader.wake();
        }
    }

    /**
     * Loop: the reader gets this exception, at once and from now on; bytes it has not read are dropped, as RFC 9000
     * section 3.2 allows for a reset stream, and count as consumed. No effect after {@link #end}: who has the whole stream
     * may read it, whatever became of the connection.
     */
    public void fail(IOException cause) {
        if (state != State.OPEN) {
            return;
        }
        failure = cause;
        if (transition(State.OPEN, State.FAILED)) {
            reader.wake();
        }
    }

    /** Loop: the bytes consumed or dropped since the last call, which is the credit to give. */
    public long takeConsumed() {
        CREDIT.setVolatile(this, Credit.QUIET);
        // Between clearing the mark and reading the index: a task that still found the mark has its bytes counted here.
        VarHandle.fullFence();
        State now = state;
        boolean dropped = now == State.FAILED || now == State.CANCELLED;
        long upTo = dropped ? writeIndex : (long) CONSUMED.getAcquire(this);
        long credited = upTo - taken;
        taken = upTo;
        if (!dropped && upTo == writeIndex) {
            trim();
        }
        return credited;
    }

    /** Everything is consumed, so the task has left the last chunk: if it is not full, it is taken back. */
    private void trim() {
        if (tail.limit > writeIndex) {
            tail.limit = writeIndex;
            byte[] data = tail.data;
            tail.data = NO_BYTES;
            pool.give(data);
        }
    }

    /** Loop: whether nothing will be read any more: everything was and the end is there, or it failed or was cancelled. */
    public boolean isFinished() {
        State now = state;
        return now == State.ENDED ? (long) CONSUMED.getAcquire(this) == writeIndex : now != State.OPEN;
    }

    /** Loop: whether the task wants no more. */
    public boolean isCancelled() {
        return state == State.CANCELLED;
    }

    /** Loop: replaces the threshold, when the window has grown. */
    public void threshold(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("threshold must be positive: " + bytes);
        }
        threshold = bytes;
    }

    /**
     * Task: reads at least one byte, waiting for it. What has arrived is returned even if the deadline has passed.
     *
     * @param deadlineNanos on the clock of the {@link Waiting}, {@link #NO_DEADLINE} for none
     * @return bytes read, -1 at the end, 0 only for {@code len} 0
     * @throws java.io.InterruptedIOException interrupted while waiting; the flag stays set and the handoff as it was
     * @throws TimeoutException nothing came before the deadline; the handoff is as it was
     * @throws IOException what the loop failed it with: that very object
     * @throws IllegalStateException on the loop's own thread, beside another read, or after {@link #cancel}
     */
    public int read(byte[] buf, int off, int len, long deadlineNanos) throws IOException, TimeoutException {
        Objects.checkFromIndexSize(off, len, buf.length);
        reader.enter();
        try {
            return len == 0 ? 0 : readSome(buf, off, len, deadlineNanos);
        } finally {
            reader.leave();
        }
    }

    private int readSome(byte[] buf, int off, int len, long deadlineNanos) throws IOException, TimeoutException {
        while (true) {
            // The state first: whoever sees the end then sees all that came before it.
            State now = state;
            if (now == State.FAILED) {
                throw Objects.requireNonNull(failure);
            }
            if (now == State.CANCELLED) {
                throw new IllegalStateException("a read after cancel");
            }
            long ready = (long) WRITTEN.getAcquire(this) - readIndex;
            if (ready > 0) {
                return copyOut(buf, off, (int) Math.min(len, ready), now);
            }
            if (now == State.ENDED) {
                raise();
                return -1;
            }
            if (readIndex != taken) {
                // Who waits holds back no credit: what many readers keep below their thresholds may be all that the
                // peer had for the whole connection, and then nothing would ever come.
                raise();
            }
            reader.announce();
            if ((long) WRITTEN.getAcquire(this) == readIndex && state == now) {
                reader.park(this, deadlineNanos);
            }
            reader.retract();
        }
    }

    private int copyOut(byte[] buf, int off, int n, State seen) {
        int done = 0;
        while (done < n) {
            Chunk c = cursor;
            if (readIndex == c.limit) {
                cursor = Objects.requireNonNull(c.next);
                continue;
            }
            int k = (int) Math.min(n - done, c.limit - readIndex);
            System.arraycopy(c.data, (int) (readIndex - c.start), buf, off + done, k);
            readIndex += k;
            done += k;
            if (readIndex == c.start + c.data.length) {
                byte[] data = c.data;
                c.data = NO_BYTES;
                pool.give(data);
            }
        }
        CONSUMED.setRelease(this, readIndex);
        boolean last = seen == State.ENDED && (long) WRITTEN.getAcquire(this) == readIndex;
        if (last || readIndex - taken >= threshold) {
            raise();
        }
        return n;
    }

    /** The CAS is also the full fence between moving {@code consumed} and looking at the mark. */
    private void raise() {
        if (CREDIT.compareAndSet(this, Credit.QUIET, Credit.RAISED)) {
            creditSignal.run();
        }
    }

    /** Any thread: bytes that a read would get without waiting. */
    public int available() {
        if (state == State.FAILED || state == State.CANCELLED) {
            return 0;
        }
        long read = (long) CONSUMED.getAcquire(this);
        return (int) Math.min(Integer.MAX_VALUE, (long) WRITTEN.getAcquire(this) - read);
    }

    /**
     * Task: wants no more: what is here and what comes is dropped and counts as consumed. A read that waits in another
     * thread ends with {@link IllegalStateException}. Idempotent.
     */
    public void cancel() {
        if (transition(State.OPEN, State.CANCELLED) || transition(State.ENDED, State.CANCELLED)) {
            reader.wake();
            raise();
        }
    }
}

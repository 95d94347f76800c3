package dev.tokioj.runtime;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from one task to an event loop: the task copies them in and waits when it is {@code capacity} bytes ahead, the loop
 * takes them out and never waits. A chunk the task has filled passes on as it is, without a copy; the one it is still filling
 * the loop can only copy from, which is what small writes want anyway.
 *
 * <pre>
 * loop:  while ((chunk = handoff.peekChunk()) != null) {
 *            if (handoff.isWhole() &amp;&amp; handoff.length() is worth it) give away handoff.pollChunk(), offset, length; recycle() it later
 *            else handoff.advance(bytes copied from chunk);     // stop here when there is no room: the handoff stays dirty
 *        }
 *        if (handoff.isFinished()) ...
 * </pre>
 *
 * <p>One loop thread calls the methods marked "Loop". The methods marked "Task" may be called by any thread but the loop's
 * own callbacks, by one at a time: a second concurrent write gets {@link IllegalStateException}.
 *
 * <p>Two indices count bytes since the beginning: {@code written}, stored by the task (release), and {@code taken}, stored by the
 * loop (release); each side loads the other's (acquire). Chunk k holds the bytes from k times the chunk size on, in a ring that has
 * one place more than the capacity needs, so that a place is written by the task only after the loop has left it.
 */
public final class OutboundHandoff {
    /** No deadline. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    private enum State {
        /** Bytes may come. */
        OPEN,
        /** The task has no more, but a write that had begun is not over: it still touches the bytes. */
        ENDING,
        /** The task has no more, and touches nothing any more. */
        ENDED,
        /** The loop wants no more; {@link #failure} says why. */
        FAILED
    }

    private enum Mark {
        DRAINED,
        DIRTY
    }

    private static final VarHandle WRITTEN;
    private static final VarHandle TAKEN;
    private static final VarHandle STATE;
    private static final VarHandle MARK;
    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(byte[][].class);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WRITTEN = lookup.findVarHandle(OutboundHandoff.class, "written", long.class);
            TAKEN = lookup.findVarHandle(OutboundHandoff.class, "taken", long.class);
            STATE = lookup.findVarHandle(OutboundHandoff.class, "state", State.class);
            MARK = lookup.findVarHandle(OutboundHandoff.class, "mark", Mark.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final WaitPoint writer;
    private final ChunkPool pool;
    private final Runnable dirtySignal;
    private final int capacity;
    /** So much room is worth waking the writer for. */
    private final int wakeRoom;
    /** So many bytes are worth telling the loop of before the write goes on. */
    private final int stride;

    private final int chunkSize;
    private final int shift;
    private final byte[] @Nullable [] ring;

    private volatile State state = State.OPEN;
    /** Set by the loop before it moves the state to FAILED. */
    private @Nullable IOException failure;

    @SuppressWarnings("unused") // through MARK
    private volatile Mark mark = Mark.DRAINED;

    // The task's.
    private long writeIndex;

    @SuppressWarnings("unused") // through WRITTEN
    private volatile long written;

    // The loop's.
    private long takeIndex;
    private int offset;
    private int length;
    private boolean whole;

    @SuppressWarnings("unused") // through TAKEN
    private volatile long taken;

    /**
     * An open handoff.
     *
     * @param dirtySignal called by the task's thread when there is something to take or the end to see; once until
     *     {@link #peekChunk} has answered null. For example {@code loop.newSignal(..)::raise}
     * @param capacity bytes the task may be ahead of the loop
     */
    public OutboundHandoff(Waiting waiting, ChunkPool pool, Runnable dirtySignal, int capacity) {
        if (capacity < 1 || capacity > 1 << 30) {
            throw new IllegalArgumentException("capacity must be 1 to 2^30: " + capacity);
        }
        this.writer = new WaitPoint(waiting, "write");
        this.pool = pool;
        this.dirtySignal = dirtySignal;
        this.capacity = capacity;
        chunkSize = pool.chunkSize();
        shift = Integer.numberOfTrailingZeros(chunkSize);
        wakeRoom = Math.max(1, capacity / 4);
        stride = Math.max(chunkSize, capacity / 4);
        int places = (capacity + chunkSize - 1) / chunkSize + 1;
        ring = new byte[places == 1 ? 1 : Integer.highestOneBit(places - 1) * 2][];
    }

    private boolean transition(State from, State to) {
        return STATE.compareAndSet(this, from, to);
    }

    private int place(long index) {
        return (int) (index >>> shift) & (ring.length - 1);
    }

    /**
     * Task: hands all bytes over, waiting for room.
     *
     * @param deadlineNanos on the clock of the {@link Waiting}, {@link #NO_DEADLINE} for none
     * @return bytes taken: {@code len}, or fewer but at least one if the deadline came first
     * @throws TimeoutException the deadline came before any byte was taken
     * @throws InterruptedIOException interrupted while waiting; the flag stays set and {@code bytesTransferred} says how many
     *     bytes went over
     * @throws IOException what the loop failed it with (that very object), or it has ended
     * @throws IllegalStateException on the loop's own thread, or beside another write
     */
    public int write(byte[] buf, int off, int len, long deadlineNanos) throws IOException, TimeoutException {
        Objects.checkFromIndexSize(off, len, buf.length);
        writer.enter();
        int done = 0;
        try {
            checkOpen();
            while (done < len) {
                int room = awaitRoom(deadlineNanos);
                int n = Math.min(Math.min(len - done, room), stride);
                copyIn(buf, off + done, n);
                done += n;
                raise();
            }
            return done;
        } catch (TimeoutException e) {
            if (done == 0) {
                throw e;
            }
            return done;
        } catch (InterruptedIOException e) {
            e.bytesTransferred = done;
            throw e;
        } finally {
            writer.leave();
            // Between leaving and looking: either this sees that another thread ends it, or that thread sees that we
            // have left.
            VarHandle.fullFence();
            if (state == State.ENDING) {
                endUnlessWritten();
            }
        }
    }

    private void checkOpen() throws IOException {
        State now = state;
        if (now == State.FAILED) {
            throw Objects.requireNonNull(failure);
        }
        if (now != State.OPEN) {
            throw new IOException("a write after the end");
        }
    }

    private int room() {
        return capacity - (int) (writeIndex - (long) TAKEN.getAcquire(this));
    }

    private int awaitRoom(long deadlineNanos) throws IOException, TimeoutException {
        int room = room();
        while (room == 0) {
            checkOpen();
            writer.announce();
            if (room() == 0 && state == State.OPEN) {
                writer.park(this, deadlineNanos);
            }
            writer.retract();
            room = room();
        }
        checkOpen();
        return room;
    }

    private void copyIn(byte[] buf, int off, int n) {
        int done = 0;
        while (done < n) {
            int at = (int) writeIndex & (chunkSize - 1);
            int place = place(writeIndex);
            int k = Math.min(n - done, chunkSize - at);
            byte[] chunk = ring[place];
            if (chunk == null || chunk.length < at + k) {
                chunk = larger(chunk, at, at + k);
                CHUNKS.setRelease(ring, place, chunk);
            }
            System.arraycopy(buf, off + done, chunk, at, k);
            writeIndex += k;
            done += k;
        }
        WRITTEN.setRelease(this, writeIndex);
    }

    /**
     * A chunk in place of one that is too small, or of none: as much again as was written, so that a stream of few bytes holds few. The
     * loop may still read the old one, whose bytes do not change.
     */
    private byte[] larger(byte @Nullable [] old, int filled, int wanted) {
        byte[] chunk = pool.take((int) Math.min(chunkSize, Math.max(wanted, writeIndex)));
        if (old != null) {
            System.arraycopy(old, 0, chunk, 0, filled);
        }
        return chunk;
    }

    /** The CAS is also the full fence between moving {@code written} (or ending) and looking at the mark. */
    private void raise() {
        if (MARK.compareAndSet(this, Mark.DRAINED, Mark.DIRTY)) {
            dirtySignal.run();
        }
    }

    /**
     * Any thread: no more bytes come. Idempotent; does not wait. A write in another thread that has begun ends: with all its bytes, or
     * with an {@link IOException} before the next that would have to wait or be signalled. The loop sees the end after it.
     */
    public void end() {
        if (transition(State.OPEN, State.ENDING)) {
            writer.wake();
            endUnlessWritten();
        }
    }

    /** If a write goes on, it does this when it is over. */
    private void endUnlessWritten() {
        if (!writer.isTaken() && transition(State.ENDING, State.ENDED)) {
            raise();
        }
    }

    /**
     * Loop: the array with the next bytes, at {@link #offset} and {@link #length}, to read but not to keep; null: drained for
     * now, and the signal comes when there is more. Who stops before null gets no signal and must come back by itself.
     */
    public byte @Nullable [] peekChunk() {
        // The state first: whoever sees the end then sees all that came before it.
        State now = state;
        long upTo = (long) WRITTEN.getAcquire(this);
        if (upTo == takeIndex || now == State.FAILED) {
            MARK.setVolatile(this, Mark.DRAINED);
            // Between clearing the mark and looking again: a task that still found the mark is seen here.
            VarHandle.fullFence();
            now = state;
            upTo = (long) WRITTEN.getAcquire(this);
            if (upTo == takeIndex || now == State.FAILED) {
                dropLastChunk(now);
                return null;
            }
            MARK.setVolatile(this, Mark.DIRTY);
        }
        long chunkEnd = ((takeIndex >>> shift) + 1) << shift;
        offset = (int) takeIndex & (chunkSize - 1);
        length = (int) (Math.min(upTo, chunkEnd) - takeIndex);
        whole = upTo >= chunkEnd || now == State.ENDED;
        return chunkAt(place(takeIndex));
    }

    /** The task may have put a larger array with the same bytes in the place of a smaller one: either will do. */
    private byte[] chunkAt(int place) {
        return Objects.requireNonNull((byte[]) CHUNKS.getAcquire(ring, place));
    }

    /** After the end the task touches nothing any more: the last chunk, seldom full, goes back. */
    private void dropLastChunk(State now) {
        int place = place(takeIndex);
        byte[] chunk = now == State.ENDED ? ring[place] : null;
        if (chunk != null) {
            ring[place] = null;
            pool.give(chunk);
        }
    }

    /** Loop: where the peeked bytes begin. */
    public int offset() {
        return offset;
    }

    /** Loop: how many bytes were peeked, at least one. */
    public int length() {
        return length;
    }

    /** Loop: whether the task is done with the peeked chunk, so that {@link #pollChunk} may take it. */
    public boolean isWhole() {
        return whole;
    }

    /**
     * Loop: takes the peeked chunk, its bytes from {@link #offset} on, with no copy; it is the loop's until {@link #recycle}.
     *
     * @throws IllegalStateException nothing was peeked, or the task is still filling it
     */
    public byte[] pollChunk() {
        if (!whole || length == 0) {
            throw new IllegalStateException("only a whole chunk can be taken, after peekChunk");
        }
        int place = place(takeIndex);
        byte[] chunk = chunkAt(place);
        ring[place] = null;
        moveOn(length);
        return chunk;
    }

    /** Loop: {@code n} of the peeked bytes were copied elsewhere; peek again for the rest. */
    public void advance(int n) {
        Objects.checkFromToIndex(0, n, length);
        int place = place(takeIndex);
        if (offset + n == chunkSize) {
            byte[] chunk = chunkAt(place);
            ring[place] = null;
            pool.give(chunk);
        }
        moveOn(n);
    }

    private void moveOn(int n) {
        takeIndex += n;
        offset += n;
        length -= n;
        whole = whole && length > 0;
        TAKEN.setRelease(this, takeIndex);
        // The writer waits with the buffer full: a good part of it must be free before it is worth a switch.
        if (writer.isAnnounced() && capacity - ((long) WRITTEN.getAcquire(this) - takeIndex) >= wakeRoom) {
            writer.wake();
        }
    }

    /** Loop: a chunk got from {@link #pollChunk} is no longer needed. Any thread may call it. */
    public void recycle(byte[] chunk) {
        pool.give(chunk);
    }

    /** Loop: whether the task has ended and everything was taken. */
    public boolean isFinished() {
        return state == State.ENDED && (long) WRITTEN.getAcquire(this) == takeIndex;
    }

    /** Loop: the writer gets this exception from now on; bytes not taken are dropped. The first call counts. */
    public void fail(IOException cause) {
        State now = state;
        while (now != State.FAILED) {
            failure = cause;
            if (transition(now, State.FAILED)) {
                writer.wake();
            }
            now = state;
        }
    }

    /** Bytes the task may be ahead of the loop. */
    public int capacity() {
        return capacity;
    }
}

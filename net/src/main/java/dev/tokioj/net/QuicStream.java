package dev.tokioj.net;

import dev.tokioj.runtime.InboundHandoff;
import dev.tokioj.runtime.OutboundHandoff;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a QUIC connection (RFC 9000 section 2): bytes in order, one direction or both. Every method may be called from
 * any thread, but at a time only one thread may read and only one may write: a second one gets an
 * {@link IllegalStateException}. What waits parks a virtual thread, never a loop. An interrupt ends the wait with
 * {@link java.io.InterruptedIOException}, the flag set and the stream as it was.
 *
 * <p>A stream is over when both directions are: read to the end and {@link #finish}ed, or {@link #close}d. Only then may the
 * peer open another in its place, so a stream that is not wanted any more is to be closed.
 */
public final class QuicStream implements AutoCloseable {
    /** How far a direction has come, as the task sees it. */
    private enum Side {
        OPEN,
        /** Reading: the end was read. Writing: finished. */
        ENDED,
        /** Given up: by close or reset, or because it does not exist. */
        CLOSED
    }

    private final StreamCore core;
    private final @Nullable InboundHandoff in;
    private final @Nullable OutboundHandoff out;
    private final AtomicReference<Side> reading;
    private final AtomicReference<Side> writing;

    QuicStream(StreamCore core, @Nullable InboundHandoff in, @Nullable OutboundHandoff out) {
        this.core = core;
        this.in = in;
        this.out = out;
        this.reading = new AtomicReference<>(in == null ? Side.CLOSED : Side.OPEN);
        this.writing = new AtomicReference<>(out == null ? Side.CLOSED : Side.OPEN);
    }

    /** The stream's ID (RFC 9000 section 2.1). */
    public long id() {
        return core.id();
    }

    /** Whether both sides may send. */
    public boolean isBidirectional() {
        return in != null && out != null;
    }

    /** As {@link #read(byte[], int, int)} into the whole array. */
    public int read(byte[] buf) throws IOException {
        return read(buf, 0, buf.length);
    }

    /** As {@link #read(byte[], int, int, Duration)} into the whole array. */
    public int read(byte[] buf, Duration timeout) throws IOException {
        return read(buf, 0, buf.length, timeout);
    }

    /**
     * Waits for bytes and takes what there is.
     *
     * @return the bytes read, at least 1 unless {@code len} is 0; -1 at the end of what the peer sends
     * @throws StreamClosedException on a read after the end or after {@link #close}
     * @throws StreamResetException if the peer gave the stream up
     * @throws ConnectionClosedException if the connection ended before the stream
     */
    public int read(byte[] buf, int off, int len) throws IOException {
        return read(buf, off, len, InboundHandoff.NO_DEADLINE);
    }

    /**
     * As {@link #read(byte[], int, int)}, waiting at most this long.
     *
     * @throws StreamTimeoutException if nothing came in time; the stream can be used on
     */
    public int read(byte[] buf, int off, int len, Duration timeout) throws IOException {
        return read(buf, off, len, core.deadline(timeout));
    }

    private int read(byte[] buf, int off, int len, long deadline) throws IOException {
        Side side = Objects.requireNonNull(reading.get());
        if (in == null || side != Side.OPEN) {
            throw new StreamClosedException(core.who() + ": stream " + id()
                    + (in == null ? " has no receiving side" : closedFor("read", side)));
        }
        return receive(in, buf, off, len, deadline);
    }

    private int receive(InboundHandoff from, byte[] buf, int off, int len, long deadline) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        try {
            int n = from.read(buf, off, len, deadline);
            if (n < 0) {
                endReading(Side.ENDED);
            }
            return n;
        } catch (TimeoutException e) {
            throw new StreamTimeoutException(
                    core.who() + ": nothing came on stream " + id() + " in time; read again, or give it more", 0);
        } catch (QuicException e) {
            endReading(Side.CLOSED);
            throw Failures.rethrown(e);
        } catch (IllegalStateException e) {
            if (reading.get() == Side.CLOSED) {
                throw new StreamClosedException(core.who() + ": stream " + id() + " was closed here while it was read");
            }
            throw e; // two readers, or a loop's own thread
        }
    }

    private static String closedFor(String what, Side side) {
        return side == Side.ENDED ? " is at its end: nothing more to " + what : " was closed here: no " + what;
    }

    /** As {@link #write(byte[], int, int)} of the whole array. */
    public void write(byte[] buf) throws IOException {
        write(buf, 0, buf.length);
    }

    /**
     * Hands bytes over to be sent, waiting for room: while the peer does not read, this waits. The array is free on return.
     *
     * @throws StreamClosedException after {@link #finish}, {@link #reset} or {@link #close}
     * @throws StreamResetException if the peer wants no more
     * @throws ConnectionClosedException if the connection ended
     */
    public void write(byte[] buf, int off, int len) throws IOException {
        write(buf, off, len, OutboundHandoff.NO_DEADLINE);
    }

    /**
     * As {@link #write(byte[], int, int)}, waiting at most this long.
     *
     * @throws StreamTimeoutException if there was not room for all in time; it says how many bytes were taken
     */
    public void write(byte[] buf, int off, int len, Duration timeout) throws IOException {
        write(buf, off, len, core.deadline(timeout));
    }

    private void write(byte[] buf, int off, int len, long deadline) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        Side side = Objects.requireNonNull(writing.get());
        if (out == null || side != Side.OPEN) {
            throw new StreamClosedException(
                    core.who() + ": stream " + id() + (out == null ? " has no sending side" : closedForWrite(side)));
        }
        int taken = 0;
        try {
            while (taken < len) {
                taken += out.write(buf, off + taken, len - taken, deadline);
            }
        } catch (TimeoutException e) {
            throw new StreamTimeoutException(
                    core.who() + ": the peer did not read stream " + id() + " in time (" + taken + " of " + len
                            + " bytes were taken); write the rest, or give it more",
                    taken);
        } catch (InterruptedIOException e) {
            e.bytesTransferred += taken;
            throw e;
        } catch (QuicException e) {
            writing.set(Side.CLOSED);
            throw Failures.rethrown(e);
        } catch (IOException e) {
            throw new StreamClosedException(
                    core.who() + ": stream " + id() + " was finished here while it was written");
        }
    }

    private static String closedForWrite(Side side) {
        return side == Side.ENDED ? " was finished: no write after that" : " was closed here: no write after that";
    }

    /** Says that nothing more will be written; does not wait. The peer's side may go on. No effect after the end. */
    public void finish() {
        if (out != null && writing.compareAndSet(Side.OPEN, Side.ENDED)) {
            core.markFinished();
            out.end();
        }
    }

    /**
     * Gives up what was written and is not delivered yet: the peer's read fails with this code (RESET_STREAM, RFC 9000
     * section 19.4). Reading goes on.
     */
    public void reset(long code) {
        if (out != null && writing.getAndSet(Side.CLOSED) != Side.CLOSED) {
            core.requestReset(code);
        }
    }

    /** Says that nothing more will be read: the peer's write fails with this code (STOP_SENDING, RFC 9000 section 19.5). */
    public void stopReading(long code) {
        if (in != null && endReading(Side.CLOSED)) {
            in.cancel();
            core.requestStopSending(code);
        }
    }

    private boolean endReading(Side to) {
        return reading.compareAndSet(Side.OPEN, to);
    }

    /** Finishes writing, unless that was done, and reads no more; does not wait. What was written is still delivered. */
    @Override
    public void close() {
        stopReading(core.closeCode());
        finish();
    }

    /** Reads as {@link InputStream}s do: -1 at the end, again and again. Closing it stops reading. */
    public InputStream input() {
        return new Input();
    }

    /** Writes as {@link OutputStream}s do, without a buffer of its own. Closing it finishes the stream. */
    public OutputStream output() {
        return new Output();
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buf, int off, int len) throws IOException {
            if (reading.get() == Side.ENDED) {
                return -1;
            }
            return QuicStream.this.read(buf, off, len);
        }

        @Override
        public int available() {
            return in != null && reading.get() == Side.OPEN ? in.available() : 0;
        }

        @Override
        public void close() {
            stopReading(core.closeCode());
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            QuicStream.this.write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] buf, int off, int len) throws IOException {
            QuicStream.this.write(buf, off, len);
        }

        @Override
        public void close() {
            finish();
        }
    }

    @Override
    public String toString() {
        return "stream " + id() + " of " + core.who();
    }
}

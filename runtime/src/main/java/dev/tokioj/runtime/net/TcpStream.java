package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.LoopLogger;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Objects;

/**
 * A TCP connection whose calls park a thread, usually a virtual one, and never a loop. It belongs to one {@link #loop}, which waits for
 * it; a task on that loop reads and writes without any other thread being involved. Any thread may use it but a loop's callbacks,
 * which must not wait: one may read and one may write at a time, a second of the same kind gets {@link IllegalStateException}.
 *
 * <p>A call tries first, and waits only if it must. A deadline or an interrupt ends the wait and nothing else: the stream stays as
 * usable as before ({@link InterruptedIOException#bytesTransferred} says how much a write had moved). Deadlines are on the clock of the
 * caller's runtime.
 *
 * <p>Errors are {@link IOException}s that name the peer: {@link java.net.SocketException} when the connection broke (reset by the peer,
 * written after its end), {@link SocketTimeoutException}, {@link InterruptedIOException} with the flag still set, and
 * {@link IoClosedException} for what was closed on this side, also while somebody waited.
 */
public final class TcpStream implements ByteStream {
    static final System.Logger LOG = LoopLogger.of(System.getLogger(TcpStream.class.getName()));

    /** Reads or writes in a row that did not wait, before others get the loop: at most 1 MB. */
    private static final int STREAK = 16;

    /** Who is in an operation of a direction. */
    private enum Use {
        FREE,
        TAKEN
    }

    private static final VarHandle READING;
    private static final VarHandle WRITING;
    private static final VarHandle LEFT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            READING = lookup.findVarHandle(TcpStream.class, "reading", Use.class);
            WRITING = lookup.findVarHandle(TcpStream.class, "writing", Use.class);
            LEFT = lookup.findVarHandle(TcpStream.class, "left", Left.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What a reader knows from the read before. */
    private enum Left {
        /** There may be something: try. */
        MAYBE,
        /** There was nothing left then: wait, unless it was told of since. */
        NOTHING,
        /** The input was shut down on this side. */
        SHUT
    }

    private final EventLoop loop;
    private final TcpSocket socket;
    private final IoRegistration io;

    @SuppressWarnings("unused") // through READING
    private volatile Use reading = Use.FREE;

    @SuppressWarnings("unused") // through WRITING
    private volatile Use writing = Use.FREE;

    private volatile Left left = Left.MAYBE;
    // The reader's and the writer's.
    private int reads;
    private int writes;

    TcpStream(EventLoop loop, TcpSocket socket) {
        this.loop = loop;
        this.socket = socket;
        this.io = socket.io();
    }

    /**
     * Connects by name, on the caller's runtime: the addresses that the system's resolver gives, by {@link HappyEyeballs}.
     *
     * @param timeout for all of it
     * @throws java.net.UnknownHostException no such name
     * @throws SocketTimeoutException not connected in time
     * @throws IOException no address could be connected to; the first failure, the others suppressed in it
     * @throws IllegalStateException outside a runtime, or in a callback of a loop
     */
    public static TcpStream connect(String host, int port, Duration timeout) throws IOException {
        AsyncRuntime runtime = runtime();
        return HappyEyeballs.of(runtime).connect(host, port, TcpOptions.DEFAULT, timeout);
    }

    /** Connects on the caller's runtime, as {@link #connect(AsyncRuntime, InetSocketAddress, TcpOptions, Duration)}. */
    public static TcpStream connect(InetSocketAddress remote, Duration timeout) throws IOException {
        return connect(runtime(), remote, TcpOptions.DEFAULT, timeout);
    }

    /**
     * Connects. The stream belongs to the caller's loop if that is one of the runtime's, else to the next.
     *
     * @throws java.net.ConnectException refused, or unreachable
     * @throws SocketTimeoutException not connected in time
     * @throws InterruptedIOException interrupted; the flag stays set
     * @throws IllegalStateException in a callback of a loop
     */
    public static TcpStream connect(
            AsyncRuntime runtime, InetSocketAddress remote, TcpOptions options, Duration timeout) throws IOException {
        EventLoop.checkMayBlock("TcpStream.connect");
        EventLoop loop = runtime.loopHere();
        long deadline = IoRegistration.deadlineIn(timeout);
        TcpStream stream = new TcpStream(loop, TcpSocket.connect(loop, remote, options));
        try {
            do {
                stream.io.awaitWritable(deadline);
                stream.io.clearWritable();
            } while (!stream.socket.finishConnect());
            return stream;
        } catch (SocketTimeoutException e) {
            stream.close();
            SocketTimeoutException named =
                    new SocketTimeoutException("connect to " + remote + ": not connected in " + timeout);
            named.initCause(e);
            throw named;
        } catch (IOException | RuntimeException | Error e) {
            stream.close();
            throw e;
        }
    }

    private static AsyncRuntime runtime() {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            throw new IllegalStateException(
                    "TcpStream.connect belongs inside a runtime: call it in a task, or name the" + " runtime");
        }
        return runtime;
    }

    // ---- reading

    @Override
    public int read(byte[] buf, int off, int len, long deadlineNanos) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        enter(READING, "read");
        try {
            // Closed by us is closed at once, though the loop gives the socket back a little later.
            io.checkOpen();
            if (len == 0) {
                return 0;
            }
            while (true) {
                Left before = left;
                if (before == Left.SHUT) {
                    return -1;
                }
                if (before == Left.MAYBE || io.isReadable()) {
                    io.clearReadable();
                    int n = socket.read(buf, off, len);
                    if (n == TcpSocket.END) {
                        return -1;
                    }
                    if (n >= 0) {
                        leave(before, n < Math.min(len, TcpSocket.MOST) ? Left.NOTHING : Left.MAYBE);
                        reads = breathe(reads);
                        return n;
                    }
                    leave(before, Left.NOTHING);
                }
                reads = 0;
                io.awaitReadable(deadlineNanos);
            }
        } finally {
            READING.setRelease(this, Use.FREE);
        }
    }

    /** The reader's word on what is left; a shutdown by another thread stands. */
    private void leave(Left before, Left after) {
        if (before != after) {
            LEFT.compareAndSet(this, before, after);
        }
    }

    // ---- writing

    @Override
    public void write(byte[] buf, int off, int len, long deadlineNanos) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        enter(WRITING, "write");
        int done = 0;
        try {
            io.checkOpen();
            while (done < len) {
                io.clearWritable();
                int n = socket.write(buf, off + done, len - done);
                if (n >= 0) {
                    done += n;
                    writes = breathe(writes);
                } else {
                    writes = 0;
                    io.awaitWritable(deadlineNanos);
                }
            }
        } catch (InterruptedIOException e) {
            e.bytesTransferred = done;
            throw e;
        } finally {
            WRITING.setRelease(this, Use.FREE);
        }
    }

    private void enter(VarHandle use, String what) {
        EventLoop.checkMayBlock("a TcpStream's read or write");
        if (!use.compareAndSet(this, Use.FREE, Use.TAKEN)) {
            throw new IllegalStateException("a second concurrent " + what + " of " + socket);
        }
    }

    /**
     * After a call that did not wait: a task that never has to wait would keep all others off the loop.
     *
     * @param streak what it returned the time before; 0 after a wait
     */
    @SuppressWarnings("ThreadPriorityCheck") // on a loop the scheduler is ours
    static int breathe(int streak) {
        if (streak < STREAK) {
            return streak + 1;
        }
        if (Thread.currentThread().isVirtual()) {
            Thread.yield();
        }
        return 0;
    }

    // ---- the rest

    /** Any thread: reads no more; a reader that waits gets the end. The peer is not told (TCP has no word for it). */
    public void shutdownInput() throws IOException {
        left = Left.SHUT;
        socket.shutdownInput();
    }

    /** Any thread: sends the end after what was written; the peer may go on sending. */
    @Override
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public InputStream input() {
        return StreamViews.input(this);
    }

    @Override
    public OutputStream output() {
        return StreamViews.output(this);
    }

    /** The loop that waits for it; tasks spawned there need no other thread to read and write. */
    public EventLoop loop() {
        return loop;
    }

    /** The peer. */
    public InetSocketAddress remoteAddress() {
        return socket.remote();
    }

    /** Our end. */
    public InetSocketAddress localAddress() throws IOException {
        return socket.local();
    }

    /**
     * Sets TCP_NODELAY, SO_KEEPALIVE, SO_RCVBUF, SO_SNDBUF or SO_LINGER.
     *
     * @throws UnsupportedOperationException another option
     */
    public <T> void option(SocketOption<T> option, T value) throws IOException {
        socket.set(option, value);
    }

    /** An option's value. */
    public <T> T option(SocketOption<T> option) throws IOException {
        return socket.get(option);
    }

    /**
     * Any thread: closes. Who waits in a read or write gets {@link IoClosedException}. The kernel still sends what was written, then
     * the end; if there was something that nobody had read, it resets the connection instead. Does not wait; idempotent.
     */
    @Override
    public void close() {
        io.close();
    }

    /** Any thread: closes and throws away what was not sent: the peer gets a reset (RST). */
    public void abort() {
        try {
            socket.set(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Closed already, which is all that is left to do.
            LOG.log(System.Logger.Level.DEBUG, "a plain close instead of a reset", e);
        }
        close();
    }

    @Override
    public String toString() {
        return "tcp " + socket.remote();
    }
}

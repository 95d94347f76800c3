package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.TaskWaker;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A {@link UdpSocket} for tasks: batches of datagrams, and calls that park a thread until there are some or until there is room. One
 * thread receives and one sends at a time. A task on the socket's {@link #loop} calls straight through; from elsewhere each call goes
 * to the loop and back, so datagrams in large numbers belong to tasks of that loop.
 */
public final class UdpPort implements AutoCloseable {
    private enum State {
        OPEN,
        CLOSED
    }

    /** What runs on the loop. */
    @FunctionalInterface
    private interface Call {
        int run() throws IOException;
    }

    /** The loop's side. */
    private final class Events implements UdpHandler {
        @Override
        public void onReadable(UdpSocket s) {
            if (receiver == Waiter.PARKED) {
                receiver = Waiter.AWAY;
                readable.wake();
            } else {
                // Nobody came for what he was told of: silence until he asks.
                s.reading(false);
            }
        }

        @Override
        public void onWritable(UdpSocket s) {
            writable.wake();
        }
    }

    private enum Waiter {
        AWAY,
        PARKED
    }

    /** What a receiver knows from the receive before: one that did not fill its batch has emptied the socket. */
    private enum Left {
        MAYBE,
        NOTHING
    }

    private final EventLoop loop;
    private final TaskWaker readable = new TaskWaker();
    private final TaskWaker writable = new TaskWaker();
    private final Runnable closer = this::closed;
    private volatile State state = State.OPEN;
    /** The receiver's. */
    private int streak;

    // The loop's.
    private Waiter receiver = Waiter.AWAY;
    private Left left = Left.MAYBE;
    private @Nullable UdpSocket socket;

    private UdpPort(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Opens a port, at the caller's loop if it is one of this runtime's, else at the next.
     *
     * @throws IOException as {@link UdpSocket#open(EventLoop, UdpOptions, UdpHandler)}
     * @throws IllegalStateException in a callback of a loop
     */
    public static UdpPort open(AsyncRuntime runtime, UdpOptions options) throws IOException {
        EventLoop.checkMayBlock("UdpPort.open");
        UdpPort port = new UdpPort(runtime.loopHere());
        port.onLoop(() -> {
            UdpSocket opened = UdpSocket.open(port.loop, options, port.new Events());
            port.socket = opened;
            port.loop.atClose(port.closer);
            return 0;
        });
        return port;
    }

    /**
     * Waits until there are datagrams and fills the batch with them.
     *
     * @return how many entries, at least one
     * @throws IoClosedException closed, or closed meanwhile
     * @throws InterruptedIOException interrupted; the flag stays set
     * @throws IllegalStateException in a callback of a loop, or if another thread receives already
     */
    public int receive(RecvBatch batch) throws IOException {
        return receive(batch, IoRegistration.NO_DEADLINE);
    }

    /**
     * As {@link #receive(RecvBatch)}, for at most this long.
     *
     * @throws SocketTimeoutException nothing came in time
     */
    public int receive(RecvBatch batch, Duration timeout) throws IOException {
        return receive(batch, IoRegistration.deadlineIn(timeout));
    }

    private int receive(RecvBatch batch, long deadline) throws IOException {
        EventLoop.checkMayBlock("UdpPort.receive");
        while (true) {
            int n = onLoop(() -> {
                UdpSocket open = open();
                if (left == Left.MAYBE) {
                    int got = open.receive(batch);
                    if (got > 0) {
                        left = got < batch.capacity() ? Left.NOTHING : Left.MAYBE;
                        return got;
                    }
                }
                left = Left.MAYBE;
                receiver = Waiter.PARKED;
                open.reading(true);
                return 0;
            });
            if (n > 0) {
                streak = TcpStream.breathe(streak);
                return n;
            }
            streak = 0;
            await(readable, deadline, "receive");
        }
    }

    /**
     * Sends all of it as datagrams of {@code segmentSize} bytes, waiting while there is no room; as {@link UdpSocket#send}.
     *
     * @throws IoClosedException closed, or closed meanwhile
     * @throws InterruptedIOException interrupted; the flag stays set, {@code bytesTransferred} says how much went
     * @throws IllegalStateException in a callback of a loop
     */
    public void send(byte[] buf, int off, int len, int segmentSize, InetSocketAddress remote) throws IOException {
        send(buf, off, len, segmentSize, remote, null, 0, IoRegistration.NO_DEADLINE);
    }

    /**
     * As {@link #send(byte[], int, int, int, InetSocketAddress)}, for at most this long.
     *
     * @throws SocketTimeoutException not all went in time
     */
    public void send(byte[] buf, int off, int len, int segmentSize, InetSocketAddress remote, Duration timeout)
            throws IOException {
        send(buf, off, len, segmentSize, remote, null, 0, IoRegistration.deadlineIn(timeout));
    }

    private void send(
            byte[] buf,
            int off,
            int len,
            int segmentSize,
            InetSocketAddress remote,
            @Nullable InetAddress source,
            int ecn,
            long deadline)
            throws IOException {
        EventLoop.checkMayBlock("UdpPort.send");
        int done = 0;
        try {
            while (true) {
                int at = done;
                int took = onLoop(() -> open().send(buf, off + at, len - at, segmentSize, remote, source, ecn));
                done += Math.max(0, took);
                if (done == len && took >= 0) {
                    return;
                }
                await(writable, deadline, "send");
            }
        } catch (InterruptedIOException e) {
            e.bytesTransferred = done;
            throw e;
        }
    }

    private static void await(TaskWaker waker, long deadline, String what) throws InterruptedIOException {
        try {
            if (!waker.awaitUntil(deadline)) {
                throw new SocketTimeoutException("the deadline of a UDP " + what + " has passed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted in a UDP " + what);
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    private UdpSocket open() throws IoClosedException {
        UdpSocket now = socket;
        if (now == null || state == State.CLOSED) {
            throw new IoClosedException("the UDP port is closed");
        }
        return now;
    }

    /** Runs it on the loop; the caller's arrays are its own again when this returns, however often it is interrupted. */
    private int onLoop(Call call) throws IOException {
        if (loop.inLoop()) {
            return call.run();
        }
        CompletableFuture<Integer> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(call.run());
            } catch (Throwable e) {
                // Errors too, such as no memory for a socket's buffer: the caller waits for this alone.
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException bug -> throw bug;
                case Error error -> throw error;
                case null, default -> throw e;
            }
        }
    }

    /** The loop it belongs to. */
    public EventLoop loop() {
        return loop;
    }

    /** The address bound, with its port. */
    public InetSocketAddress localAddress() throws IOException {
        UdpSocket[] found = new UdpSocket[1];
        onLoop(() -> {
            found[0] = open();
            return 0;
        });
        return found[0].localAddress();
    }

    /** Any thread: closes; who waits gets {@link IoClosedException}. Idempotent. */
    @Override
    public void close() {
        closed();
        loop.execute(() -> {
            loop.forgetAtClose(closer);
            if (socket != null) {
                socket.close();
            }
        });
    }

    private void closed() {
        state = State.CLOSED;
        readable.wake();
        writable.wake();
    }
}

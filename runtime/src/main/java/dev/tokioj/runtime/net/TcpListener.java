package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A TCP port that takes connections. {@link #accept} parks its caller, never a loop; one thread accepts at a time. For many loops open
 * one listener each with {@link TcpOptions#reusePort}, or say with {@link #acceptOn} which loop a connection is to belong to.
 */
public final class TcpListener implements AutoCloseable {
    private final AsyncRuntime runtime;
    private final ListeningSocket socket;
    private final IoRegistration io;
    private final AtomicBoolean accepting = new AtomicBoolean();
    /** The acceptor's. */
    private int streak;

    private TcpListener(AsyncRuntime runtime, ListeningSocket socket) {
        this.runtime = runtime;
        this.socket = socket;
        this.io = socket.io();
    }

    /**
     * Listens, on the caller's runtime, with the default options.
     *
     * @throws java.net.BindException the address is taken, or not of this machine
     * @throws IllegalStateException outside a runtime
     */
    public static TcpListener bind(InetSocketAddress address) throws IOException {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            throw new IllegalStateException(
                    "TcpListener.bind belongs inside a runtime: call it in a task, or name the runtime");
        }
        return bind(runtime, address, TcpOptions.DEFAULT);
    }

    /** As {@link #bind(InetSocketAddress)}, on this runtime and with these options. Any thread. */
    public static TcpListener bind(AsyncRuntime runtime, InetSocketAddress address, TcpOptions options)
            throws IOException {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("bind address is not resolved: " + address);
        }
        EventLoop loop = runtime.loopHere();
        ListeningSocket socket = loop.poller() instanceof EpollPoller
                ? LinuxListeningSocket.open(loop, address, options)
                : NioListeningSocket.open(loop, address, options);
        return new TcpListener(runtime, socket);
    }

    /**
     * Waits for the next connection. It belongs to the caller's loop if that is one of the runtime's, else to the next.
     *
     * @throws IoClosedException the listener is closed, or was closed meanwhile
     * @throws InterruptedIOException interrupted; the flag stays set and no connection is lost
     * @throws IOException out of descriptors; the connection waits for a later accept
     * @throws IllegalStateException in a callback of a loop, or if another thread accepts already
     */
    public TcpStream accept() throws IOException {
        return accept(runtime.loopHere(), IoRegistration.NO_DEADLINE);
    }

    /**
     * As {@link #accept()}, for at most this long.
     *
     * @throws SocketTimeoutException none came in time
     */
    public TcpStream accept(Duration timeout) throws IOException {
        return accept(runtime.loopHere(), IoRegistration.deadlineIn(timeout));
    }

    /**
     * As {@link #accept()}; the connection belongs to this loop.
     *
     * @throws IllegalArgumentException the loop waits with NIO and the listener's with epoll; no connection is lost
     * @throws dev.tokioj.runtime.DisabledException the loop waits for no I/O; no connection is lost
     */
    public TcpStream acceptOn(EventLoop loop) throws IOException {
        return accept(loop, IoRegistration.NO_DEADLINE);
    }

    private TcpStream accept(EventLoop loop, long deadline) throws IOException {
        EventLoop.checkMayBlock("TcpListener.accept");
        if (!accepting.compareAndSet(false, true)) {
            throw new IllegalStateException("a second concurrent accept of " + this);
        }
        try {
            while (true) {
                io.checkOpen();
                io.clearReadable();
                @Nullable TcpSocket accepted = socket.accept(loop);
                if (accepted != null) {
                    streak = TcpStream.breathe(streak);
                    return new TcpStream(loop, accepted);
                }
                streak = 0;
                io.awaitReadable(deadline);
            }
        } finally {
            accepting.set(false);
        }
    }

    /** The address bound, with its port. */
    public InetSocketAddress localAddress() {
        return socket.local();
    }

    /**
     * Any thread: closes. Who waits for a connection gets {@link IoClosedException}; connections that were not accepted are reset by
     * the kernel. Idempotent.
     */
    @Override
    public void close() {
        io.close();
    }

    @Override
    public String toString() {
        return "tcp listener " + socket.local();
    }
}

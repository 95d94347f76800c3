package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.linux.DatagramFd;
import dev.tokioj.runtime.linux.Errno;
import dev.tokioj.runtime.linux.StreamFd;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;

/** {@link TcpSocket} on libc, told of readiness by edge. */
final class LinuxTcpSocket implements TcpSocket {
    private final StreamFd fd;
    private final InetSocketAddress remote;
    private final IoRegistration io;
    /** Which native memory this loop's calls go through. */
    private final int hint;

    /** Owns the descriptor from here on. */
    LinuxTcpSocket(EventLoop loop, StreamFd fd, InetSocketAddress remote) {
        this.fd = fd;
        this.remote = remote;
        this.hint = loop.index();
        this.io = IoRegistration.open(loop, fd.fd(), IoRegistration.Trigger.EDGE, this, fd::close);
    }

    static LinuxTcpSocket connecting(EventLoop loop, InetSocketAddress remote, TcpOptions options) throws IOException {
        StreamFd fd = StreamFd.open(remote.getAddress() instanceof Inet6Address);
        if (fd.fd() < 0) {
            throw TcpSocket.notConnected(remote, "socket: " + Errno.name(-fd.fd()));
        }
        configure(fd, options);
        int r = fd.connect(remote);
        if (r < 0 && r != -Errno.EINPROGRESS) {
            fd.close();
            throw TcpSocket.notConnected(remote, Errno.name(-r));
        }
        // Registered now and not before: a socket that connects to nothing yet is told to be hung up.
        return new LinuxTcpSocket(loop, fd, remote);
    }

    /** What the kernel refuses here is a wish only, such as a buffer beyond its limit. */
    static void configure(StreamFd fd, TcpOptions options) {
        if (options.noDelay()) {
            fd.set(StreamFd.IPPROTO_TCP, StreamFd.TCP_NODELAY, 1);
        }
        if (options.keepAlive()) {
            fd.set(DatagramFd.SOL_SOCKET, StreamFd.SO_KEEPALIVE, 1);
        }
        if (options.receiveBuffer() > 0) {
            fd.set(DatagramFd.SOL_SOCKET, DatagramFd.SO_RCVBUF, options.receiveBuffer());
        }
        if (options.sendBuffer() > 0) {
            fd.set(DatagramFd.SOL_SOCKET, DatagramFd.SO_SNDBUF, options.sendBuffer());
        }
    }

    @Override
    public IoRegistration io() {
        return io;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public boolean finishConnect() throws IOException {
        int error = fd.get(DatagramFd.SOL_SOCKET, StreamFd.SO_ERROR);
        if (error != 0) {
            io.checkOpen();
            throw TcpSocket.notConnected(remote, Errno.name(Math.abs(error)));
        }
        return true;
    }

    @Override
    public int read(byte[] buf, int off, int len) throws IOException {
        int n = fd.receive(buf, off, len, hint);
        if (n > 0) {
            return n;
        }
        return switch (n) {
            case 0 -> END;
            case -Errno.EAGAIN -> WOULD_BLOCK;
            default -> throw failure("a read from", -n);
        };
    }

    @Override
    public int write(byte[] buf, int off, int len) throws IOException {
        int n = fd.send(buf, off, len, hint);
        if (n >= 0) {
            return n;
        }
        if (n == -Errno.EAGAIN) {
            return WOULD_BLOCK;
        }
        throw failure("a write to", -n);
    }

    private IOException failure(String action, int errno) throws IOException {
        io.checkOpen();
        return errno == Errno.EBADF
                ? new IoClosedException(this + " is closed")
                : TcpSocket.broken(action, remote, Errno.name(errno));
    }

    private void check(String action, int result) throws IOException {
        if (result < 0) {
            throw failure(action, -result);
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        check("shutdownInput of", fd.shutdown(StreamFd.SHUT_RD));
    }

    @Override
    public void shutdownOutput() throws IOException {
        check("shutdownOutput of", fd.shutdown(StreamFd.SHUT_WR));
    }

    @Override
    public InetSocketAddress local() throws IOException {
        InetSocketAddress local = fd.localAddress();
        if (local == null) {
            throw new IoClosedException(this + " is closed");
        }
        return local;
    }

    @Override
    public <T> void set(SocketOption<T> option, T value) throws IOException {
        int number = value instanceof Boolean on ? (on ? 1 : 0) : (Integer) value;
        if (option == StandardSocketOptions.SO_LINGER) {
            check("SO_LINGER of", fd.linger(number));
        } else {
            check(option.name() + " of", fd.set(level(option), name(option), number));
        }
    }

    @Override
    public <T> T get(SocketOption<T> option) throws IOException {
        if (option == StandardSocketOptions.SO_LINGER) {
            throw new UnsupportedOperationException("SO_LINGER can be set and not asked for");
        }
        int value = fd.get(level(option), name(option));
        check(option.name() + " of", value);
        return option.type().cast(option.type() == Boolean.class ? (Object) (value != 0) : (Object) value);
    }

    private static int level(SocketOption<?> option) {
        return option == StandardSocketOptions.TCP_NODELAY ? StreamFd.IPPROTO_TCP : DatagramFd.SOL_SOCKET;
    }

    private static int name(SocketOption<?> option) {
        if (option == StandardSocketOptions.TCP_NODELAY) {
            return StreamFd.TCP_NODELAY;
        }
        if (option == StandardSocketOptions.SO_KEEPALIVE) {
            return StreamFd.SO_KEEPALIVE;
        }
        if (option == StandardSocketOptions.SO_RCVBUF) {
            return DatagramFd.SO_RCVBUF;
        }
        if (option == StandardSocketOptions.SO_SNDBUF) {
            return DatagramFd.SO_SNDBUF;
        }
        throw TcpSocket.unknown(option);
    }

    @Override
    public String toString() {
        return "the connection to " + remote;
    }
}

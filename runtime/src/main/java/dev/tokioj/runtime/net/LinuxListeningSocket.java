package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.linux.DatagramFd;
import dev.tokioj.runtime.linux.Errno;
import dev.tokioj.runtime.linux.StreamFd;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** {@link ListeningSocket} on libc. */
final class LinuxListeningSocket implements ListeningSocket {
    private final StreamFd fd;
    private final InetSocketAddress local;
    private final IoRegistration io;

    private LinuxListeningSocket(EventLoop loop, StreamFd fd, InetSocketAddress local) {
        this.fd = fd;
        this.local = local;
        this.io = IoRegistration.open(loop, fd.fd(), IoRegistration.Trigger.EDGE, this, fd::close);
    }

    static LinuxListeningSocket open(EventLoop loop, InetSocketAddress address, TcpOptions options) throws IOException {
        boolean ipv6 = address.getAddress() instanceof Inet6Address;
        StreamFd fd = StreamFd.open(ipv6);
        if (fd.fd() < 0) {
            throw new IOException("listen at " + address + ": socket: " + Errno.name(-fd.fd()));
        }
        if (ipv6) {
            fd.set(DatagramFd.SOL_IPV6, DatagramFd.IPV6_V6ONLY, 0);
        }
        if (options.reuseAddress()) {
            fd.set(DatagramFd.SOL_SOCKET, StreamFd.SO_REUSEADDR, 1);
        }
        // Accepted connections inherit these.
        LinuxTcpSocket.configure(fd, options);
        int r = options.reusePort() ? fd.set(DatagramFd.SOL_SOCKET, DatagramFd.SO_REUSEPORT, 1) : 0;
        r = r < 0 ? r : fd.bind(address);
        r = r < 0 ? r : fd.listen(options.backlog());
        InetSocketAddress local = fd.localAddress();
        if (r < 0 || local == null) {
            fd.close();
            throw new BindException("listen at " + address + ": " + Errno.name(-r));
        }
        return new LinuxListeningSocket(loop, fd, local);
    }

    @Override
    public IoRegistration io() {
        return io;
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public @Nullable TcpSocket accept(EventLoop loop) throws IOException {
        // Before a connection is taken, which would be lost.
        if (!(loop.poller() instanceof EpollPoller)) {
            throw new IllegalArgumentException("the loop " + loop + " waits with NIO and " + this + " with epoll");
        }
        StreamFd.Accepted accepted = fd.accept();
        StreamFd connection = accepted.fd();
        InetSocketAddress remote = accepted.remote();
        if (connection != null && remote != null) {
            return new LinuxTcpSocket(loop, connection, remote);
        }
        if (accepted.errno() == Errno.EAGAIN) {
            return null;
        }
        io.checkOpen();
        if (accepted.errno() == Errno.EBADF) {
            throw new IoClosedException(this + " is closed");
        }
        throw new IOException("an accept of " + this + ": " + Errno.name(accepted.errno()));
    }

    @Override
    public String toString() {
        return "the listener at " + local;
    }
}

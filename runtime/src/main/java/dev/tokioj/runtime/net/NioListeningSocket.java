package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** {@link ListeningSocket} on a channel of the JDK; as {@link NioTcpSocket} it does not mind interrupts. */
final class NioListeningSocket implements ListeningSocket {
    private final ServerSocketChannel channel;
    private final TcpOptions options;
    private final InetSocketAddress local;
    private final IoRegistration io;

    private NioListeningSocket(EventLoop loop, ServerSocketChannel channel, TcpOptions options) throws IOException {
        this.channel = channel;
        this.options = options;
        this.local = (InetSocketAddress) channel.getLocalAddress();
        this.io = IoRegistration.open(loop, channel, this, () -> NioTcpSocket.closeQuietly(channel));
    }

    static NioListeningSocket open(EventLoop loop, InetSocketAddress address, TcpOptions options) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
            if (options.reusePort()) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            if (options.receiveBuffer() > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBuffer());
            }
            channel.bind(address, options.backlog());
            return new NioListeningSocket(loop, channel, options);
        } catch (IOException e) {
            channel.close();
            BindException named = new BindException("listen at " + address + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        } catch (RuntimeException | Error e) {
            channel.close();
            throw e;
        }
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
        var _ = loop.poller(); // throws where there is none, before a connection is taken, which would be lost
        io.checkOpen();
        SocketChannel accepted;
        try {
            accepted = channel.accept();
        } catch (ClosedChannelException e) {
            IOException closed = new IoClosedException(this + " is closed");
            closed.initCause(e);
            throw closed;
        }
        if (accepted == null) {
            return null;
        }
        try {
            accepted.configureBlocking(false);
            NioTcpSocket.configure(accepted, options);
            return new NioTcpSocket(loop, accepted, (InetSocketAddress) accepted.getRemoteAddress());
        } catch (IOException | RuntimeException | Error e) {
            accepted.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return "the listener at " + local;
    }
}

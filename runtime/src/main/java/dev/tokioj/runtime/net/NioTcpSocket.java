package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;

/**
 * {@link TcpSocket} on a channel of the JDK, told of readiness by level.
 *
 * <p>A channel that is interrupted in an operation closes itself; in non-blocking mode the operations used here never look at
 * interrupts ({@code SocketChannelImpl} calls {@code AbstractInterruptibleChannel.begin} in blocking mode only), so tasks call them
 * directly. The tests interrupt readers and writers to see that it stays so.
 */
final class NioTcpSocket implements TcpSocket {
    private final SocketChannel channel;
    private final InetSocketAddress remote;
    private final IoRegistration io;

    /** Owns the channel from here on. */
    NioTcpSocket(EventLoop loop, SocketChannel channel, InetSocketAddress remote) throws IOException {
        this.channel = channel;
        this.remote = remote;
        this.io = IoRegistration.open(loop, channel, this, () -> closeQuietly(channel));
    }

    static NioTcpSocket connecting(EventLoop loop, InetSocketAddress remote, TcpOptions options) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            configure(channel, options);
            // A refusal that is known at once is told by finishConnect as well.
            channel.connect(remote);
            return new NioTcpSocket(loop, channel, remote);
        } catch (IOException e) {
            channel.close();
            throw TcpSocket.notConnected(remote, String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    static void configure(SocketChannel channel, TcpOptions options) throws IOException {
        if (options.noDelay()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        if (options.keepAlive()) {
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        if (options.receiveBuffer() > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBuffer());
        }
        if (options.sendBuffer() > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBuffer());
        }
    }

    static void closeQuietly(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            // The descriptor is gone either way, and nothing was buffered on our side.
            TcpStream.LOG.log(System.Logger.Level.DEBUG, "closing " + channel, e);
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
        try {
            return channel.finishConnect();
        } catch (IOException e) {
            throw failure(TcpSocket.notConnected(remote, String.valueOf(e.getMessage())), e);
        }
    }

    @Override
    public int read(byte[] buf, int off, int len) throws IOException {
        try {
            int n = channel.read(ByteBuffer.wrap(buf, off, Math.min(len, MOST)));
            return n == 0 ? WOULD_BLOCK : n;
        } catch (IOException e) {
            throw failure(TcpSocket.broken("a read from", remote, String.valueOf(e.getMessage())), e);
        }
    }

    @Override
    public int write(byte[] buf, int off, int len) throws IOException {
        try {
            int n = channel.write(ByteBuffer.wrap(buf, off, Math.min(len, MOST)));
            return n == 0 ? WOULD_BLOCK : n;
        } catch (ClosedChannelException e) {
            // Of the channel, or of this direction alone.
            throw failure(TcpSocket.broken("a write to", remote, "after its end"), new IOException(e));
        } catch (IOException e) {
            throw failure(TcpSocket.broken("a write to", remote, String.valueOf(e.getMessage())), e);
        }
    }

    private IOException failure(IOException ours, IOException cause) throws IOException {
        io.checkOpen();
        IOException said = cause instanceof ClosedChannelException ? new IoClosedException(this + " is closed") : ours;
        said.initCause(cause);
        return said;
    }

    @Override
    public void shutdownInput() throws IOException {
        io.checkOpen();
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        io.checkOpen();
        channel.shutdownOutput();
    }

    @Override
    public InetSocketAddress local() throws IOException {
        io.checkOpen();
        return (InetSocketAddress) channel.getLocalAddress();
    }

    @Override
    public <T> void set(SocketOption<T> option, T value) throws IOException {
        TcpSocket.checkKnown(option);
        io.checkOpen();
        channel.setOption(option, value);
    }

    @Override
    public <T> T get(SocketOption<T> option) throws IOException {
        TcpSocket.checkKnown(option);
        io.checkOpen();
        return channel.getOption(option);
    }

    @Override
    public String toString() {
        return "the connection to " + remote;
    }
}

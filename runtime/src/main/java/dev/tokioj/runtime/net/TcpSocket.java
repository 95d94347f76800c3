package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoRegistration;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;

/**
 * A connection as the system knows it, in non-blocking mode. Nothing here waits, and nothing minds an interrupt. Any thread may call;
 * one at a time reads and one writes.
 */
sealed interface TcpSocket permits LinuxTcpSocket, NioTcpSocket {
    /** The peer has ended. */
    int END = -1;

    /** Nothing there, or no room. */
    int WOULD_BLOCK = -2;

    /** The most that one read or write moves: one that moved less met the end of what there was. */
    int MOST = 64 * 1024;

    /** Begins to connect; writable tells when that has ended. */
    static TcpSocket connect(EventLoop loop, InetSocketAddress remote, TcpOptions options) throws IOException {
        if (remote.isUnresolved()) {
            throw new IllegalArgumentException("not resolved: " + remote + "; connect by name, or resolve it first");
        }
        return loop.poller() instanceof EpollPoller
                ? LinuxTcpSocket.connecting(loop, remote, options)
                : NioTcpSocket.connecting(loop, remote, options);
    }

    /** Where to wait for it; closing that closes the socket, on the loop. */
    IoRegistration io();

    InetSocketAddress remote();

    /** The outcome of the connect, when it is writable; false: not yet. */
    boolean finishConnect() throws IOException;

    /** The bytes read, {@link #END} or {@link #WOULD_BLOCK}. */
    int read(byte[] buf, int off, int len) throws IOException;

    /** The bytes taken, or {@link #WOULD_BLOCK}. */
    int write(byte[] buf, int off, int len) throws IOException;

    void shutdownInput() throws IOException;

    void shutdownOutput() throws IOException;

    InetSocketAddress local() throws IOException;

    <T> void set(SocketOption<T> option, T value) throws IOException;

    <T> T get(SocketOption<T> option) throws IOException;

    static void checkKnown(SocketOption<?> option) {
        if (option != StandardSocketOptions.TCP_NODELAY
                && option != StandardSocketOptions.SO_KEEPALIVE
                && option != StandardSocketOptions.SO_RCVBUF
                && option != StandardSocketOptions.SO_SNDBUF
                && option != StandardSocketOptions.SO_LINGER) {
            throw unknown(option);
        }
    }

    static UnsupportedOperationException unknown(SocketOption<?> option) {
        return new UnsupportedOperationException("a TCP stream does not know the option " + option);
    }

    /** The exception for a connect that failed. */
    static IOException notConnected(InetSocketAddress remote, String why) {
        return new ConnectException("connect to " + remote + ": " + why);
    }

    /** The exception for a connection that broke. */
    static IOException broken(String action, InetSocketAddress remote, String why) {
        return new SocketException(action + " " + remote + ": " + why);
    }
}

package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.NioPoller;
import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of one event loop. All methods belong to the loop's thread, but {@link #close}, which goes there by itself.
 *
 * <p>{@link LinuxUdpSocket} joins and splits datagrams in the kernel (GSO, GRO, recvmmsg, sendmmsg), carries ECN marks and
 * knows which local address each datagram came to. {@link NioUdpSocket} sends and receives one datagram a call, and knows
 * neither marks nor, on a wildcard, local addresses: {@link #features} says so.
 */
public sealed interface UdpSocket extends AutoCloseable permits NioUdpSocket, LinuxUdpSocket {
    /**
     * Opens a socket of this loop, which closes it when it ends. The kind goes with the loop's poller
     * ({@link dev.tokioj.runtime.RuntimeConfig#poller}). The loop's thread.
     *
     * @throws IOException the address is taken, not of this machine, or of a family it lacks
     */
    static UdpSocket open(EventLoop loop, UdpOptions options, UdpHandler handler) throws IOException {
        if (!loop.inLoop()) {
            throw new IllegalStateException("a socket is opened on its loop's thread");
        }
        UdpSocket socket = open(loop.poller(), loop::dispatch, options, handler);
        Runnable closer = socket::close;
        loop.atClose(closer);
        Runnable forget = () -> loop.forgetAtClose(closer);
        switch (socket) {
            case LinuxUdpSocket linux -> linux.afterClose(forget);
            case NioUdpSocket nio -> nio.afterClose(forget);
        }
        return socket;
    }

    /**
     * Opens a socket of the kind that goes with the poller, outside an {@link EventLoop}.
     *
     * @param loop runs what it is given on the poller's thread, at once if called there
     * @throws IOException the address is taken, not of this machine, or of a family it lacks
     */
    static UdpSocket open(Poller poller, Executor loop, UdpOptions options, UdpHandler handler) throws IOException {
        if (poller instanceof EpollPoller epoll) {
            return LinuxUdpSocket.open(epoll, loop, options, handler);
        }
        return NioUdpSocket.open((NioPoller) poller, loop, options, handler);
    }

    /**
     * Fills the batch with what waits, without waiting.
     *
     * @return the entries received, 0 for none. Fewer than the capacity: the socket is empty for the moment
     * @throws IOException the socket is closed or beyond use. Errors of earlier sends (ICMP) are counted, not thrown
     */
    int receive(RecvBatch batch) throws IOException;

    /**
     * Sends {@code len} bytes as datagrams of {@code segmentSize} bytes, the last may be shorter; {@code len} 0 sends one
     * empty datagram. The bytes are free for reuse on return.
     *
     * <p>Datagrams refused for a reason of the path (unreachable, too big, no route for this family, filtered) count as
     * sent and lost, see {@link UdpCounters#lostSends}.
     *
     * @param source the local address to send from, null for the system's choice. Ignored unless
     *     {@link UdpFeatures#sourceSelection}
     * @param ecn the two ECN bits. Ignored unless {@link UdpFeatures#ecnSend}
     * @return the bytes taken, whole segments; if less than {@code len}, the rest is to be offered again after
     *     {@link UdpHandler#onWritable}. For {@code len} 0: 0 taken, -1 not taken
     * @throws IOException the socket is closed or beyond use
     */
    int send(
            byte[] buf,
            int off,
            int len,
            int segmentSize,
            InetSocketAddress remote,
            @Nullable InetAddress source,
            int ecn)
            throws IOException;

    /** Whether {@link UdpHandler#onReadable} is called; true at first. For a loop that must not read more now. */
    void reading(boolean wanted);

    /**
     * Lets sockets that are opened with {@link UdpOptions#reusePort} bind this one's address too, from now on. The socket itself
     * was bound without: so it is known that nobody else had the address. Call before anything arrives that must not be lost.
     *
     * @return whether this system can
     */
    boolean share() throws IOException;

    /**
     * Has the kernel choose by this program which of the sockets that share this one's address gets a datagram; they are numbered
     * in the order in which they were bound. One call serves them all. An answer that is no socket's number leaves the choice to
     * the kernel's hash of the addresses. When a socket is closed the last one takes its number.
     *
     * @return whether the kernel does; if not, it goes on choosing by its hash
     * @throws IOException the socket is closed
     */
    boolean steer(SteeringProgram program) throws IOException;

    /** The address bound, with its port. Any thread. */
    InetSocketAddress localAddress();

    /** What the socket does now. */
    UdpFeatures features();

    /** What the socket has done. */
    UdpCounters counters();

    /** Any thread: closes on the loop's thread (at once if called there). The handler is not called after that. Idempotent. */
    @Override
    void close();
}

package dev.tokioj.runtime.net;

import dev.tokioj.runtime.NioPoller;
import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.Executor;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * {@link UdpSocket} on a {@link DatagramChannel}, on every platform: one datagram a call, copied once through a direct
 * buffer of its own.
 *
 * <p>What the JDK has no way to say is absent: ECN marks in either direction (it could set one mark per socket, not per
 * packet, and never reads any), the local address of a datagram on a wildcard socket, the choice of a source address, and
 * batching; {@link #features} says so. Don't Fragment is set.
 */
public final class NioUdpSocket implements UdpSocket {
    private enum State {
        OPEN,
        CLOSED
    }

    private enum Outcome {
        SENT,
        BLOCKED,
        REFUSED
    }

    private static final int MAX_DATAGRAM = 65_535;
    private static final int BLOCKED = -1;
    private static final int MAX_ERRORS = 16;

    private final DatagramChannel channel;
    private final Executor loop;
    private final UdpHandler handler;
    private final InetSocketAddress localAddress;
    private final @Nullable InetSocketAddress boundTo;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(MAX_DATAGRAM);
    private final PeerCache peers;
    private final UdpFeatures features;
    private final Poller.Registration registration;
    private State state = State.OPEN;
    private Runnable afterClose = () -> {};

    private long datagramsReceived;
    private long bytesReceived;
    private long datagramsSent;
    private long bytesSent;
    private long sendCalls;
    private long lostSends;
    private long receiveErrors;

    static NioUdpSocket open(NioPoller poller, Executor loop, UdpOptions options, UdpHandler handler)
            throws IOException {
        InetSocketAddress bind = options.bind();
        boolean ipv4 = bind != null && bind.getAddress() instanceof Inet4Address;
        // Without a family the channel is dual-stack where the machine is.
        DatagramChannel channel = ipv4 ? DatagramChannel.open(StandardProtocolFamily.INET) : DatagramChannel.open();
        try {
            return new NioUdpSocket(poller, loop, options, handler, channel, ipv4);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    private NioUdpSocket(
            NioPoller poller,
            Executor loop,
            UdpOptions options,
            UdpHandler handler,
            DatagramChannel channel,
            boolean ipv4)
            throws IOException {
        this.channel = channel;
        this.loop = loop;
        this.handler = handler;
        channel.configureBlocking(false);
        if (options.reusePort()) {
            if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                throw new IOException("this system has no SO_REUSEPORT");
            }
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
        channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBuffer());
        channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBuffer());
        boolean unfragmented =
                options.forbidFragmentation() && trySet(channel, ExtendedSocketOptions.IP_DONTFRAGMENT, true);
        channel.bind(options.bind());
        localAddress = (InetSocketAddress) channel.getLocalAddress();
        boolean wildcard = localAddress.getAddress().isAnyLocalAddress();
        boundTo = wildcard ? null : localAddress;
        peers = new PeerCache(options.peerCache(), new SecureRandom());
        features = new UdpFeatures(
                false,
                wildcard && !ipv4 && !(localAddress.getAddress() instanceof Inet4Address),
                false,
                false,
                false,
                false,
                !wildcard,
                false,
                unfragmented,
                1,
                channel.getOption(StandardSocketOptions.SO_RCVBUF),
                channel.getOption(StandardSocketOptions.SO_SNDBUF));
        registration = poller.register(channel, Poller.READ, this::onReady);
    }

    private static <T> boolean trySet(DatagramChannel channel, SocketOption<T> option, T value) throws IOException {
        if (!channel.supportedOptions().contains(option)) {
            return false;
        }
        channel.setOption(option, value);
        return true;
    }

    private void onReady(int ready) {
        if ((ready & Poller.WRITE) != 0) {
            registration.interest(registration.interest() & ~Poller.WRITE);
            handler.onWritable(this);
        }
        if ((ready & Poller.READ) != 0 && state == State.OPEN) {
            handler.onReadable(this);
        }
    }

    private void checkOpen() throws IOException {
        if (state == State.CLOSED) {
            throw new IOException("the socket of " + localAddress + " is closed");
        }
    }

    @Override
    public int receive(RecvBatch batch) throws IOException {
        checkOpen();
        batch.clear();
        int errors = 0;
        while (!batch.isFull() && errors < MAX_ERRORS) {
            direct.clear();
            InetSocketAddress from;
            try {
                from = (InetSocketAddress) channel.receive(direct);
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                // An ICMP answer to an earlier datagram (Windows reports them here).
                receiveErrors++;
                errors++;
                continue;
            }
            if (from == null) {
                break;
            }
            int length = direct.position();
            direct.get(0, batch.buffer(), batch.writeOffset(), length);
            batch.add(length, length, 0, peers.find(from).address(), boundTo);
            datagramsReceived++;
            bytesReceived += length;
        }
        return batch.size();
    }

    @Override
    public int send(
            byte[] buf,
            int off,
            int len,
            int segmentSize,
            InetSocketAddress remote,
            @Nullable InetAddress source,
            int ecn)
            throws IOException {
        checkOpen();
        Objects.checkFromIndexSize(off, len, buf.length);
        if (segmentSize < 1) {
            throw new IllegalArgumentException("segmentSize must be positive: " + segmentSize);
        }
        int done = 0;
        do {
            int n = Math.min(segmentSize, len - done);
            if (!sendOne(buf, off + done, n, remote)) {
                registration.interest(registration.interest() | Poller.WRITE);
                return len == 0 ? BLOCKED : done;
            }
            done += n;
        } while (done < len);
        return len;
    }

    /** Whether the system took it; what it refuses for the path's reasons counts as taken and lost. */
    private boolean sendOne(byte[] buf, int off, int n, InetSocketAddress remote) throws IOException {
        if (n > MAX_DATAGRAM) {
            lostSends++;
            return true;
        }
        direct.clear();
        direct.put(0, buf, off, n);
        Outcome outcome = attempt(n, remote);
        if (outcome == Outcome.REFUSED) {
            // The error of an earlier datagram is reported once and says nothing of this one: so once more.
            outcome = attempt(n, remote);
        }
        switch (outcome) {
            case SENT -> {
                datagramsSent++;
                bytesSent += n;
            }
            case REFUSED -> lostSends++;
            case BLOCKED -> {
                return false;
            }
        }
        return true;
    }

    private Outcome attempt(int n, InetSocketAddress remote) throws IOException {
        direct.limit(n).position(0);
        sendCalls++;
        try {
            return channel.send(direct, remote) == 0 && n > 0 ? Outcome.BLOCKED : Outcome.SENT;
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException | UnsupportedAddressTypeException e) {
            return Outcome.REFUSED; // the second: an IPv6 peer, and this socket is IPv4
        }
    }

    @Override
    public boolean share() throws IOException {
        checkOpen();
        return trySet(channel, StandardSocketOptions.SO_REUSEPORT, true);
    }

    @Override
    public boolean steer(SteeringProgram program) throws IOException {
        checkOpen();
        return false; // the JDK has no way to say it
    }

    @Override
    public void reading(boolean wanted) {
        int now = registration.interest();
        registration.interest(wanted ? now | Poller.READ : now & ~Poller.READ);
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public UdpFeatures features() {
        return features;
    }

    @Override
    public UdpCounters counters() {
        return new UdpCounters(
                datagramsReceived, bytesReceived, datagramsSent, bytesSent, sendCalls, lostSends, receiveErrors, 0);
    }

    /** What to run once it has been closed. */
    void afterClose(Runnable action) {
        afterClose = action;
    }

    @Override
    public void close() {
        loop.execute(this::closeNow);
    }

    private void closeNow() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        afterClose.run();
        registration.close();
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone either way, and nothing was buffered on our side.
            FeatureSwitch.LOG.log(System.Logger.Level.DEBUG, "closing " + localAddress, e);
        }
    }

    @Override
    public String toString() {
        return "udp " + localAddress;
    }
}

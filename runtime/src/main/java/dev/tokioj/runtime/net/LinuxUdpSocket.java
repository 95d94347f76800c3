package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.linux.DatagramFd;
import dev.tokioj.runtime.linux.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * {@link UdpSocket} on libc: GRO and recvmmsg in, GSO or sendmmsg out, ECN marks and local addresses both ways. All its
 * native memory is made when it is opened and used again and again.
 */
public final class LinuxUdpSocket implements UdpSocket {
    private enum State {
        OPEN,
        CLOSED
    }

    private final Arena arena;
    private final DatagramFd fd;
    private final Executor loop;
    private final UdpHandler handler;
    private final InetSocketAddress localAddress;
    private final LinuxReceiver receiver;
    private final LinuxSender sender;
    private final Poller.Registration registration;
    private final UdpFeatures granted;
    private State state = State.OPEN;
    private Runnable afterClose = () -> {};

    static LinuxUdpSocket open(EpollPoller poller, Executor loop, UdpOptions options, UdpHandler handler)
            throws IOException {
        InetSocketAddress bind = options.bind();
        if (bind != null) {
            boolean ipv6 = !(bind.getAddress() instanceof Inet4Address);
            return openFamily(poller, loop, options, handler, ipv6, bind);
        }
        try {
            return openFamily(poller, loop, options, handler, true, new InetSocketAddress("::", 0));
        } catch (IOException noIpv6) {
            try {
                return openFamily(poller, loop, options, handler, false, new InetSocketAddress("0.0.0.0", 0));
            } catch (IOException e) {
                e.addSuppressed(noIpv6);
                throw e;
            }
        }
    }

    private static LinuxUdpSocket openFamily(
            EpollPoller poller,
            Executor loop,
            UdpOptions options,
            UdpHandler handler,
            boolean ipv6,
            InetSocketAddress bind)
            throws IOException {
        Arena arena = Arena.ofShared();
        DatagramFd fd = null;
        try {
            fd = DatagramFd.open(arena, ipv6);
            return new LinuxUdpSocket(poller, loop, options, handler, arena, fd, bind);
        } catch (IOException | RuntimeException | Error e) {
            if (fd != null) {
                fd.close();
            }
            arena.close();
            throw e;
        }
    }

    private LinuxUdpSocket(
            EpollPoller poller,
            Executor loop,
            UdpOptions options,
            UdpHandler handler,
            Arena arena,
            DatagramFd fd,
            InetSocketAddress bind)
            throws IOException {
        this.arena = arena;
        this.fd = fd;
        this.loop = loop;
        this.handler = handler;
        boolean dualStack = fd.isIpv6() && fd.set(DatagramFd.SOL_IPV6, DatagramFd.IPV6_V6ONLY, 0);
        if (options.reusePort() && !fd.set(DatagramFd.SOL_SOCKET, DatagramFd.SO_REUSEPORT, 1)) {
            throw new IOException("SO_REUSEPORT is refused");
        }
        // Limits of the system cut these silently; features() tells what was granted.
        fd.set(DatagramFd.SOL_SOCKET, DatagramFd.SO_RCVBUF, options.receiveBuffer());
        fd.set(DatagramFd.SOL_SOCKET, DatagramFd.SO_SNDBUF, options.sendBuffer());
        boolean unfragmented = options.forbidFragmentation()
                && both(DatagramFd.IP_MTU_DISCOVER, DatagramFd.IPV6_MTU_DISCOVER, DatagramFd.PMTUDISC_PROBE);
        boolean ecnReceive = options.ecn() && both(DatagramFd.IP_RECVTOS, DatagramFd.IPV6_RECVTCLASS, 1);
        // On an IPv6 socket IPV6_RECVPKTINFO serves mapped IPv4 too.
        boolean packetInfo = options.packetInfo()
                && (fd.isIpv6()
                        ? fd.set(DatagramFd.SOL_IPV6, DatagramFd.IPV6_RECVPKTINFO, 1)
                        : fd.set(DatagramFd.SOL_IP, DatagramFd.IP_PKTINFO, 1));
        boolean gro = options.gro() && fd.set(DatagramFd.SOL_UDP, DatagramFd.UDP_GRO, 1);
        fd.bind(bind);
        localAddress = fd.localAddress();
        boolean wildcard = localAddress.getAddress().isAnyLocalAddress();
        PeerCache peers = new PeerCache(options.peerCache(), new SecureRandom());
        receiver = new LinuxReceiver(fd, arena, peers, localAddress.getPort(), wildcard ? null : localAddress);
        sender = new LinuxSender(fd, arena, peers, options, packetInfo);
        granted = new UdpFeatures(
                true,
                dualStack && wildcard,
                sender.gso.isOn(),
                gro,
                sender.ecn.isOn(),
                ecnReceive,
                packetInfo || !wildcard,
                packetInfo,
                unfragmented,
                options.maxSegments(),
                fd.get(DatagramFd.SOL_SOCKET, DatagramFd.SO_RCVBUF),
                fd.get(DatagramFd.SOL_SOCKET, DatagramFd.SO_SNDBUF));
        registration = poller.register(fd.fd(), Poller.READ, this::onReady);
    }

    /** Sets an option for IPv4 and, on an IPv6 socket, for IPv6: such a socket carries both. */
    private boolean both(int ipv4Name, int ipv6Name, int value) {
        boolean ipv4 = fd.set(DatagramFd.SOL_IP, ipv4Name, value);
        return fd.isIpv6() ? fd.set(DatagramFd.SOL_IPV6, ipv6Name, value) : ipv4;
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
        return receiver.receive(batch);
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
        int took = sender.send(buf, off, len, segmentSize, remote, source, ecn);
        if (took < len) {
            registration.interest(registration.interest() | Poller.WRITE);
        }
        return took;
    }

    @Override
    public boolean share() throws IOException {
        checkOpen();
        return fd.set(DatagramFd.SOL_SOCKET, DatagramFd.SO_REUSEPORT, 1);
    }

    @Override
    public boolean steer(SteeringProgram program) throws IOException {
        checkOpen();
        int r = fd.attachReuseportProgram(program.instructions());
        if (r < 0) {
            FeatureSwitch.LOG.log(System.Logger.Level.INFO, "{0} is not steered: {1}", this, Errno.name(-r));
        }
        return r >= 0;
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
        return granted.with(sender.gso.isOn(), sender.ecn.isOn());
    }

    @Override
    public UdpCounters counters() {
        return new UdpCounters(
                receiver.datagrams,
                receiver.bytes,
                sender.datagrams,
                sender.bytes,
                sender.calls,
                sender.lost,
                receiver.errors,
                receiver.truncated);
    }

    /** The descriptor, for what options this class does not set. */
    DatagramFd descriptor() {
        return fd;
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
        fd.close();
        arena.close();
    }

    @Override
    public String toString() {
        return "udp " + localAddress;
    }
}

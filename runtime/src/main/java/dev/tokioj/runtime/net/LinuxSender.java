package dev.tokioj.runtime.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.tokioj.runtime.linux.DatagramFd;
import dev.tokioj.runtime.linux.Errno;
import dev.tokioj.runtime.linux.Layouts;
import dev.tokioj.runtime.linux.Libc;
import dev.tokioj.runtime.linux.PeerAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of {@link LinuxUdpSocket}: one copy into memory of its own, then one call a train (GSO), or one
 * sendmmsg a train where the kernel refuses GSO.
 */
final class LinuxSender {
    /** The most payload that one IPv4 datagram, and so one train of them, can have; IPv6 could have 20 more. */
    private static final int MAX_TRAIN = 65_507;

    private static final int MSG_DONTWAIT = 0x40;
    private static final int CONTROL = 128;
    private static final int BLOCKED = -1;

    private final DatagramFd fd;
    private final boolean ipv6;
    private final PeerCache peers;
    private final int maxSegments;
    private final boolean sourceSelection;
    final FeatureSwitch gso;
    final FeatureSwitch ecn;

    private final MemorySegment buffer;
    private final MemorySegment headers;
    private final MemorySegment name;
    private final MemorySegment control;
    private final long iovecs;

    /** Whose address {@link #name} holds. */
    private @Nullable PeerAddress named;

    private int nameLength;
    /** Local addresses sent from of late, by hash; this machine has few. */
    private final @Nullable PeerAddress[] sources = new PeerAddress[16];

    long datagrams;
    long bytes;
    long calls;
    long lost;

    LinuxSender(DatagramFd fd, Arena arena, PeerCache peers, UdpOptions options, boolean sourceSelection) {
        this.fd = fd;
        this.ipv6 = fd.isIpv6();
        this.peers = peers;
        this.maxSegments = options.maxSegments();
        this.sourceSelection = sourceSelection;
        gso = new FeatureSwitch(
                "GSO (UDP_SEGMENT)", options.gso() && fd.get(DatagramFd.SOL_UDP, DatagramFd.UDP_SEGMENT) >= 0);
        ecn = new FeatureSwitch("ECN marks", options.ecn());
        buffer = Libc.map(fd.errno(), 1 << 16, arena);
        iovecs = (long) maxSegments * Layouts.MMSGHDR;
        headers = arena.allocate(iovecs + (long) maxSegments * Layouts.IOVEC, 8);
        name = arena.allocate(Layouts.SOCKADDR, 8);
        control = arena.allocate(CONTROL, 8);
        for (int i = 0; i < maxSegments; i++) {
            long iovec = headers.address() + iovecs + (long) i * Layouts.IOVEC;
            Layouts.message(headers, (long) i * Layouts.MMSGHDR, name.address(), 0, iovec, control.address());
        }
    }

    /** See {@link UdpSocket#send}. */
    @SuppressWarnings("ReferenceEquality") // an equal address that is another object is only written again
    int send(
            byte[] buf,
            int off,
            int len,
            int wantedSegment,
            InetSocketAddress remote,
            @Nullable InetAddress source,
            int mark)
            throws IOException {
        int segmentSize = Math.min(wantedSegment, Math.max(1, len));
        PeerAddress to = named != null && named.address() == remote ? named : peers.find(remote);
        if (!to.fits(ipv6)) {
            lose(len, segmentSize);
            return len;
        }
        if (to != named) {
            nameLength = to.write(name, 0, ipv6);
            named = to;
        }
        int segments = Math.min(maxSegments, MAX_TRAIN / segmentSize);
        if (segments == 0) {
            lose(len, segmentSize);
            return len;
        }
        int done = 0;
        do {
            int n = Math.min(len - done, segments * segmentSize);
            MemorySegment.copy(buf, off + done, buffer, JAVA_BYTE, 0, n);
            int took = n > segmentSize ? sendTrain(n, segmentSize, to, source, mark) : sendOne(0, n, to, source, mark);
            if (took < n) {
                return took == BLOCKED ? (len == 0 ? BLOCKED : done) : done + took;
            }
            done += n;
        } while (done < len);
        return len;
    }

    private void lose(int len, int segmentSize) {
        int n = segmentSize == 0 ? 1 : Math.max(1, (len + segmentSize - 1) / segmentSize);
        lost += n;
    }

    private void count(int n, int segmentSize) {
        datagrams += n <= segmentSize ? 1 : (n + segmentSize - 1) / segmentSize;
        bytes += n;
    }

    /** Several datagrams from the buffer; the bytes taken, or BLOCKED. */
    private int sendTrain(int n, int segmentSize, PeerAddress to, @Nullable InetAddress source, int mark)
            throws IOException {
        if (gso.isOn()) {
            int r = sendSegmented(n, segmentSize, to, source, mark);
            if (r != -Errno.EIO && r != -Errno.EINVAL) {
                return r >= 0 ? r : settle(r, n, segmentSize);
            }
            // EIO: the device cannot. EINVAL: the kernel cannot, or a segment exceeds the MTU; then each would fail by
            // itself.
            long lostBefore = lost;
            int took = sendEach(n, segmentSize, to, source, mark);
            if (r == -Errno.EIO || (took > 0 && lost == lostBefore)) {
                gso.refuse("a train was answered with " + Errno.name(-r));
            }
            return took;
        }
        return sendEach(n, segmentSize, to, source, mark);
    }

    private int sendSegmented(int n, int segmentSize, PeerAddress to, @Nullable InetAddress source, int mark) {
        Layouts.iovec(headers, iovecs, buffer.address(), n);
        long length = writeControl(to, source, ecn.isOn() ? mark : 0, segmentSize);
        return submit(length, n, segmentSize);
    }

    /** One sendmsg of the first header; the bytes, or the negative errno. An error left by an earlier datagram is passed over. */
    private int submit(long controlLength, int n, int segmentSize) {
        Layouts.lengths(headers, 0, nameLength, controlLength);
        long r = 0;
        for (int attempt = 0; attempt < 2; attempt++) {
            calls++;
            r = Libc.sendmsg(fd.errno(), fd.fd(), headers.address(), MSG_DONTWAIT);
            if (r >= 0) {
                count(n, segmentSize);
                return n;
            }
            if (r == -Errno.EAGAIN || r == -Errno.EINVAL || r == -Errno.EIO) {
                break;
            }
        }
        return (int) r;
    }

    /** What an errno that no retry helped means for {@code n} bytes: not taken, or lost on the way, or the end. */
    private int settle(int negativeErrno, int n, int segmentSize) throws IOException {
        if (negativeErrno == -Errno.EAGAIN) {
            return BLOCKED;
        }
        if (Errno.isFatal(-negativeErrno)) {
            throw new IOException("sendmsg: " + Errno.name(-negativeErrno));
        }
        lose(n, segmentSize);
        return n;
    }

    private int sendOne(int at, int n, PeerAddress to, @Nullable InetAddress source, int mark) throws IOException {
        Layouts.iovec(headers, iovecs, buffer.address() + at, n);
        boolean marked = ecn.isOn() && mark != 0;
        int r = submit(writeControl(to, source, marked ? mark : 0, 0), n, n);
        if (r == -Errno.EINVAL && marked) {
            r = submit(writeControl(to, source, 0, 0), n, n);
            if (r >= 0) {
                ecn.refuse("a marked datagram was answered with " + Errno.name(Errno.EINVAL));
            }
        }
        return r >= 0 ? r : settle(r, n, n);
    }

    /** A train without GSO. */
    private int sendEach(int n, int segmentSize, PeerAddress to, @Nullable InetAddress source, int mark)
            throws IOException {
        int count = (n + segmentSize - 1) / segmentSize;
        long controlLength = writeControl(to, source, ecn.isOn() ? mark : 0, 0);
        for (int i = 0; i < count; i++) {
            int at = i * segmentSize;
            Layouts.iovec(
                    headers, iovecs + (long) i * Layouts.IOVEC, buffer.address() + at, Math.min(segmentSize, n - at));
            Layouts.lengths(headers, (long) i * Layouts.MMSGHDR, nameLength, controlLength);
        }
        int sent = 0;
        while (sent < count) {
            calls++;
            long first = headers.address() + (long) sent * Layouts.MMSGHDR;
            int r = Libc.sendmmsg(fd.errno(), fd.fd(), first, count - sent, MSG_DONTWAIT);
            if (r > 0) {
                int from = sent * segmentSize;
                sent += r;
                bytes += Math.min(n, sent * segmentSize) - from;
                datagrams += r;
                continue;
            }
            if (r == -Errno.EAGAIN) {
                return sent == 0 ? BLOCKED : sent * segmentSize;
            }
            // The first of the rest was refused: by itself it gets the retries, and its fate is decided alone.
            int at = sent * segmentSize;
            int took = sendOne(at, Math.min(segmentSize, n - at), to, source, mark);
            if (took == BLOCKED) {
                return sent == 0 ? BLOCKED : at;
            }
            restoreFirst(n, segmentSize, controlLength);
            sent++;
        }
        return n;
    }

    /** {@link #sendOne} uses the first header for its own. */
    private void restoreFirst(int n, int segmentSize, long controlLength) {
        Layouts.iovec(headers, iovecs, buffer.address(), Math.min(segmentSize, n));
        Layouts.lengths(headers, 0, nameLength, controlLength);
    }

    /** Writes what goes with the datagram; the length of it. */
    private long writeControl(PeerAddress to, @Nullable InetAddress source, int mark, int segmentSize) {
        long at = 0;
        boolean ipv4 = to.isIpv4();
        if (segmentSize > 0) {
            long data = Layouts.control(control, at, DatagramFd.SOL_UDP, DatagramFd.UDP_SEGMENT, Short.BYTES);
            control.set(JAVA_SHORT_UNALIGNED, data, (short) segmentSize);
            at += Layouts.controlSpace(Short.BYTES);
        }
        if (mark != 0) {
            long data = ipv4
                    ? Layouts.control(control, at, DatagramFd.SOL_IP, DatagramFd.IP_TOS, Integer.BYTES)
                    : Layouts.control(control, at, DatagramFd.SOL_IPV6, DatagramFd.IPV6_TCLASS, Integer.BYTES);
            control.set(JAVA_INT_UNALIGNED, data, mark & 3);
            at += Layouts.controlSpace(Integer.BYTES);
        }
        if (source != null && sourceSelection) {
            at = writeSource(at, ipv4, source);
        }
        return at;
    }

    private long writeSource(long at, boolean ipv4, InetAddress source) {
        int place = source.hashCode() & sources.length - 1;
        PeerAddress from = sources[place];
        if (from == null || !from.inetAddress().equals(source)) {
            from = PeerAddress.of(new InetSocketAddress(source, 0));
            sources[place] = from;
        }
        if (from.isIpv4() != ipv4) {
            return at; // an address of the other family cannot be the source; the system chooses
        }
        if (ipv4) {
            long data = Layouts.control(control, at, DatagramFd.SOL_IP, DatagramFd.IP_PKTINFO, 12);
            control.set(JAVA_INT_UNALIGNED, data, 0);
            from.writeIpv4(control, data + 4);
            control.set(JAVA_INT_UNALIGNED, data + 8, 0);
            return at + Layouts.controlSpace(12);
        }
        long data = Layouts.control(control, at, DatagramFd.SOL_IPV6, DatagramFd.IPV6_PKTINFO, 20);
        from.writeIpv6(control, data);
        control.set(JAVA_INT_UNALIGNED, data + 16, from.scope());
        return at + Layouts.controlSpace(20);
    }
}

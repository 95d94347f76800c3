package dev.tokioj.runtime.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.tokioj.runtime.linux.DatagramFd;
import dev.tokioj.runtime.linux.Errno;
import dev.tokioj.runtime.linux.Layouts;
import dev.tokioj.runtime.linux.Libc;
import dev.tokioj.runtime.linux.PeerAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The receiving half of {@link LinuxUdpSocket}: recvmmsg into slots of its own, then one copy into the batch. */
final class LinuxReceiver {
    /** Messages a call; with GRO each may be a train of 64 KB, without it more per call gains nothing. */
    private static final int SLOTS = 16;

    /** A train of full-size packets is at most this long, so a message is never cut off. */
    private static final int SLOT = 1 << 16;

    private static final int CONTROL = 256;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_TRUNC = 0x20;
    /** An error of an earlier send is reported once each; so many in a row and the rest waits for the next turn. */
    private static final int MAX_ERRORS = 16;

    private static final long TOS_KIND = Layouts.kind(DatagramFd.SOL_IP, DatagramFd.IP_TOS);
    private static final long TCLASS_KIND = Layouts.kind(DatagramFd.SOL_IPV6, DatagramFd.IPV6_TCLASS);
    private static final long PKTINFO_KIND = Layouts.kind(DatagramFd.SOL_IP, DatagramFd.IP_PKTINFO);
    private static final long PKTINFO6_KIND = Layouts.kind(DatagramFd.SOL_IPV6, DatagramFd.IPV6_PKTINFO);
    private static final long GRO_KIND = Layouts.kind(DatagramFd.SOL_UDP, DatagramFd.UDP_GRO);

    private final DatagramFd fd;
    private final boolean ipv6;
    private final PeerCache peers;
    private final int localPort;
    /** What a datagram came to when its control data does not say; null on a wildcard. */
    private final @Nullable InetSocketAddress boundTo;

    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final MemorySegment slots;

    // What the control data of the message at hand says.
    private int segmentSize;
    private int ecn;
    private @Nullable InetSocketAddress local;

    long datagrams;
    long bytes;
    long errors;
    long truncated;

    LinuxReceiver(DatagramFd fd, Arena arena, PeerCache peers, int localPort, @Nullable InetSocketAddress boundTo) {
        this.fd = fd;
        this.ipv6 = fd.isIpv6();
        this.peers = peers;
        this.localPort = localPort;
        this.boundTo = boundTo;
        long perSlot = Layouts.MMSGHDR + Layouts.IOVEC;
        headers = arena.allocate(SLOTS * perSlot, 8);
        names = arena.allocate((long) SLOTS * Layouts.SOCKADDR, 8);
        controls = arena.allocate((long) SLOTS * CONTROL, 8);
        // Mapped, not allocated: a socket that receives one small datagram at a time touches one page of the megabyte.
        slots = Libc.map(fd.errno(), (long) SLOTS * SLOT, arena);
        for (int i = 0; i < SLOTS; i++) {
            long iovec = (long) SLOTS * Layouts.MMSGHDR + (long) i * Layouts.IOVEC;
            Layouts.iovec(headers, iovec, slots.address() + (long) i * SLOT, SLOT);
            Layouts.message(
                    headers,
                    (long) i * Layouts.MMSGHDR,
                    names.address() + (long) i * Layouts.SOCKADDR,
                    Layouts.SOCKADDR,
                    headers.address() + iovec,
                    controls.address() + (long) i * CONTROL);
            rearm(i);
        }
    }

    private void rearm(int slot) {
        Layouts.lengths(headers, (long) slot * Layouts.MMSGHDR, Layouts.SOCKADDR, CONTROL);
    }

    int receive(RecvBatch batch) throws IOException {
        batch.clear();
        int errorsNow = 0;
        while (!batch.isFull()) {
            int wanted = Math.min(SLOTS, batch.capacity() - batch.size());
            int n = Libc.recvmmsg(fd.errno(), fd.fd(), headers.address(), wanted, MSG_DONTWAIT);
            if (n == -Errno.EAGAIN) {
                break;
            }
            if (n < 0) {
                if (Errno.isFatal(-n)) {
                    throw new IOException("recvmmsg: " + Errno.name(-n));
                }
                errors++;
                if (++errorsNow == MAX_ERRORS) {
                    break;
                }
                continue;
            }
            for (int i = 0; i < n; i++) {
                take(i, batch);
                rearm(i);
            }
            if (n < wanted) {
                break;
            }
        }
        return batch.size();
    }

    private void take(int slot, RecvBatch batch) {
        long header = (long) slot * Layouts.MMSGHDR;
        int flags = Layouts.flags(headers, header);
        if ((flags & MSG_TRUNC) != 0) {
            truncated++;
            return;
        }
        int length = Layouts.messageLength(headers, header);
        segmentSize = 0;
        ecn = 0;
        local = boundTo;
        if ((flags & MSG_CTRUNC) == 0) {
            readControl((long) slot * CONTROL, Layouts.controlLength(headers, header));
        }
        int segment = segmentSize > 0 && segmentSize < length ? segmentSize : length;
        long name = (long) slot * Layouts.SOCKADDR;
        PeerAddress remote = peers.find(
                PeerAddress.readHigh(names, name, ipv6),
                PeerAddress.readLow(names, name, ipv6),
                PeerAddress.readPort(names, name),
                PeerAddress.readScope(names, name, ipv6));
        MemorySegment.copy(slots, JAVA_BYTE, (long) slot * SLOT, batch.buffer(), batch.writeOffset(), length);
        batch.add(length, segment, ecn, remote.address(), local);
        datagrams += segment == 0 ? 1 : (length + segment - 1) / segment;
        bytes += length;
    }

    private void readControl(long begin, long length) {
        long end = begin + length;
        long at = begin;
        while (at + Layouts.CMSG_HEADER <= end) {
            long size = Layouts.controlHeaderLength(controls, at);
            if (size < Layouts.CMSG_HEADER || size > end - at) {
                return;
            }
            long data = at + Layouts.CMSG_HEADER;
            long kind = Layouts.controlKind(controls, at);
            if (kind == GRO_KIND) {
                segmentSize = controls.get(JAVA_INT_UNALIGNED, data);
            } else if (kind == TOS_KIND) {
                ecn = controls.get(JAVA_BYTE, data) & 3;
            } else if (kind == TCLASS_KIND) {
                ecn = controls.get(JAVA_INT_UNALIGNED, data) & 3;
            } else if (kind == PKTINFO_KIND) {
                // struct in_pktinfo: interface, the local address, the packet's destination.
                local = local(0, PeerAddress.mapped(PeerAddress.readIpv4(controls, data + 8)), 0);
            } else if (kind == PKTINFO6_KIND) {
                readPacketInfo6(data);
            }
            at += size + 7 & ~7L;
        }
    }

    /** struct in6_pktinfo: the packet's destination (IPv4 in its mapped form), interface. */
    private void readPacketInfo6(long data) {
        long high = PeerAddress.readLong(controls, data);
        boolean linkLocal = high >>> 54 == 0xFE80 >>> 6;
        int scope = linkLocal ? controls.get(JAVA_INT_UNALIGNED, data + 16) : 0;
        local = local(high, PeerAddress.readLong(controls, data + 8), scope);
    }

    private InetSocketAddress local(long high, long low, int scope) {
        return peers.find(high, low, localPort, scope).address();
    }
}

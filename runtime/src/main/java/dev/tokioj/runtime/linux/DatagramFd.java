package dev.tokioj.runtime.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** The descriptor of a non-blocking UDP socket, and its options. One thread at a time. */
public final class DatagramFd {
    /** Socket option levels and names (asm-generic). */
    public static final int SOL_SOCKET = 1;

    public static final int SOL_UDP = 17;
    public static final int SOL_IP = 0;
    public static final int SOL_IPV6 = 41;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_REUSEPORT = 15;
    public static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    public static final int IP_TOS = 1;
    public static final int IP_PKTINFO = 8;
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IP_RECVTOS = 13;
    public static final int IPV6_MTU_DISCOVER = 23;
    public static final int IPV6_V6ONLY = 26;
    public static final int IPV6_RECVPKTINFO = 49;
    public static final int IPV6_PKTINFO = 50;
    public static final int IPV6_RECVTCLASS = 66;
    public static final int IPV6_TCLASS = 67;
    public static final int UDP_SEGMENT = 103;
    public static final int UDP_GRO = 104;
    /** Sets Don't Fragment and ignores what ICMP says about the MTU: finding it is QUIC's (RFC 8899). */
    public static final int PMTUDISC_PROBE = 3;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;

    private final int fd;
    private final boolean ipv6;
    private final MemorySegment errno;
    /** For option values and addresses. */
    private final MemorySegment scratch;

    private DatagramFd(int fd, boolean ipv6, MemorySegment errno, MemorySegment scratch) {
        this.fd = fd;
        this.ipv6 = ipv6;
        this.errno = errno;
        this.scratch = scratch;
    }

    /**
     * Opens a socket.
     *
     * @param arena lives as long as the socket
     * @throws IOException no such family here, or out of descriptors
     */
    public static DatagramFd open(Arena arena, boolean ipv6) throws IOException {
        MemorySegment errno = Libc.newErrno(arena);
        int fd = Libc.socket(errno, ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new IOException("socket(" + (ipv6 ? "IPv6" : "IPv4") + "): " + Errno.name(-fd));
        }
        return new DatagramFd(fd, ipv6, errno, arena.allocate(2L * Layouts.SOCKADDR, 8));
    }

    /** The number. */
    public int fd() {
        return fd;
    }

    /** Whether its family is IPv6. */
    public boolean isIpv6() {
        return ipv6;
    }

    /** Where this socket's calls leave their errno. */
    public MemorySegment errno() {
        return errno;
    }

    /** Sets an option; whether the kernel took it. */
    public boolean set(int level, int name, int value) {
        scratch.set(JAVA_INT, 0, value);
        return Libc.setsockopt(errno, fd, level, name, scratch.address(), Integer.BYTES) >= 0;
    }

    /**
     * Attaches a classic BPF program to the sockets that share this one's address (SO_ATTACH_REUSEPORT_CBPF).
     *
     * @param program each a {@code struct sock_filter} read as one little-endian number
     * @return 0, or the negative errno
     */
    public int attachReuseportProgram(long[] program) {
        try (Arena arena = Arena.ofConfined()) {
            // struct sock_fprog { unsigned short len; struct sock_filter *filter; }, padded to the pointer's alignment
            MemorySegment filters = arena.allocate((long) program.length * Long.BYTES, Long.BYTES);
            for (int i = 0; i < program.length; i++) {
                filters.set(JAVA_SHORT, i * 8L, (short) program[i]); // code
                filters.set(JAVA_BYTE, i * 8L + 2, (byte) (program[i] >>> 16)); // jt
                filters.set(JAVA_BYTE, i * 8L + 3, (byte) (program[i] >>> 24)); // jf
                filters.set(JAVA_INT, i * 8L + 4, (int) (program[i] >>> 32)); // k
            }
            MemorySegment fprog = arena.allocate(16, 8);
            fprog.set(JAVA_SHORT, 0, (short) program.length);
            fprog.set(JAVA_LONG, 8, filters.address());
            return Libc.setsockopt(errno, fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, fprog.address(), 16);
        }
    }

    /** An option's value; negative errno if the kernel does not tell. */
    public int get(int level, int name) {
        scratch.set(JAVA_INT, 0, 0);
        scratch.set(JAVA_INT, 8, Integer.BYTES);
        int r = Libc.getsockopt(errno, fd, level, name, scratch.address(), scratch.address() + 8);
        return r < 0 ? r : scratch.get(JAVA_INT, 0);
    }

    /** Binds; an IPv4 address on an IPv6 socket is mapped (RFC 4291 section 2.5.5.2). */
    public void bind(InetSocketAddress address) throws IOException {
        PeerAddress a = PeerAddress.of(address);
        int r = Libc.bind(errno, fd, scratch.address(), a.write(scratch, 0, ipv6));
        if (r < 0) {
            throw new java.net.BindException("bind " + address + ": " + Errno.name(-r));
        }
    }

    /** The address bound. */
    public InetSocketAddress localAddress() throws IOException {
        MemorySegment length = scratch.asSlice(Layouts.SOCKADDR);
        length.set(JAVA_INT, 0, Layouts.SOCKADDR);
        int r = Libc.getsockname(errno, fd, scratch.address(), length.address());
        if (r < 0) {
            throw new IOException("getsockname: " + Errno.name(-r));
        }
        return PeerAddress.read(scratch, 0, ipv6);
    }

    /** Closes the number. */
    public void close() {
        Libc.close(errno, fd);
    }
}

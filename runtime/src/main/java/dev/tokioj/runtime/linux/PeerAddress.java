package dev.tokioj.runtime.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An address and a port both as the JDK's object and as numbers. IPv4 is kept in its IPv6 form (::ffff:a.b.c.d), so that
 * one pair of longs is an address of either family and the same address has one form whatever the socket.
 *
 * @param high the address's first eight bytes, big-endian
 * @param low the rest
 * @param port 0 to 65535
 * @param scope the interface of a link-local address, else 0
 * @param address the JDK's object
 */
public record PeerAddress(long high, long low, int port, int scope, InetSocketAddress address) {
    private static final ValueLayout.OfShort PORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NET_INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NET_LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final short AF_INET = 2;
    private static final short AF_INET6 = 10;
    private static final int SOCKADDR_IN = 16;
    private static final int SOCKADDR_IN6 = 28;
    private static final long MAPPED = 0xFFFF_0000_0000L;

    /** From the JDK's object. */
    public static PeerAddress of(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        if (ip == null) {
            throw new IllegalArgumentException("not resolved: " + address);
        }
        ByteBuffer bytes = ByteBuffer.wrap(ip.getAddress());
        if (ip instanceof Inet6Address six) {
            return new PeerAddress(bytes.getLong(), bytes.getLong(), address.getPort(), six.getScopeId(), address);
        }
        return new PeerAddress(0, mapped(bytes.getInt()), address.getPort(), 0, address);
    }

    /** From numbers. */
    public static PeerAddress of(long high, long low, int port, int scope) {
        return new PeerAddress(high, low, port, scope, new InetSocketAddress(inet(high, low, scope), port));
    }

    private static InetAddress inet(long high, long low, int scope) {
        try {
            if (isMapped(high, low)) {
                return InetAddress.getByAddress(
                        ByteBuffer.allocate(4).putInt((int) low).array());
            }
            byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
            return scope != 0 ? Inet6Address.getByAddress(null, bytes, scope) : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes are addresses", e);
        }
    }

    /** The second half of an IPv4 address's IPv6 form. */
    public static long mapped(int ipv4) {
        return MAPPED | Integer.toUnsignedLong(ipv4);
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == 0xFFFF;
    }

    /** Whether it is an IPv4 address. */
    public boolean isIpv4() {
        return isMapped(high, low);
    }

    /** Only this family's sockets can send there. */
    public boolean fits(boolean ipv6Socket) {
        return ipv6Socket || isIpv4();
    }

    /**
     * Writes a sockaddr for a socket of this family.
     *
     * @return its length
     */
    public int write(MemorySegment m, long at, boolean ipv6Socket) {
        m.set(PORT, at + 2, (short) port);
        if (!ipv6Socket) {
            m.set(JAVA_SHORT_UNALIGNED, at, AF_INET);
            m.set(NET_INT, at + 4, (int) low);
            m.set(JAVA_LONG_UNALIGNED, at + 8, 0);
            return SOCKADDR_IN;
        }
        m.set(JAVA_SHORT_UNALIGNED, at, AF_INET6);
        m.set(JAVA_INT_UNALIGNED, at + 4, 0);
        m.set(NET_LONG, at + 8, high);
        m.set(NET_LONG, at + 16, low);
        m.set(JAVA_INT_UNALIGNED, at + 24, scope);
        return SOCKADDR_IN6;
    }

    /** The port of a sockaddr. */
    public static int readPort(MemorySegment m, long at) {
        return Short.toUnsignedInt(m.get(PORT, at + 2));
    }

    /** The first half of a sockaddr's address. */
    public static long readHigh(MemorySegment m, long at, boolean ipv6Socket) {
        return ipv6Socket ? m.get(NET_LONG, at + 8) : 0;
    }

    /** The second half of a sockaddr's address. */
    public static long readLow(MemorySegment m, long at, boolean ipv6Socket) {
        return ipv6Socket ? m.get(NET_LONG, at + 16) : mapped(m.get(NET_INT, at + 4));
    }

    /** The scope of a sockaddr. */
    public static int readScope(MemorySegment m, long at, boolean ipv6Socket) {
        return ipv6Socket ? m.get(JAVA_INT_UNALIGNED, at + 24) : 0;
    }

    /** Reads a sockaddr. */
    static InetSocketAddress read(MemorySegment m, long at, boolean ipv6Socket) {
        return of(
                        readHigh(m, at, ipv6Socket),
                        readLow(m, at, ipv6Socket),
                        readPort(m, at),
                        readScope(m, at, ipv6Socket))
                .address();
    }

    /** The JDK's address object. */
    public InetAddress inetAddress() {
        return address.getAddress();
    }

    /** Writes the address alone: 4 bytes of IPv4. */
    public void writeIpv4(MemorySegment m, long at) {
        m.set(NET_INT, at, (int) low);
    }

    /** Writes the address alone: 16 bytes of IPv6. */
    public void writeIpv6(MemorySegment m, long at) {
        m.set(NET_LONG, at, high);
        m.set(NET_LONG, at + 8, low);
    }

    /** Reads 4 bytes of IPv4. */
    public static int readIpv4(MemorySegment m, long at) {
        return m.get(NET_INT, at);
    }

    /** Reads 8 bytes in network order. */
    public static long readLong(MemorySegment m, long at) {
        return m.get(NET_LONG, at);
    }
}

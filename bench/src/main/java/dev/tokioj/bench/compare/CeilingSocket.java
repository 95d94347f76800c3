package dev.tokioj.bench.compare;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/**
 * A UDP socket on 127.0.0.1 by the shortest way there is: one call for a train of datagrams out (GSO), one for a train in (GRO).
 * It shares no code with what is measured against it. One thread.
 */
final class CeilingSocket implements AutoCloseable {
    /** The largest train the kernel joins, with room. */
    static final int TRAIN = 64 << 10;

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int RECEIVE_BUFFER = 8 << 20;
    private static final int LOOPBACK = 0x7f000001;
    private static final int ADDRESS_LENGTH = 16;
    private static final int PORT_AT = 2;
    private static final int HOST_AT = 4;
    private static final ValueLayout.OfShort NET_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NET_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = call("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = call("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = call("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SEND = call("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVFROM =
            call("recvfrom", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment train = arena.allocate(2L * TRAIN);
    private final MemorySegment address = arena.allocate(ADDRESS_LENGTH);
    private final MemorySegment number = arena.allocate(JAVA_INT);
    private final int fd;

    private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    /** Bound to a port that the system chooses. */
    CeilingSocket() throws IOException {
        fd = checked("socket", () -> (int) SOCKET.invokeExact(AF_INET, SOCK_DGRAM, 0));
        setAddress(0);
        checked("bind", () -> (int) BIND.invokeExact(fd, address, ADDRESS_LENGTH));
        option(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    }

    private interface Call {
        int run() throws Throwable;
    }

    private static int checked(String what, Call call) throws IOException {
        int result = call(what, call);
        if (result < 0) {
            throw new IOException(what + " failed");
        }
        return result;
    }

    private static int call(String what, Call call) throws IOException {
        try {
            return call.run();
        } catch (Throwable e) {
            throw new IOException(what, e);
        }
    }

    private void setAddress(int port) {
        address.set(JAVA_SHORT, 0, (short) AF_INET);
        address.set(NET_SHORT, PORT_AT, (short) port);
        address.set(NET_INT, HOST_AT, LOOPBACK);
    }

    private void option(int level, int name, int value) throws IOException {
        number.set(JAVA_INT, 0, value);
        checked("setsockopt", () -> (int) SETSOCKOPT.invokeExact(fd, level, name, number, Integer.BYTES));
    }

    int port() throws IOException {
        number.set(JAVA_INT, 0, ADDRESS_LENGTH);
        checked("getsockname", () -> (int) GETSOCKNAME.invokeExact(fd, address, number));
        return Short.toUnsignedInt(address.get(NET_SHORT, PORT_AT));
    }

    void connect(int port) throws IOException {
        setAddress(port);
        checked("connect", () -> (int) CONNECT.invokeExact(fd, address, ADDRESS_LENGTH));
    }

    /** What is sent is cut into datagrams of this size; 0: not at all. */
    void segments(int size) throws IOException {
        option(SOL_UDP, UDP_SEGMENT, size);
    }

    /** Datagrams of equal size come joined. */
    void joined() throws IOException {
        option(SOL_UDP, UDP_GRO, 1);
    }

    /** Answers how many bytes the kernel took; it may refuse a train for want of room. */
    int send(byte[] bytes, int length) throws IOException {
        MemorySegment.copy(bytes, 0, train, ValueLayout.JAVA_BYTE, 0, length);
        return call("send", () -> (int) (long) SEND.invokeExact(fd, train, (long) length, 0));
    }

    /** Waits; answers how many bytes came, and remembers from which port. */
    int receive(byte[] into) throws IOException {
        return receive(into, 0);
    }

    /** As {@link #receive}, without waiting: negative when there is nothing. */
    int poll(byte[] into) throws IOException {
        return receive(into, MSG_DONTWAIT);
    }

    private int receive(byte[] into, int flags) throws IOException {
        number.set(JAVA_INT, 0, ADDRESS_LENGTH);
        int n = call("recvfrom", () ->
                (int) (long) RECVFROM.invokeExact(fd, train, (long) into.length, flags, address, number));
        if (n > 0) {
            MemorySegment.copy(train, ValueLayout.JAVA_BYTE, 0, into, 0, n);
        }
        return n;
    }

    /** Where the last datagram came from. */
    int senderPort() {
        return Short.toUnsignedInt(address.get(NET_SHORT, PORT_AT));
    }

    @Override
    public void close() throws IOException {
        checked("close", () -> (int) CLOSE.invokeExact(fd));
        arena.close();
    }
}

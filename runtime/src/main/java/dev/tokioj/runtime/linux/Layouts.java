package dev.tokioj.runtime.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * How the structures of recvmmsg(2) and sendmmsg(2) lie in memory on 64-bit Linux. All offsets are from the start of the
 * segment given.
 *
 * <pre>
 * iovec    16: base 8, length 8
 * msghdr   56: name 8, namelen 4 (+4), iov 8, iovlen 8, control 8, controllen 8, flags 4 (+4)
 * mmsghdr  64: msghdr, length 4 (+4)
 * cmsghdr  16: length 8 (with the header), level 4, type 4; then data, padded to 8
 * </pre>
 */
public final class Layouts {
    /** Bytes of an iovec. */
    public static final int IOVEC = 16;
    /** Bytes of an mmsghdr; its beginning is a msghdr. */
    public static final int MMSGHDR = 64;
    /** Bytes before the data of a control message. */
    public static final int CMSG_HEADER = 16;
    /** Bytes of the largest socket address we use, rounded up. */
    public static final int SOCKADDR = 32;

    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOV = 16;
    private static final int IOV_LENGTH = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int MESSAGE_LENGTH = 56;

    private Layouts() {}

    /** Writes a message header with one iovec; the control length is 0. */
    public static void message(MemorySegment m, long at, long name, int nameLength, long iovec, long control) {
        m.set(JAVA_LONG_UNALIGNED, at + NAME, name);
        m.set(JAVA_INT_UNALIGNED, at + NAME_LENGTH, nameLength);
        m.set(JAVA_LONG_UNALIGNED, at + IOV, iovec);
        m.set(JAVA_LONG_UNALIGNED, at + IOV_LENGTH, 1);
        m.set(JAVA_LONG_UNALIGNED, at + CONTROL, control);
        m.set(JAVA_LONG_UNALIGNED, at + CONTROL_LENGTH, 0);
        m.set(JAVA_INT_UNALIGNED, at + FLAGS, 0);
    }

    /** Sets what the kernel changes when it fills a message, and what differs from send to send. */
    public static void lengths(MemorySegment m, long at, int nameLength, long controlLength) {
        m.set(JAVA_INT_UNALIGNED, at + NAME_LENGTH, nameLength);
        m.set(JAVA_LONG_UNALIGNED, at + CONTROL_LENGTH, controlLength);
    }

    /** The bytes of control data the kernel wrote. */
    public static long controlLength(MemorySegment m, long at) {
        return m.get(JAVA_LONG_UNALIGNED, at + CONTROL_LENGTH);
    }

    /** The MSG_ flags the kernel set. */
    public static int flags(MemorySegment m, long at) {
        return m.get(JAVA_INT_UNALIGNED, at + FLAGS);
    }

    /** The bytes received, of an mmsghdr. */
    public static int messageLength(MemorySegment m, long at) {
        return m.get(JAVA_INT_UNALIGNED, at + MESSAGE_LENGTH);
    }

    /** Writes an iovec. */
    public static void iovec(MemorySegment m, long at, long base, long length) {
        m.set(JAVA_LONG_UNALIGNED, at, base);
        m.set(JAVA_LONG_UNALIGNED, at + 8, length);
    }

    /**
     * Writes a control message header.
     *
     * @return where its data goes
     */
    public static long control(MemorySegment m, long at, int level, int type, int dataLength) {
        m.set(JAVA_LONG_UNALIGNED, at, CMSG_HEADER + (long) dataLength);
        m.set(JAVA_INT_UNALIGNED, at + 8, level);
        m.set(JAVA_INT_UNALIGNED, at + 12, type);
        return at + CMSG_HEADER;
    }

    /** The space that control data of this length takes, header and padding included. */
    public static int controlSpace(int dataLength) {
        return CMSG_HEADER + (dataLength + 7 & ~7);
    }

    /** The length field of the control message at {@code at}. */
    public static long controlHeaderLength(MemorySegment m, long at) {
        return m.get(JAVA_LONG_UNALIGNED, at);
    }

    /** Level and type of the control message at {@code at}, as {@code level << 32 | type}. */
    public static long controlKind(MemorySegment m, long at) {
        return kind(m.get(JAVA_INT_UNALIGNED, at + 8), m.get(JAVA_INT_UNALIGNED, at + 12));
    }

    /** Level and type in one word. */
    public static long kind(int level, int type) {
        return (long) level << 32 | type;
    }
}

package dev.tokioj.runtime.linux;

/** The error numbers we tell apart (asm-generic: the same on every architecture {@link Linux} admits). */
public final class Errno {
    /** Not permitted: a packet filter said no. */
    public static final int EPERM = 1;
    /** Interrupted by a signal. */
    public static final int EINTR = 4;
    /** The device cannot split this train. */
    public static final int EIO = 5;
    /** Not a descriptor. */
    public static final int EBADF = 9;
    /** Would wait. */
    public static final int EAGAIN = 11;
    /** Not our memory. */
    public static final int EFAULT = 14;
    /** Too many descriptors in the system. */
    public static final int ENFILE = 23;
    /** Too many descriptors in this process. */
    public static final int EMFILE = 24;
    /** Written after the end. */
    public static final int EPIPE = 32;
    /** The kernel does not know this argument. */
    public static final int EINVAL = 22;
    /** The system call does not exist. */
    public static final int ENOSYS = 38;
    /** Not a socket. */
    public static final int ENOTSOCK = 88;
    /** Larger than the path's or the device's MTU. */
    public static final int EMSGSIZE = 90;
    /** No such family. */
    public static final int EAFNOSUPPORT = 97;
    /** Bound by another. */
    public static final int EADDRINUSE = 98;
    /** Not an address of this machine. */
    public static final int EADDRNOTAVAIL = 99;
    /** No route. */
    public static final int ENETUNREACH = 101;
    /** Accepted and gone already. */
    public static final int ECONNABORTED = 103;
    /** The peer has thrown the connection away. */
    public static final int ECONNRESET = 104;
    /** Not connected, or not any more. */
    public static final int ENOTCONN = 107;
    /** The other side has not answered for long. */
    public static final int ETIMEDOUT = 110;
    /** A connect has begun. */
    public static final int EINPROGRESS = 115;
    /** The device's queue is full. */
    public static final int ENOBUFS = 105;
    /** An earlier datagram met a closed port. */
    public static final int ECONNREFUSED = 111;
    /** No host there. */
    public static final int EHOSTUNREACH = 113;

    private Errno() {}

    /** The error is a bug of ours or the end of the socket; all others are the path's, like a datagram lost on the way. */
    public static boolean isFatal(int errno) {
        return errno == EBADF || errno == ENOTSOCK || errno == EFAULT || errno == ENOSYS;
    }

    /** Its name, for messages. */
    public static String name(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM (a packet filter refuses it)";
            case EINTR -> "EINTR";
            case EIO -> "EIO (the device cannot)";
            case EBADF -> "EBADF (closed)";
            case EAGAIN -> "EAGAIN";
            case EFAULT -> "EFAULT";
            case EINVAL -> "EINVAL (the kernel does not know it)";
            case ENOSYS -> "ENOSYS (the kernel or libc lacks it)";
            case ENOTSOCK -> "ENOTSOCK";
            case EMSGSIZE -> "EMSGSIZE (larger than the MTU)";
            case EAFNOSUPPORT -> "EAFNOSUPPORT (no such address family here)";
            case EADDRINUSE -> "EADDRINUSE (address already in use)";
            case EADDRNOTAVAIL -> "EADDRNOTAVAIL (not an address of this machine)";
            case ENETUNREACH -> "ENETUNREACH (no route)";
            case ENOBUFS -> "ENOBUFS (the device's queue is full)";
            case ENFILE -> "ENFILE (the system is out of descriptors)";
            case EMFILE -> "EMFILE (this process is out of descriptors)";
            case EPIPE -> "EPIPE (written after the end)";
            case ECONNABORTED -> "ECONNABORTED";
            case ECONNRESET -> "ECONNRESET (connection reset)";
            case ENOTCONN -> "ENOTCONN (not connected)";
            case ETIMEDOUT -> "ETIMEDOUT (no answer)";
            case EINPROGRESS -> "EINPROGRESS";
            case ECONNREFUSED -> "ECONNREFUSED (port unreachable)";
            case EHOSTUNREACH -> "EHOSTUNREACH (host unreachable)";
            default -> "errno " + errno;
        };
    }
}

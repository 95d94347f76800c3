package dev.tokioj.runtime.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor of a non-blocking TCP socket. Any thread: a call that comes after {@link #close} is answered EBADF, and the number is
 * given back to the kernel only when no call is inside any more; it might be another's connection by then. All results are what the
 * function returned, or the negative errno.
 */
public final class StreamFd {
    /** shutdown(2), of what comes in. */
    public static final int SHUT_RD = 0;
    /** shutdown(2), of what goes out. */
    public static final int SHUT_WR = 1;

    public static final int SO_REUSEADDR = 2;
    public static final int SO_ERROR = 4;
    public static final int SO_KEEPALIVE = 9;
    public static final int SO_LINGER = 13;
    public static final int IPPROTO_TCP = 6;
    public static final int TCP_NODELAY = 1;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOCK_STREAM = 1;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** Set by {@link #close}, above the number of calls inside. */
    private static final int CLOSING = 1 << 30;

    private static final VarHandle USERS;

    static {
        try {
            USERS = MethodHandles.lookup().findVarHandle(StreamFd.class, "users", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int fd;
    private final boolean ipv6;

    @SuppressWarnings("unused") // through USERS
    private volatile int users;

    private StreamFd(int fd, boolean ipv6) {
        this.fd = fd;
        this.ipv6 = ipv6;
    }

    /** One call of libc. */
    @FunctionalInterface
    private interface Call {
        int with(Scratch scratch);
    }

    /** An accepted connection, or why there is none. */
    public record Accepted(
            int errno, @Nullable StreamFd fd, @Nullable InetSocketAddress remote) {}

    /** A new socket; the number negative if the kernel refuses, {@link #fd} then tells the errno. */
    public static StreamFd open(boolean ipv6) {
        Scratch scratch = Scratch.take(0);
        try {
            int domain = ipv6 ? AF_INET6 : AF_INET;
            return new StreamFd(
                    Libc.socket(scratch.errno, domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), ipv6);
        } finally {
            Scratch.give(0, scratch);
        }
    }

    /** The number. */
    public int fd() {
        return fd;
    }

    private boolean enter() {
        while (true) {
            int now = users;
            if (now >= CLOSING) {
                return false;
            }
            if (USERS.weakCompareAndSet(this, now, now + 1)) {
                return true;
            }
        }
    }

    private void leave(Scratch scratch) {
        if ((int) USERS.getAndAdd(this, -1) == CLOSING + 1) {
            Libc.close(scratch.errno, fd);
        }
    }

    private int guarded(Call call) {
        if (!enter()) {
            return -Errno.EBADF;
        }
        Scratch scratch = Scratch.take(fd);
        try {
            return call.with(scratch);
        } finally {
            leave(scratch);
            Scratch.give(fd, scratch);
        }
    }

    /** recv(2): the bytes, 0 at the end, at most {@link Scratch#SIZE}. */
    public int receive(byte[] buf, int off, int len, int hint) {
        if (!enter()) {
            return -Errno.EBADF;
        }
        Scratch scratch = Scratch.take(hint);
        try {
            long n;
            do {
                n = Libc.recv(scratch.errno, fd, scratch.buffer.address(), Math.min(len, Scratch.SIZE), 0);
            } while (n == -Errno.EINTR);
            if (n > 0) {
                MemorySegment.copy(scratch.buffer, JAVA_BYTE, 0, buf, off, (int) n);
            }
            return (int) n;
        } finally {
            leave(scratch);
            Scratch.give(hint, scratch);
        }
    }

    /** send(2): the bytes taken, at most {@link Scratch#SIZE}. */
    public int send(byte[] buf, int off, int len, int hint) {
        if (!enter()) {
            return -Errno.EBADF;
        }
        Scratch scratch = Scratch.take(hint);
        try {
            int count = Math.min(len, Scratch.SIZE);
            MemorySegment.copy(buf, off, scratch.buffer, JAVA_BYTE, 0, count);
            long n;
            do {
                n = Libc.send(scratch.errno, fd, scratch.buffer.address(), count, MSG_NOSIGNAL);
            } while (n == -Errno.EINTR);
            return (int) n;
        } finally {
            leave(scratch);
            Scratch.give(hint, scratch);
        }
    }

    /** Sets an option of one int. */
    public int set(int level, int name, int value) {
        return guarded(scratch -> {
            scratch.buffer.set(JAVA_INT, 0, value);
            return Libc.setsockopt(scratch.errno, fd, level, name, scratch.buffer.address(), Integer.BYTES);
        });
    }

    /** The linger option: negative is off. */
    public int linger(int seconds) {
        return guarded(scratch -> {
            scratch.buffer.set(JAVA_INT, 0, seconds < 0 ? 0 : 1);
            scratch.buffer.set(JAVA_INT, 4, Math.max(0, seconds));
            return Libc.setsockopt(
                    scratch.errno, fd, DatagramFd.SOL_SOCKET, SO_LINGER, scratch.buffer.address(), 2 * Integer.BYTES);
        });
    }

    /** An option of one int. */
    public int get(int level, int name) {
        return guarded(scratch -> {
            MemorySegment m = scratch.buffer;
            m.set(JAVA_INT, 0, 0);
            m.set(JAVA_INT, 8, Integer.BYTES);
            int r = Libc.getsockopt(scratch.errno, fd, level, name, m.address(), m.address() + 8);
            return r < 0 ? r : m.get(JAVA_INT, 0);
        });
    }

    /** bind(2). */
    public int bind(InetSocketAddress address) {
        PeerAddress a = PeerAddress.of(address);
        return guarded(
                scratch -> Libc.bind(scratch.errno, fd, scratch.buffer.address(), a.write(scratch.buffer, 0, ipv6)));
    }

    /** listen(2). */
    public int listen(int backlog) {
        return guarded(scratch -> Libc.listen(scratch.errno, fd, backlog));
    }

    /** connect(2): usually EINPROGRESS. */
    public int connect(InetSocketAddress address) {
        PeerAddress a = PeerAddress.of(address);
        return guarded(
                scratch -> Libc.connect(scratch.errno, fd, scratch.buffer.address(), a.write(scratch.buffer, 0, ipv6)));
    }

    /** shutdown(2). */
    public int shutdown(int how) {
        return guarded(scratch -> Libc.shutdown(scratch.errno, fd, how));
    }

    /** accept4(2). */
    public Accepted accept() {
        if (!enter()) {
            return new Accepted(Errno.EBADF, null, null);
        }
        Scratch scratch = Scratch.take(fd);
        try {
            MemorySegment m = scratch.buffer;
            m.set(JAVA_INT, Layouts.SOCKADDR, Layouts.SOCKADDR);
            int n;
            do {
                n = Libc.accept4(
                        scratch.errno, fd, m.address(), m.address() + Layouts.SOCKADDR, SOCK_NONBLOCK | SOCK_CLOEXEC);
            } while (n == -Errno.EINTR || n == -Errno.ECONNABORTED);
            return n < 0
                    ? new Accepted(-n, null, null)
                    : new Accepted(0, new StreamFd(n, ipv6), PeerAddress.read(m, 0, ipv6));
        } finally {
            leave(scratch);
            Scratch.give(fd, scratch);
        }
    }

    /** The address bound; null if the kernel does not tell. */
    public @Nullable InetSocketAddress localAddress() {
        if (!enter()) {
            return null;
        }
        Scratch scratch = Scratch.take(fd);
        try {
            MemorySegment m = scratch.buffer;
            m.set(JAVA_INT, Layouts.SOCKADDR, Layouts.SOCKADDR);
            int r = Libc.getsockname(scratch.errno, fd, m.address(), m.address() + Layouts.SOCKADDR);
            return r < 0 ? null : PeerAddress.read(m, 0, ipv6);
        } finally {
            leave(scratch);
            Scratch.give(fd, scratch);
        }
    }

    /** Gives the number back, now or after the last call inside. Idempotent. */
    public void close() {
        while (true) {
            int now = users;
            if (now >= CLOSING) {
                return;
            }
            if (USERS.compareAndSet(this, now, now | CLOSING)) {
                if (now == 0) {
                    Scratch scratch = Scratch.take(fd);
                    Libc.close(scratch.errno, fd);
                    Scratch.give(fd, scratch);
                }
                return;
            }
        }
    }
}

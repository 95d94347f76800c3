package dev.tokioj.runtime.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * Every call into libc. Each returns what the function returned, or {@code -errno}, the way the kernel itself answers.
 * Pointers are addresses of memory that the caller keeps alive; {@code errno} is a segment from {@link #newErrno} that no
 * other thread uses at the time.
 *
 * <p>Initialising this class builds the handles (some tens of milliseconds): ask {@link Linux} first. All functions share
 * one shape, six registers in and one out, which their callers widen to: a function that takes fewer never looks at the
 * rest, on every architecture that {@link Linux} admits, and one shape is built, compiled and cached once. No call is
 * {@link Linker.Option#critical}: a critical call that waits would hold up the garbage collector of the whole process.
 *
 * <p>Any thread.
 */
public final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = handle("socket");
    private static final MethodHandle BIND = handle("bind");
    private static final MethodHandle GETSOCKNAME = handle("getsockname");
    private static final MethodHandle SETSOCKOPT = handle("setsockopt");
    private static final MethodHandle GETSOCKOPT = handle("getsockopt");
    private static final MethodHandle CLOSE = handle("close");
    private static final MethodHandle LISTEN = handle("listen");
    private static final MethodHandle ACCEPT4 = handle("accept4");
    private static final MethodHandle CONNECT = handle("connect");
    private static final MethodHandle SHUTDOWN = handle("shutdown");
    private static final MethodHandle RECV = handle("recv");
    private static final MethodHandle SEND = handle("send");
    private static final MethodHandle SENDMSG = handle("sendmsg");
    private static final MethodHandle SENDMMSG = handle("sendmmsg");
    private static final MethodHandle RECVMMSG = handle("recvmmsg");
    private static final MethodHandle EPOLL_CREATE1 = handle("epoll_create1");
    private static final MethodHandle EPOLL_CTL = handle("epoll_ctl");
    private static final MethodHandle EPOLL_WAIT = handle("epoll_wait");
    private static final MethodHandle EPOLL_PWAIT2 = handle("epoll_pwait2");
    private static final MethodHandle EVENTFD = handle("eventfd");
    private static final MethodHandle WRITE = handle("write");
    private static final MethodHandle PRCTL = handle("prctl");
    private static final MethodHandle MMAP = handle("mmap");
    private static final MethodHandle MUNMAP = handle("munmap");

    private static final MemorySegment NOTIFY_ERRNO = newErrno(Arena.global());
    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1);

    private Libc() {}

    private static MethodHandle handle(String name) {
        Optional<MemorySegment> symbol = SYMBOLS.find(name);
        // A function this libc lacks answers like a system call the kernel lacks.
        return symbol.map(s -> LINKER.downcallHandle(s, SHAPE, CAPTURE)).orElseGet(Libc::missing);
    }

    private static MethodHandle missing() {
        try {
            MethodType type = MethodType.methodType(
                    long.class,
                    MemorySegment.class,
                    long.class,
                    long.class,
                    long.class,
                    long.class,
                    long.class,
                    long.class);
            return MethodHandles.lookup().findStatic(Libc.class, "notImplemented", type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through missing()
    private static long notImplemented(MemorySegment errno, long a, long b, long c, long d, long e, long f) {
        ERRNO.set(errno, 0L, Errno.ENOSYS);
        return -1;
    }

    /** Where calls leave their errno. */
    public static MemorySegment newErrno(Arena arena) {
        return arena.allocate(Linker.Option.captureStateLayout());
    }

    private static long call(MethodHandle h, MemorySegment errno, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) h.invokeExact(errno, a, b, c, d, e, f);
        } catch (RuntimeException | Error x) {
            throw x;
        } catch (Throwable x) {
            throw new AssertionError("a downcall threw a checked exception", x);
        }
    }

    /** An {@code int} result, or the negative errno. */
    private static int intOf(long result, MemorySegment errno) {
        int r = (int) result; // the upper half of the register is not defined
        return r == -1 ? -(int) ERRNO.get(errno, 0L) : r;
    }

    private static long longOf(long result, MemorySegment errno) {
        return result == -1 ? -(long) (int) ERRNO.get(errno, 0L) : result;
    }

    /** socket(2). */
    public static int socket(MemorySegment errno, int domain, int type, int protocol) {
        return intOf(call(SOCKET, errno, domain, type, protocol, 0, 0, 0), errno);
    }

    /** bind(2). */
    public static int bind(MemorySegment errno, int fd, long address, int length) {
        return intOf(call(BIND, errno, fd, address, length, 0, 0, 0), errno);
    }

    /** getsockname(2). */
    public static int getsockname(MemorySegment errno, int fd, long address, long length) {
        return intOf(call(GETSOCKNAME, errno, fd, address, length, 0, 0, 0), errno);
    }

    /** setsockopt(2). */
    public static int setsockopt(MemorySegment errno, int fd, int level, int name, long value, int length) {
        return intOf(call(SETSOCKOPT, errno, fd, level, name, value, length, 0), errno);
    }

    /** getsockopt(2). */
    public static int getsockopt(MemorySegment errno, int fd, int level, int name, long value, long length) {
        return intOf(call(GETSOCKOPT, errno, fd, level, name, value, length, 0), errno);
    }

    /** close(2). */
    public static int close(MemorySegment errno, int fd) {
        return intOf(call(CLOSE, errno, fd, 0, 0, 0, 0, 0), errno);
    }

    /** listen(2). */
    public static int listen(MemorySegment errno, int fd, int backlog) {
        return intOf(call(LISTEN, errno, fd, backlog, 0, 0, 0, 0), errno);
    }

    /** accept4(2): the new descriptor. */
    public static int accept4(MemorySegment errno, int fd, long address, long length, int flags) {
        return intOf(call(ACCEPT4, errno, fd, address, length, flags, 0, 0), errno);
    }

    /** connect(2). */
    public static int connect(MemorySegment errno, int fd, long address, int length) {
        return intOf(call(CONNECT, errno, fd, address, length, 0, 0, 0), errno);
    }

    /** shutdown(2). */
    public static int shutdown(MemorySegment errno, int fd, int how) {
        return intOf(call(SHUTDOWN, errno, fd, how, 0, 0, 0, 0), errno);
    }

    /** recv(2): the bytes received, 0 at the end. */
    public static long recv(MemorySegment errno, int fd, long buffer, long length, int flags) {
        return longOf(call(RECV, errno, fd, buffer, length, flags, 0, 0), errno);
    }

    /** send(2): the bytes taken. */
    public static long send(MemorySegment errno, int fd, long buffer, long length, int flags) {
        return longOf(call(SEND, errno, fd, buffer, length, flags, 0, 0), errno);
    }

    /** sendmsg(2). */
    public static long sendmsg(MemorySegment errno, int fd, long msghdr, int flags) {
        return longOf(call(SENDMSG, errno, fd, msghdr, flags, 0, 0, 0), errno);
    }

    /** sendmmsg(2): the messages sent. */
    public static int sendmmsg(MemorySegment errno, int fd, long mmsghdrs, int count, int flags) {
        return intOf(call(SENDMMSG, errno, fd, mmsghdrs, count, flags, 0, 0), errno);
    }

    /** recvmmsg(2) without a timeout: the messages received. */
    public static int recvmmsg(MemorySegment errno, int fd, long mmsghdrs, int count, int flags) {
        return intOf(call(RECVMMSG, errno, fd, mmsghdrs, count, flags, 0, 0), errno);
    }

    /** epoll_create1(2). */
    public static int epollCreate(MemorySegment errno, int flags) {
        return intOf(call(EPOLL_CREATE1, errno, flags, 0, 0, 0, 0, 0), errno);
    }

    /** epoll_ctl(2). */
    public static int epollCtl(MemorySegment errno, int epfd, int op, int fd, long event) {
        return intOf(call(EPOLL_CTL, errno, epfd, op, fd, event, 0, 0), errno);
    }

    /** epoll_wait(2); waits {@code millis}, for ever if negative. */
    public static int epollWait(MemorySegment errno, int epfd, long events, int max, int millis) {
        return intOf(call(EPOLL_WAIT, errno, epfd, events, max, millis, 0, 0), errno);
    }

    /** epoll_pwait2(2) with no signal mask; {@code timespec} 0 waits for ever. Linux 5.11 and glibc 2.35. */
    public static int epollPwait2(MemorySegment errno, int epfd, long events, int max, long timespec) {
        return intOf(call(EPOLL_PWAIT2, errno, epfd, events, max, timespec, 0, 0), errno);
    }

    /** eventfd(2). */
    public static int eventfd(MemorySegment errno, int initial, int flags) {
        return intOf(call(EVENTFD, errno, initial, flags, 0, 0, 0, 0), errno);
    }

    /** Adds one to an eventfd, for whoever waits on it. Any number of threads at once. */
    public static void notify(int eventfd) {
        // Nobody reads this errno, so threads may share it: adding to a non-blocking eventfd can only fail on overflow,
        // and then the waiter has been told already.
        call(WRITE, NOTIFY_ERRNO, eventfd, ONE.address(), Long.BYTES, 0, 0, 0);
    }

    /** prctl(2) with one argument. */
    public static int prctl(MemorySegment errno, int option, long argument) {
        return intOf(call(PRCTL, errno, option, argument, 0, 0, 0, 0), errno);
    }

    /** Made when the first thread is pinned, which most programs never do. */
    private static final class Affinity {
        static final MethodHandle SET = handle("sched_setaffinity");
        static final MethodHandle GET = handle("sched_getaffinity");
    }

    /** sched_setaffinity(2) of the calling thread. */
    public static int schedSetaffinity(MemorySegment errno, long bytes, long set) {
        return intOf(call(Affinity.SET, errno, 0, bytes, set, 0, 0, 0), errno);
    }

    /** sched_getaffinity(2) of the calling thread. */
    public static int schedGetaffinity(MemorySegment errno, long bytes, long set) {
        return intOf(call(Affinity.GET, errno, 0, bytes, set, 0, 0, 0), errno);
    }

    /**
     * Anonymous memory that costs nothing until it is touched, page by page, unlike {@link Arena#allocate}, which clears
     * it all. Zeroed. Freed with the arena.
     *
     * @throws OutOfMemoryError the kernel has none
     */
    public static MemorySegment map(MemorySegment errno, long bytes, Arena arena) {
        final int readWrite = 3;
        final int privateAnonymousNoReserve = 0x02 | 0x20 | 0x4000;
        long address = longOf(call(MMAP, errno, 0, bytes, readWrite, privateAnonymousNoReserve, -1, 0), errno);
        if (address < 0) {
            throw new OutOfMemoryError("mmap of " + bytes + " bytes: " + Errno.name((int) -address));
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, Libc::unmap);
    }

    private static void unmap(MemorySegment mapped) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = newErrno(arena);
            int r = intOf(call(MUNMAP, errno, mapped.address(), mapped.byteSize(), 0, 0, 0, 0), errno);
            if (r < 0) {
                throw new IllegalStateException("munmap: " + Errno.name(-r));
            }
        }
    }
}

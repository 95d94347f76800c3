package dev.tokioj.runtime;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.tokioj.runtime.linux.Errno;
import dev.tokioj.runtime.linux.Libc;
import dev.tokioj.runtime.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@link Poller} on epoll and an eventfd, through {@code java.lang.foreign}: timeouts to the nanosecond (in milliseconds,
 * rounded up, before Linux 5.11 or glibc 2.35), and raw descriptors.
 *
 * <p>The kernel keeps 64 bits with each descriptor and hands them back with its events. They hold the index of our slot and
 * its generation, never a pointer: an event for a registration that was closed meanwhile, or whose slot serves another by
 * now, is recognised and dropped.
 */
public final class EpollPoller implements Poller {
    private static final System.Logger LOG = LoopLogger.of(System.getLogger(EpollPoller.class.getName()));

    private static final int EPOLLIN = 0x1;
    private static final int EPOLLOUT = 0x4;
    private static final int EPOLLERR = 0x8;
    private static final int EPOLLHUP = 0x10;
    private static final int EPOLLRDHUP = 0x2000;
    private static final int EPOLLET = 1 << 31;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;
    private static final int PR_SET_TIMERSLACK = 29;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** struct epoll_event is packed on x86-64 alone. */
    private static final boolean PACKED = System.getProperty("os.arch", "").matches("amd64|x86_64");

    private static final int DATA_AT = PACKED ? 4 : 8;
    private static final int EVENT_SIZE = PACKED ? 12 : 16;
    private static final long WAKE_DATA = -1;

    // The wake word. Any thread moves IDLE to RAISED and then writes the eventfd once; the poller's thread moves it
    // back when it has seen the event. CLOSED is final.
    private static final int WAKE_IDLE = 0;
    private static final int WAKE_RAISED = 1;
    private static final int WAKE_CLOSED = 2;
    private static final VarHandle WAKE;

    static {
        try {
            WAKE = MethodHandles.lookup().findVarHandle(EpollPoller.class, "wake", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Arena arena = Arena.ofShared();
    private final MemorySegment errno = Libc.newErrno(arena);
    /** Events collected at once; more come with the next poll. */
    private final int maxEvents;

    private final MemorySegment events;
    private final MemorySegment change = arena.allocate(EVENT_SIZE, 16);
    private final MemorySegment timespec = arena.allocate(16, 8);
    private final int epfd;
    private final int eventfd;

    @SuppressWarnings("unused") // through WAKE
    private volatile int wake;

    /** By index; null where free. */
    private @Nullable Slot[] slots = new Slot[16];

    private int[] freeSlots = new int[16];
    private int freeCount;
    private int slotCount;
    private int nextGeneration = 1;
    private long slackWanted;
    private boolean nanoTimeouts = true;

    /** Whether this process can and may use epoll; the first time it may not, one log line says why. */
    public static boolean isAvailable() {
        return Linux.unavailable().isEmpty();
    }

    /**
     * Opens an epoll instance and an eventfd.
     *
     * @param slackNanos see {@link Poller#open(Kind, long, int)}
     * @param maxEvents see there
     * @throws IOException out of descriptors, or not available here
     */
    public EpollPoller(long slackNanos, int maxEvents) throws IOException {
        checkAvailable(); // before the fields, whose own making calls libc
        super();
        slackWanted = slackNanos;
        this.maxEvents = maxEvents;
        int instance = -1;
        int counter = -1;
        try {
            events = arena.allocate((long) maxEvents * EVENT_SIZE, 16);
            instance = opened("epoll_create1", Libc.epollCreate(errno, CLOEXEC));
            epfd = instance;
            counter = opened("eventfd", Libc.eventfd(errno, 0, CLOEXEC | EFD_NONBLOCK));
            eventfd = counter;
            // Edge-triggered: every write is an event of its own, and nobody needs to read the counter.
            opened("epoll_ctl", control(EPOLL_CTL_ADD, counter, EPOLLIN | EPOLLET, WAKE_DATA));
        } catch (IOException | RuntimeException | Error e) {
            giveBack(counter, instance);
            throw e;
        }
    }

    private static int opened(String what, int result) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": " + Errno.name(-result));
        }
        return result;
    }

    /** Negative: there is none. */
    private void giveBack(int counter, int instance) {
        if (counter >= 0) {
            Libc.close(errno, counter);
        }
        if (instance >= 0) {
            Libc.close(errno, instance);
        }
        arena.close();
    }

    /**
     * As {@link #EpollPoller(long, int)}, collecting {@value Poller#CUSTOMARY_EVENTS} events at once.
     *
     * @param fineTimers see {@link Poller#open(Kind, boolean)}
     * @throws IOException out of descriptors, or not available here
     */
    public EpollPoller(boolean fineTimers) throws IOException {
        this(fineTimers ? 0 : CUSTOMARY_SLACK, CUSTOMARY_EVENTS);
    }

    private static void checkAvailable() throws IOException {
        Optional<String> unavailable = Linux.unavailable();
        if (unavailable.isPresent()) {
            throw new IOException("no epoll: " + unavailable.get());
        }
    }

    /**
     * Registers a descriptor, which stays its owner's to close: after closing the registration.
     *
     * @throws IOException the kernel refuses the descriptor
     */
    public Registration register(int fd, int interest, Handler handler) throws IOException {
        return register(fd, interest, false, handler);
    }

    /**
     * Registers a descriptor by edge: the handler is told once of every change for the better, in both directions, and of
     * {@link Poller#HANGUP} as soon as the peer has sent its end. The interest stays what it is, so no call of the kernel is
     * needed between two waits; but whoever waits must first have been told EAGAIN.
     *
     * @throws IOException the kernel refuses the descriptor
     */
    public Registration registerEdge(int fd, Handler handler) throws IOException {
        return register(fd, READ | WRITE, true, handler);
    }

    private Registration register(int fd, int interest, boolean edge, Handler handler) throws IOException {
        checkOpen();
        int index = freeCount > 0 ? freeSlots[--freeCount] : slotCount++;
        if (index == slots.length) {
            slots = Arrays.copyOf(slots, index * 2);
        }
        Slot slot = new Slot(index, nextGeneration++, fd, interest, edge, handler);
        int r = interest == 0 ? 0 : control(EPOLL_CTL_ADD, fd, slot.mask(), slot.data());
        if (r < 0) {
            free(index);
            throw new IOException("epoll_ctl: " + Errno.name(-r));
        }
        slots[index] = slot;
        return slot;
    }

    private void free(int index) {
        if (freeCount == freeSlots.length) {
            freeSlots = Arrays.copyOf(freeSlots, freeCount * 2);
        }
        freeSlots[freeCount++] = index;
    }

    private int control(int op, int fd, int mask, long data) {
        change.set(JAVA_INT_UNALIGNED, 0, mask);
        change.set(JAVA_LONG_UNALIGNED, DATA_AT, data);
        return Libc.epollCtl(errno, epfd, op, fd, change.address());
    }

    private static int toEpoll(int interest) {
        return ((interest & READ) != 0 ? EPOLLIN : 0) | ((interest & WRITE) != 0 ? EPOLLOUT : 0);
    }

    @Override
    public int poll(long timeoutNanos) throws IOException {
        checkOpen();
        if (slackWanted != CUSTOMARY_SLACK) {
            // To the kernel 0 means the customary slack, and 1 ns the least.
            int r = Libc.prctl(errno, PR_SET_TIMERSLACK, Math.max(slackWanted, 1));
            slackWanted = CUSTOMARY_SLACK;
            if (r < 0) {
                LOG.log(System.Logger.Level.INFO, "timers keep the kernel''s slack: {0}", Errno.name(-r));
            }
        }
        int n = await(timeoutNanos);
        if (n < 0) {
            if (n == -Errno.EINTR) {
                return 0;
            }
            throw new IOException("epoll_wait: " + Errno.name(-n));
        }
        int called = 0;
        for (int i = 0; i < n; i++) {
            long at = (long) i * EVENT_SIZE;
            long data = events.get(JAVA_LONG_UNALIGNED, at + DATA_AT);
            if (data == WAKE_DATA) {
                WAKE.compareAndSet(this, WAKE_RAISED, WAKE_IDLE);
            } else if (dispatch(data, events.get(JAVA_INT_UNALIGNED, at))) {
                called++;
            }
        }
        return called;
    }

    private int await(long timeoutNanos) {
        if (timeoutNanos <= 0) {
            return Libc.epollWait(errno, epfd, events.address(), maxEvents, 0);
        }
        if (nanoTimeouts) {
            long spec = 0;
            if (timeoutNanos != FOREVER) {
                timespec.set(JAVA_LONG, 0, timeoutNanos / NANOS_PER_SECOND);
                timespec.set(JAVA_LONG, 8, timeoutNanos % NANOS_PER_SECOND);
                spec = timespec.address();
            }
            int n = Libc.epollPwait2(errno, epfd, events.address(), maxEvents, spec);
            if (n != -Errno.ENOSYS) {
                return n;
            }
            nanoTimeouts = false;
        }
        // Rounded up: a timer may be late, never early.
        long millis =
                timeoutNanos == FOREVER ? -1 : Math.min(Integer.MAX_VALUE, (timeoutNanos - 1) / NANOS_PER_MILLI + 1);
        return Libc.epollWait(errno, epfd, events.address(), maxEvents, (int) millis);
    }

    private boolean dispatch(long data, int mask) {
        Slot slot = slots[(int) data];
        if (slot == null || slot.generation != (int) (data >>> 32)) {
            return false;
        }
        int ready = ((mask & EPOLLIN) != 0 ? READ : 0) | ((mask & EPOLLOUT) != 0 ? WRITE : 0);
        if ((mask & (EPOLLERR | EPOLLHUP)) != 0) {
            ready |= READ | slot.interest;
        }
        if (slot.edge && (mask & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) {
            ready |= HANGUP;
        }
        try {
            slot.handler.onReady(ready);
        } catch (Throwable e) {
            // Errors too: what is left of the batch may not be told again, a wake-up among it.
            LoopLog.handlerFailed(e);
        }
        return true;
    }

    @Override
    public void wakeup() {
        if (WAKE.compareAndSet(this, WAKE_IDLE, WAKE_RAISED)) {
            // close() waits for this write to arrive before it closes the descriptor.
            Libc.notify(eventfd);
        }
    }

    private void checkOpen() throws IOException {
        if ((int) WAKE.getOpaque(this) == WAKE_CLOSED) {
            throw new IOException("the poller is closed");
        }
    }

    @Override
    public void close() {
        int before = (int) WAKE.getAndSet(this, WAKE_CLOSED);
        if (before == WAKE_CLOSED) {
            return;
        }
        for (int i = 0; i < slotCount; i++) {
            Slot slot = slots[i];
            if (slot != null) {
                slot.close();
            }
        }
        while (before == WAKE_RAISED) {
            // Another thread is between its claim and its write: only the eventfd is left, so this is that write.
            int n = await(FOREVER);
            if (n == 1) {
                break;
            }
            if (n < 0 && n != -Errno.EINTR) {
                throw new IllegalStateException("epoll_wait: " + Errno.name(-n));
            }
        }
        giveBack(eventfd, epfd);
    }

    private final class Slot implements Registration {
        private final int index;
        private final int generation;
        private final int fd;
        private final boolean edge;
        private final Handler handler;
        private int interest;

        Slot(int index, int generation, int fd, int interest, boolean edge, Handler handler) {
            this.index = index;
            this.generation = generation;
            this.fd = fd;
            this.interest = interest;
            this.edge = edge;
            this.handler = handler;
        }

        int mask() {
            return toEpoll(interest) | (edge ? EPOLLET | EPOLLRDHUP : 0);
        }

        long data() {
            return (long) generation << 32 | index;
        }

        private boolean isOpen() {
            return slots[index] == this;
        }

        @Override
        public void interest(int ops) {
            if (!isOpen() || ops == interest) {
                return;
            }
            // Without an interest the descriptor leaves the set: the kernel would go on telling of its errors, every
            // poll.
            int op = ops == 0 ? EPOLL_CTL_DEL : interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
            interest = ops;
            int r = control(op, fd, mask(), data());
            if (r < 0) {
                throw new IllegalStateException(
                        "epoll_ctl: " + Errno.name(-r) + ": the descriptor was closed before its registration");
            }
        }

        @Override
        public int interest() {
            return interest;
        }

        @Override
        public void close() {
            if (!isOpen()) {
                return;
            }
            slots[index] = null;
            free(index);
            // A descriptor that was closed first has left the epoll set by itself: EBADF says so and is fine.
            control(EPOLL_CTL_DEL, fd, 0, 0);
        }
    }
}

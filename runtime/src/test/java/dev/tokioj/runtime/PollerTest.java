package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class PollerTest {
    private static final long MILLI = 1_000_000;

    static List<Poller.Kind> kinds() {
        return EpollPoller.isAvailable() ? List.of(Poller.Kind.NIO, Poller.Kind.EPOLL) : List.of(Poller.Kind.NIO);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aTimeoutIsNeverEarly(Poller.Kind kind) throws Exception {
        try (Poller poller = Poller.open(kind, true)) {
            assertEquals(kind.name().toLowerCase(java.util.Locale.ROOT), poller.describe());
            for (long timeout : new long[] {1, 50_000, 300_000, 3 * MILLI}) {
                long start = System.nanoTime();
                assertEquals(0, poller.poll(timeout));
                long took = System.nanoTime() - start;
                assertTrue(took >= timeout, timeout + " took " + took);
            }
            assertEquals(0, poller.poll(0));
            assertEquals(0, poller.poll(-5));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aWakeUpEndsTheWaitAndOneBeforeItIsNotLost(Poller.Kind kind) throws Exception {
        try (Poller poller = Poller.open(kind, false)) {
            poller.wakeup();
            poller.wakeup();
            poller.poll(Poller.FOREVER);
            long start = System.nanoTime();
            poller.poll(2 * MILLI);
            assertTrue(System.nanoTime() - start >= 2 * MILLI, "both calls were one wake-up");
            Thread waker = Thread.ofPlatform().start(poller::wakeup);
            poller.poll(Poller.FOREVER);
            waker.join();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void noWakeUpOfManyIsLost(Poller.Kind kind) throws Exception {
        int threads = 3;
        int each = 3000;
        AtomicInteger published = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(threads);
        try (Poller poller = Poller.open(kind, false)) {
            for (int t = 0; t < threads; t++) {
                Thread.ofPlatform().daemon().start(() -> {
                    for (int i = 0; i < each; i++) {
                        published.incrementAndGet();
                        poller.wakeup();
                    }
                    done.countDown();
                });
            }
            // A poll that waits for ever returns for every publication that it has not seen before waiting.
            int seen = 0;
            while (seen < threads * each) {
                poller.poll(Poller.FOREVER);
                seen = published.get();
            }
            done.await();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void closingMeetsWakeUpsInFlight(Poller.Kind kind) throws Exception {
        for (int round = 0; round < 200; round++) {
            Poller poller = Poller.open(kind, false);
            CountDownLatch started = new CountDownLatch(1);
            Thread waker = Thread.ofPlatform().start(() -> {
                started.countDown();
                for (int i = 0; i < 20; i++) {
                    poller.wakeup();
                }
            });
            started.await();
            poller.poll(0);
            poller.close();
            poller.close();
            poller.wakeup();
            assertThrows(IOException.class, () -> poller.poll(0));
            waker.join();
        }
    }

    @Test
    void aPipeIsReadWithNio() throws Exception {
        try (NioPoller poller = new NioPoller()) {
            Pipe pipe = Pipe.open();
            pipe.source().configureBlocking(false);
            pipe.sink().configureBlocking(false);
            List<Integer> ready = new ArrayList<>();
            Poller.Registration source = poller.register(pipe.source(), Poller.READ, ready::add);
            Poller.Registration sink = poller.register(pipe.sink(), Poller.WRITE, r -> {
                throw new IllegalStateException("a handler that fails");
            });
            assertEquals(1, poller.poll(0), "the failure is logged, and the poll goes on");
            sink.interest(0);
            assertEquals(0, sink.interest());
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            poller.poll(Poller.FOREVER);
            assertEquals(List.of(Poller.READ), ready);
            source.close();
            source.close();
            assertEquals(0, poller.poll(MILLI));
            pipe.source().close();
            pipe.sink().close();
            sink.interest(Poller.WRITE);
        }
    }

    /** Descriptors whose readiness the test controls. */
    private static final class Counters implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final MemorySegment errno = Libc.newErrno(arena);
        final List<Integer> fds = new ArrayList<>();

        int open() {
            int fd = Libc.eventfd(errno, 0, 0x800);
            assertTrue(fd >= 0);
            fds.add(fd);
            return fd;
        }

        @Override
        public void close() {
            fds.forEach(fd -> Libc.close(errno, fd));
            arena.close();
        }
    }

    @Test
    void aDescriptorIsAnsweredByLevelAndInterest() throws Exception {
        assumeTrue(EpollPoller.isAvailable());
        try (EpollPoller poller = new EpollPoller(false);
                Counters counters = new Counters()) {
            int fd = counters.open();
            List<Integer> ready = new ArrayList<>();
            Poller.Registration r = poller.register(fd, Poller.READ, ready::add);
            assertEquals(0, poller.poll(0));
            Libc.notify(fd);
            assertEquals(1, poller.poll(Poller.FOREVER));
            assertEquals(1, poller.poll(0), "by level");
            r.interest(Poller.READ | Poller.WRITE);
            poller.poll(0);
            r.interest(0);
            assertEquals(0, poller.poll(0));
            assertEquals(List.of(Poller.READ, Poller.READ, Poller.READ | Poller.WRITE), ready);
            r.close();
            r.close();
            r.interest(Poller.READ);
            assertEquals(0, poller.poll(0));
        }
    }

    @Test
    void aFailingHandlerDoesNotStopItsNeighbours() throws Exception {
        assumeTrue(EpollPoller.isAvailable());
        try (EpollPoller poller = new EpollPoller(false);
                Counters counters = new Counters()) {
            AtomicInteger calls = new AtomicInteger();
            for (int i = 0; i < 4; i++) {
                int fd = counters.open();
                Libc.notify(fd);
                poller.register(fd, Poller.READ, r -> {
                    calls.incrementAndGet();
                    throw new IllegalStateException("a handler that fails");
                });
            }
            assertEquals(4, poller.poll(0));
            assertEquals(4, calls.get());
        }
    }

    /** What is left of its batch is told by edge, and told once: a wake-up that is lost there keeps the loop asleep for ever. */
    @ParameterizedTest
    @MethodSource("kinds")
    void anErrorOfAHandlerIsNoBetterThanItsExceptions(Poller.Kind kind) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Poller.Handler failing = r -> {
            calls.incrementAndGet();
            throw new LinkageError("a handler that fails");
        };
        Pipe[] pipes = {Pipe.open(), Pipe.open(), Pipe.open()};
        try (Poller poller = Poller.open(kind, false);
                Counters counters = new Counters()) {
            for (Pipe pipe : pipes) {
                pipe.sink().configureBlocking(false);
                if (poller instanceof NioPoller nio) {
                    nio.register(pipe.sink(), Poller.WRITE, failing);
                } else if (poller instanceof EpollPoller epoll) {
                    epoll.register(counters.open(), Poller.WRITE, failing);
                }
            }
            assertEquals(3, poller.poll(0));
            assertEquals(3, calls.get());
        } finally {
            for (Pipe pipe : pipes) {
                pipe.source().close();
                pipe.sink().close();
            }
        }
    }

    @Test
    void aSlotReusedInsideABatchDoesNotGetTheOldEvent() throws Exception {
        assumeTrue(EpollPoller.isAvailable());
        try (EpollPoller poller = new EpollPoller(false);
                Counters counters = new Counters()) {
            Poller.Registration[] old = new Poller.Registration[2];
            int[] calls = new int[3];
            int quiet = counters.open();
            for (int i = 0; i < 2; i++) {
                int me = i;
                int fd = counters.open();
                Libc.notify(fd);
                old[i] = poller.register(fd, Poller.READ, r -> {
                    calls[me]++;
                    old[1 - me].close();
                    register(poller, quiet, () -> calls[2]++);
                });
            }
            assertEquals(1, poller.poll(0));
            assertEquals(1, calls[0] + calls[1], "the other was closed within the batch");
            assertEquals(0, calls[2], "the newcomer in its slot is not ready");
        }
    }

    private static void register(EpollPoller poller, int fd, Runnable handler) {
        try {
            poller.register(fd, Poller.READ, r -> handler.run());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void registrationsComeAndGoAtRandom() throws Exception {
        assumeTrue(EpollPoller.isAvailable());
        long seed = Long.getLong("tokioj.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        try (EpollPoller poller = new EpollPoller(false);
                Counters counters = new Counters()) {
            int n = 60;
            int[] fds = new int[n];
            Poller.Registration[] open = new Poller.Registration[n];
            boolean[] ready = new boolean[n];
            int[] called = new int[n];
            for (int i = 0; i < n; i++) {
                fds[i] = counters.open();
            }
            for (int step = 0; step < 3000; step++) {
                int i = random.nextInt(n);
                if (open[i] == null) {
                    open[i] = poller.register(fds[i], Poller.READ, r -> called[i]++);
                } else if (random.nextBoolean()) {
                    open[i].close();
                    open[i] = null;
                } else {
                    Libc.notify(fds[i]);
                    ready[i] = true;
                }
                if (step % 7 == 0) {
                    java.util.Arrays.fill(called, 0);
                    poller.poll(0);
                    for (int k = 0; k < n; k++) {
                        assertEquals(
                                open[k] != null && ready[k] ? 1 : 0, called[k], "descriptor " + k + ", seed " + seed);
                    }
                }
            }
        }
    }

    @Test
    void aDescriptorThatCannotBePolledIsRefused() throws Exception {
        assumeTrue(EpollPoller.isAvailable());
        try (EpollPoller poller = new EpollPoller(false)) {
            assertThrows(IOException.class, () -> poller.register(-1, Poller.READ, r -> {}));
            assertFalse(poller.describe().isEmpty());
        }
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.linux.Libc;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The settings of how a loop waits and what it waits with: where tasks run has no part in them. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#onePerPoller")
@Timeout(30)
class PollSettingsTest {
    private final Combination combination;

    PollSettingsTest(Combination combination) {
        this.combination = combination;
    }

    @Test
    void poller() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Poller poller = runtime.loops().get(0).poller();
            switch (runtime.config().poller()) {
                case NIO -> assertInstanceOf(NioPoller.class, poller);
                case EPOLL -> assertInstanceOf(EpollPoller.class, poller);
                case AUTO -> throw new AssertionError("not one of the combinations");
            }
        }
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().poller(Poller.Kind.AUTO).build())) {
            assertEquals(EpollPoller.isAvailable(), runtime.loops().get(0).poller() instanceof EpollPoller);
        }
    }

    @Test
    void timerSlack() throws Exception {
        Path slack = Path.of("/proc/thread-self/timerslack_ns");
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL && Files.isReadable(slack));
        for (long nanos : List.of(0L, 70_000L)) {
            try (AsyncRuntime runtime = AsyncRuntime.start(
                    combination.config().timerSlack(Duration.ofNanos(nanos)).build())) {
                CompletableFuture<String> seen = new CompletableFuture<>();
                // The second callback: the poller sets it in its first poll.
                EventLoop loop = runtime.loops().get(0);
                loop.execute(() -> loop.execute(() -> {
                    try {
                        seen.complete(Files.readString(slack).trim());
                    } catch (java.io.IOException e) {
                        seen.completeExceptionally(e);
                    }
                }));
                assertEquals(Math.max(nanos, 1) + "", seen.get(20, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void pollTimeoutCapsAWaitOnlyWhileWorkWasRecent() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(
                combination.config().loops(1).pollTimeout(Duration.ofMillis(1)).build())) {
            EventLoop loop = runtime.loops().get(0);
            LoopThreadName.of(loop);
            assertTrue(nanosOfWaits(loop, 7) >= 100_000_000, "1 + 2 + 4 + ... + 64 ms, not 7");
            // Work makes it watchful again: 1 + 2 + 4 ms. Without that each of these waits would take 128 ms or more.
            long seen;
            do {
                LoopThreadName.of(loop);
                seen = nanosOfWaits(loop, 3);
            } while (seen > 3 * 128_000_000);
        }
    }

    /** How long so many waits of the idle loop take, at least: the first may have begun already. */
    private static long nanosOfWaits(EventLoop loop, int waits) {
        long start = System.nanoTime();
        long before = loop.sleeps();
        while (loop.sleeps() < before + waits + 1) {
            Thread.onSpinWait();
        }
        return System.nanoTime() - start;
    }

    @Test
    void aLongPollTimeoutIsKept() throws Exception {
        try (AsyncRuntime calm = AsyncRuntime.start(
                        combination.config().pollTimeout(Duration.ofHours(1)).build());
                AsyncRuntime restless = AsyncRuntime.start(
                        combination.config().pollTimeout(Duration.ofMillis(100)).build())) {
            EventLoop idle = calm.loops().get(1);
            while (idle.sleeps() == 0) {
                Thread.onSpinWait();
            }
            long before = idle.turns();
            // 100 + 200 + 400 ms, more than an idle loop sleeps by itself.
            long start = restless.loops().get(0).turns();
            while (restless.loops().get(0).turns() < start + 3) {
                Thread.onSpinWait();
            }
            assertEquals(before, idle.turns());
        }
    }

    @Test
    void maxEventsPerPoll() throws Exception {
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL, "the JDK's selector decides by itself");
        for (int most : List.of(2, 8)) {
            try (AsyncRuntime runtime = AsyncRuntime.start(
                    combination.config().loops(1).maxEventsPerPoll(most).build())) {
                assertEquals(
                        Math.min(most, 6), mostHandlersInATurn(runtime.loops().get(0), 6));
            }
        }
    }

    /** Makes so many descriptors ready at once and counts how many of their handlers ran in one turn. */
    private static int mostHandlersInATurn(EventLoop loop, int descriptors) throws Exception {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        loop.execute(() -> {
            EpollPoller poller = (EpollPoller) loop.poller();
            List<Poller.Registration> registrations = new ArrayList<>();
            try (Arena arena = Arena.ofConfined()) {
                long[] turn = {0, 0, 0}; // the turn, its handlers, the most
                for (int i = 0; i < descriptors; i++) {
                    int fd = Libc.eventfd(Libc.newErrno(arena), 1, 0x800);
                    int[] left = {3};
                    Poller.Registration[] self = new Poller.Registration[1];
                    self[0] = poller.register(fd, Poller.READ, ready -> {
                        turn[1] = turn[0] == loop.turns() ? turn[1] + 1 : 1;
                        turn[0] = loop.turns();
                        turn[2] = Math.max(turn[2], turn[1]);
                        if (--left[0] == 0) {
                            self[0].close();
                            try (Arena here = Arena.ofConfined()) {
                                Libc.close(Libc.newErrno(here), fd);
                            }
                            registrations.remove(self[0]);
                            if (registrations.isEmpty()) {
                                result.complete((int) turn[2]);
                            }
                        }
                    });
                    registrations.add(self[0]);
                }
            } catch (java.io.IOException e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(20, TimeUnit.SECONDS);
    }

    @Test
    void spinBeforeSleep() throws Exception {
        try (AsyncRuntime eager = AsyncRuntime.start(combination
                        .config()
                        .loops(1)
                        .spinBeforeSleep(Duration.ofMinutes(1))
                        .build());
                AsyncRuntime sleepy =
                        AsyncRuntime.start(combination.config().loops(1).build())) {
            for (int i = 0; i < 20; i++) {
                LoopThreadName.of(eager.loops().get(0));
            }
            assertEquals(0, eager.loops().get(0).sleeps());
            while (sleepy.loops().get(0).sleeps() == 0) {
                Thread.onSpinWait();
            }
        }
        try (AsyncRuntime brief = AsyncRuntime.start(combination
                .config()
                .loops(1)
                .spinBeforeSleep(Duration.ofNanos(50_000))
                .build())) {
            while (brief.loops().get(0).sleeps() == 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void enableIo() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().loops(1).enableIo(false).build())) {
            EventLoop loop = runtime.loops().get(0);
            DisabledException refused = assertThrows(DisabledException.class, loop::poller);
            assertEquals("enableIo", refused.setting());
            // Everything else works: mail, tasks, timers; the loop sleeps and is woken.
            for (int i = 0; i < 100; i++) {
                LoopThreadName.of(loop);
                assertEquals(i, runtime.spawn(() -> 0).join() + i);
            }
            long start = System.nanoTime();
            runtime.spawn(() -> TokioJ.sleep(Duration.ofMillis(20))).join();
            assertTrue(System.nanoTime() - start >= 20_000_000);
            long sleeps = loop.sleeps();
            while (loop.sleeps() < sleeps + 2) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void withoutIoNoDescriptorIsOpened() throws Exception {
        Path fds = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(fds));
        AsyncRuntime.start(combination.config().enableIo(false).build()).close();
        for (boolean io : List.of(false, true)) {
            long before = descriptors(fds);
            try (AsyncRuntime runtime = AsyncRuntime.start(
                    combination.config().loops(8).enableIo(io).build())) {
                long more = descriptors(fds) - before;
                assertTrue(io ? more >= 16 : more < 8, more + " descriptors more for " + runtime);
            }
        }
    }

    private static long descriptors(Path fds) throws java.io.IOException {
        try (var each = Files.list(fds)) {
            return each.count();
        }
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.net.RecvBatch;
import dev.tokioj.runtime.net.UdpHandler;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.runtime.net.UdpSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class RuntimeStatsTest {
    private final Combination combination;

    RuntimeStatsTest(Combination combination) {
        this.combination = combination;
    }

    private static void await(BooleanSupplier event) {
        while (!event.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void countsTasksAndHowTheyEnded() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            assertEquals(0, runtime.stats().tasksSpawned());
            CountDownLatch never = new CountDownLatch(1);
            List<Task<?>> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(runtime.spawn(() -> never.await()));
                runtime.spawn(() -> 1).join();
            }
            for (int i = 0; i < 2; i++) {
                Task<?> failing = runtime.spawn(() -> {
                    throw new IllegalStateException("meant to fail");
                });
                assertThrows(IllegalStateException.class, failing::join);
            }
            runtime.spawnBlocking(() -> 1).join();
            await(() -> runtime.liveTasks() == 3);
            assertEquals(9, runtime.stats().tasksSpawned());
            assertEquals(3, runtime.stats().activeTasks());
            assertEquals(6, runtime.stats().tasksCompleted());
            waiting.forEach(Task::cancel);
            await(() -> runtime.liveTasks() == 0);
            RuntimeStats stats = runtime.stats();
            assertEquals(9, stats.tasksCompleted());
            assertEquals(2, stats.tasksFailed());
            assertEquals(3, stats.tasksCancelled());
            assertEquals(combination.onLoop() ? 8 : 0, stats.total().tasksCompleted());
            await(() -> !combination.onLoop() || runtime.stats().tasksProcessed() >= 8 + 3);
        }
    }

    @Test
    void countsTheSixOfTokioZ() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            EventLoop loop = runtime.loops().get(0);
            CompletableFuture<Void> fired = new CompletableFuture<>();
            for (int i = 0; i < 5; i++) {
                loop.execute(() -> loop.newTimer(() -> fired.complete(null)).arm(loop.now() + 1_000_000));
            }
            fired.get(20, TimeUnit.SECONDS);
            await(() -> loop.stats().timerEventsProcessed() == 5);
            await(() -> loop.stats().callbacks() >= 5 && loop.stats().timersArmed() == 0);
            EventLoopStats stats = loop.stats();
            assertEquals(5, stats.lateness().timers());
            assertTrue(stats.lateness().max().toNanos() > 0);
            assertTrue(stats.totalTicks() > 0 && stats.totalTicks() <= loop.turns());
            assertTrue(stats.sleeps() > 0);
            assertTrue(stats.totalRuntime().toNanos() >= 1_000_000);
            assertTrue(stats.averageTickTime().toNanos() > 0);
            assertTrue(stats.busy().compareTo(stats.totalRuntime()) < 0, stats::toString);
            assertTrue(stats.load() > 0 && stats.load() < 1);
            RuntimeStats all = runtime.stats();
            assertEquals(2, all.loops().size());
            assertEquals(5, all.timerEventsProcessed());
            assertEquals(all.totalTicks(), all.total().totalTicks());
            assertTrue(all.totalRuntime().compareTo(all.total().totalRuntime()) < 0);
        }
    }

    @Test
    void countsIoHandlersAndThoseThatThrow() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build());
                DatagramSocket sender = new DatagramSocket()) {
            EventLoop loop = runtime.loops().get(0);
            AtomicInteger received = new AtomicInteger();
            RecvBatch batch = new RecvBatch(8);
            UdpHandler handler = new UdpHandler() {
                @Override
                public void onReadable(UdpSocket socket) {
                    try {
                        received.addAndGet(socket.receive(batch));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    throw new IllegalStateException("meant to fail");
                }

                @Override
                public void onWritable(UdpSocket socket) {}
            };
            CompletableFuture<InetSocketAddress> opened = new CompletableFuture<>();
            loop.execute(() -> {
                try {
                    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                    opened.complete(
                            UdpSocket.open(loop, UdpOptions.builder().bind(any).build(), handler)
                                    .localAddress());
                } catch (IOException e) {
                    opened.completeExceptionally(e);
                }
            });
            InetSocketAddress to = opened.get(20, TimeUnit.SECONDS);
            for (int i = 1; i <= 3; i++) {
                int expected = i;
                sender.send(new DatagramPacket(new byte[1], 1, to));
                await(() -> received.get() == expected);
            }
            await(() -> loop.stats().ioEventsProcessed() >= 3);
            EventLoopStats stats = loop.stats();
            assertEquals(stats.ioEventsProcessed(), stats.unhandled());
        }
    }

    @Test
    void showsWhatWaits() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(
                combination.config().loops(1).maxTasksPerTick(1).build())) {
            EventLoop loop = runtime.loops().get(0);
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch second = new CountDownLatch(1);
            CountDownLatch releaseSecond = new CountDownLatch(1);
            loop.execute(() -> {
                held.countDown();
                awaitQuietly(release);
            });
            held.await();
            for (int i = 0; i < 7; i++) {
                loop.execute(() -> {});
            }
            assertEquals(7, loop.stats().mailbox());
            loop.execute(() -> {
                if (combination.onLoop()) {
                    // From the loop: straight into the ready queue.
                    runtime.spawn(SpawnOptions.DEFAULT.priority(Priority.URGENT), () -> 1);
                    runtime.spawn(() -> 1);
                    runtime.spawn(() -> 1);
                    runtime.spawn(SpawnOptions.DEFAULT.priority(Priority.BACKGROUND), () -> 1);
                }
                loop.execute(() -> {
                    second.countDown();
                    awaitQuietly(releaseSecond);
                });
            });
            release.countDown();
            second.await();
            EventLoopStats stats = loop.stats();
            if (combination.onLoop()) {
                // At most one run fits into a turn, and it can only have been the urgent one.
                assertTrue(stats.urgentReady() <= 1);
                assertEquals(2, stats.normalReady());
                assertEquals(1, stats.backgroundReady());
            }
            releaseSecond.countDown();
            await(() -> runtime.liveTasks() == 0 && loop.stats().mailbox() == 0);
            await(() -> loop.stats().normalReady() + loop.stats().backgroundReady() == 0);
        }
    }

    @Test
    void countsCallbacksThatThrow() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            EventLoop loop = runtime.loops().get(1);
            CompletableFuture<Void> after = new CompletableFuture<>();
            loop.execute(() -> {
                throw new IllegalStateException("meant to fail");
            });
            loop.execute(() -> after.complete(null));
            after.get(20, TimeUnit.SECONDS);
            assertEquals(1, loop.stats().unhandled());
            assertEquals(1, runtime.stats().total().unhandled());
        }
    }

    @Test
    void countsStallsOfTheLoopThatStalls() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(
                combination.config().stallThreshold(Duration.ofMillis(200)).build())) {
            EventLoop loop = runtime.loops().get(1);
            loop.execute(() -> await(() -> loop.stats().stalls() > 0));
            await(() -> loop.stats().stalls() > 0);
            assertEquals(1, loop.stats().stalls());
            assertEquals(0, runtime.loops().get(0).stats().stalls());
        }
    }

    @Test
    void latenessIsOfTheRuntimesClock() throws Exception {
        PausedClock clock = Clock.paused();
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().clock(clock).build())) {
            EventLoop loop = runtime.loops().get(0);
            CompletableFuture<Void> armed = new CompletableFuture<>();
            loop.execute(() -> {
                loop.newTimer(() -> {}).arm(loop.now() + 100 * TimerWheel.TICK);
                armed.complete(null);
            });
            armed.get(20, TimeUnit.SECONDS);
            clock.advance(Duration.ofNanos(110 * TimerWheel.TICK));
            await(() -> loop.stats().timerEventsProcessed() == 1);
            assertEquals(
                    Duration.ofNanos(10 * TimerWheel.TICK),
                    loop.stats().lateness().max());
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

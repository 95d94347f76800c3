package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a runtime is doing, closing it ends in time and leaves no thread, timer or descriptor of it behind. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class ShutdownTest {
    private static final Duration DRAIN = Duration.ofMillis(50);
    /** For what ends when it is told to: nobody waits that long, whatever else the machine does. */
    private static final Duration PATIENT = Duration.ofSeconds(20);
    /** For what does not: it is waited for twice, and in vain. */
    private static final Duration BRIEF = Duration.ofMillis(100);
    /** For a machine that does other things too. */
    private static final long SLACK_NANOS = 12_000_000_000L;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Combination combination;
    private final String name = "shutdown" + NUMBER.incrementAndGet();
    private final AtomicBoolean release = new AtomicBoolean();

    ShutdownTest(Combination combination) {
        this.combination = combination;
    }

    private RuntimeConfig.Builder config(Duration cancelTimeout) {
        return combination
                .config()
                .name(name)
                .drainTimeout(DRAIN)
                .cancelTimeout(cancelTimeout)
                .stallThreshold(Duration.ZERO);
    }

    private AsyncRuntime start() throws IOException {
        return AsyncRuntime.start(config(PATIENT).build());
    }

    private List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(each -> each.startsWith(name + "-"))
                .toList();
    }

    private void closesInTime(AsyncRuntime runtime) {
        Duration cancel = runtime.config().cancelTimeout();
        long most = DRAIN.toNanos() + SLACK_NANOS + (cancel.equals(BRIEF) ? 2 * BRIEF.toNanos() : 0);
        long start = System.nanoTime();
        runtime.close();
        long took = System.nanoTime() - start;
        assertTrue(took <= most, "close took " + took / 1_000_000 + " ms");
        // Again is nothing.
        runtime.close();
        assertThrows(java.util.concurrent.RejectedExecutionException.class, () -> runtime.spawn(() -> {}));
    }

    private void leavesNoThread() {
        if (release.get()) {
            // Threads that were let go after the end take a moment; those of a clean end have been joined.
            awaitThreads(List.of());
        }
        assertEquals(List.of(), threads());
    }

    private void awaitThreads(List<String> left) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!threads().equals(left) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertEquals(left, threads());
    }

    private void endsClean(AsyncRuntime runtime) {
        closesInTime(runtime);
        assertEquals(0, runtime.liveTasks());
        leavesNoThread();
    }

    @Test
    void idle() throws Exception {
        AsyncRuntime runtime = start();
        for (EventLoop loop : runtime.loops()) {
            while (loop.sleeps() == 0) {
                Thread.onSpinWait();
            }
        }
        assertTrue(threads().size() >= 3, threads() + "");
        endsClean(runtime);
    }

    @Test
    void justStarted() throws Exception {
        for (int i = 0; i < 20; i++) {
            endsClean(start());
        }
    }

    @Test
    void busyWithTasksAndMail() throws Exception {
        AsyncRuntime runtime = start();
        for (int i = 0; i < 50; i++) {
            runtime.spawn(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    TokioJ.yieldNow();
                }
            });
        }
        Runnable[] again = new Runnable[1];
        EventLoop loop = runtime.loops().get(0);
        again[0] = () -> {
            if (!release.get()) {
                loop.execute(again[0]);
            }
        };
        loop.execute(again[0]);
        while (loop.turns() < 100) {
            Thread.onSpinWait();
        }
        closesInTime(runtime);
        assertEquals(0, runtime.liveTasks());
        release.set(true);
        leavesNoThread();
    }

    @Test
    void thousandsOfParkedTasksAndTheirTimers() throws Exception {
        AsyncRuntime runtime = start();
        CountDownLatch entered = new CountDownLatch(6_000);
        List<Task<?>> tasks = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            tasks.add(runtime.spawn(() -> {
                entered.countDown();
                new CountDownLatch(1).await();
            }));
            tasks.add(runtime.spawn(() -> {
                entered.countDown();
                TokioJ.sleep(Duration.ofDays(1));
            }));
        }
        entered.await();
        endsClean(runtime);
        for (Task<?> task : tasks) {
            assertEquals(TaskState.CANCELLED, task.state());
        }
    }

    @Test
    void timersArmed() throws Exception {
        AsyncRuntime runtime = start();
        EventLoop loop = runtime.loops().get(0);
        AtomicInteger fired = new AtomicInteger();
        CountDownLatch armed = new CountDownLatch(1);
        loop.execute(() -> {
            for (int i = 0; i < 10_000; i++) {
                loop.newTimer(fired::incrementAndGet).arm(loop.now() + 3_600_000_000_000L);
            }
            armed.countDown();
        });
        armed.await();
        endsClean(runtime);
        assertEquals(0, fired.get());
    }

    @Test
    void pooledTasksRunningAndWaiting() throws Exception {
        AsyncRuntime runtime = AsyncRuntime.start(
                config(PATIENT).blockingThreads(2).computeThreads(2).build());
        CountDownLatch entered = new CountDownLatch(4);
        List<Task<?>> tasks = new ArrayList<>();
        ThrowingRunnable body = () -> {
            entered.countDown();
            new CountDownLatch(1).await();
        };
        for (int i = 0; i < 10; i++) {
            tasks.add(runtime.spawnBlocking(body));
            tasks.add(runtime.spawnCompute(body));
        }
        entered.await();
        endsClean(runtime);
        for (Task<?> task : tasks) {
            assertEquals(TaskState.CANCELLED, task.state());
        }
    }

    @Test
    void tasksThatIgnoreTheirInterrupts() throws Exception {
        AsyncRuntime runtime = AsyncRuntime.start(config(BRIEF).build());
        CountDownLatch entered = new CountDownLatch(3);
        List<Thread> selves = java.util.Collections.synchronizedList(new ArrayList<>());
        ThrowingRunnable stubborn = () -> {
            selves.add(Thread.currentThread());
            entered.countDown();
            while (!release.get()) {
                Thread.interrupted();
                LockSupport.park();
            }
        };
        runtime.spawn("stubborn", stubborn);
        runtime.spawnBlocking(stubborn);
        runtime.spawnCompute(stubborn);
        entered.await();
        closesInTime(runtime);
        assertEquals(3, runtime.liveTasks());
        release.set(true);
        selves.forEach(LockSupport::unpark);
        leavesNoThread();
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (runtime.liveTasks() > 0) {
            assertTrue(System.nanoTime() < deadline, runtime.liveTasks() + " tasks live");
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void whoWaitsForAPooledTaskThatNeverBeganIsTold() throws Exception {
        AsyncRuntime runtime =
                AsyncRuntime.start(config(BRIEF).blockingThreads(1).build());
        CountDownLatch entered = new CountDownLatch(1);
        List<Thread> selves = java.util.Collections.synchronizedList(new ArrayList<>());
        runtime.spawnBlocking(() -> {
            selves.add(Thread.currentThread());
            entered.countDown();
            while (!release.get()) {
                Thread.interrupted();
                LockSupport.park();
            }
        });
        entered.await();
        Task<Integer> waits = runtime.spawnBlocking(() -> 1);
        closesInTime(runtime);
        assertThrows(java.util.concurrent.CancellationException.class, () -> waits.join(Duration.ofSeconds(20)));
        release.set(true);
        selves.forEach(LockSupport::unpark);
        leavesNoThread();
    }

    @Test
    void aLoopThatIsHeld() throws Exception {
        AsyncRuntime runtime = AsyncRuntime.start(config(BRIEF).build());
        CountDownLatch entered = new CountDownLatch(1);
        runtime.loops().get(0).execute(() -> {
            entered.countDown();
            while (!release.get()) {
                Thread.onSpinWait();
            }
        });
        entered.await();
        closesInTime(runtime);
        awaitThreads(List.of(name + "-loop-0"));
        release.set(true);
        leavesNoThread();
    }

    @Test
    void descriptorsAreGivenBack() throws Exception {
        Path fds = Path.of("/proc/self/fd");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isDirectory(fds));
        start().close();
        long before = count(fds);
        for (int i = 0; i < 50; i++) {
            try (AsyncRuntime runtime = start()) {
                runtime.spawn(() -> {}).join();
            }
        }
        long after = count(fds);
        assertTrue(after <= before + 4, before + " descriptors before, " + after + " after");
    }

    private static long count(Path fds) throws IOException {
        try (var each = Files.list(fds)) {
            return each.count();
        }
    }
}

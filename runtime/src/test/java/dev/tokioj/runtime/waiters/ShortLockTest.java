package dev.tokioj.runtime.waiters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Combination;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class ShortLockTest {
    private final Combination combination;
    private final ShortLock lock = new ShortLock();
    /** Under the lock. */
    private int entered;

    @SuppressWarnings("NullAway.Init")
    ShortLockTest(Combination combination) {
        this.combination = combination;
    }

    private int enter() {
        lock.lock();
        try {
            return ++entered;
        } finally {
            lock.unlock();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aCallbackDoesNotQueueBehindATaskOfItsLoop(int tasks) throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(
                combination.config().drainTimeout(Duration.ZERO).build())) {
            EventLoop loop = runtime.loops().get(0);
            List<Task<Integer>> queued = new ArrayList<>();
            CompletableFuture<Integer> callback = new CompletableFuture<>();
            lock.lock();
            try {
                for (int i = 0; i < tasks; i++) {
                    CompletableFuture<Thread> thread = new CompletableFuture<>();
                    queued.add(loop.spawn(SpawnOptions.DEFAULT, () -> {
                        thread.complete(Thread.currentThread());
                        return enter();
                    }));
                    Thread waiting = thread.get(20, TimeUnit.SECONDS);
                    while (waiting.getState() != Thread.State.WAITING) {
                        Thread.onSpinWait();
                    }
                }
                loop.execute(() -> callback.complete(enter()));
                // Long enough for it to be at the lock, which it must not get.
                assertThrows(TimeoutException.class, () -> callback.get(50, TimeUnit.MILLISECONDS));
            } finally {
                lock.unlock();
            }
            int sum = callback.get(20, TimeUnit.SECONDS);
            for (Task<Integer> task : queued) {
                sum += task.join(Duration.ofSeconds(20));
            }
            assertEquals((tasks + 1) * (tasks + 2) / 2, sum);
        }
    }
}

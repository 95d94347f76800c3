package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The threads beside the loops, from the side of who gives them work. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class WorkPoolTest {
    private static final int ROUNDS = 20_000;
    private static final int GIVERS = 2 * Runtime.getRuntime().availableProcessors();
    private static final Duration LONG = Duration.ofSeconds(40);

    private final Combination combination;

    WorkPoolTest(Combination combination) {
        this.combination = combination;
    }

    /**
     * A lock with a queue of waiters would hang here for ever: a task of the loop at its head, the loop's own thread behind it, and no
     * thread left for the task to leave it. That takes a holder who loses his processor while he holds it, which nothing outside the
     * pool can bring about at will: so there are more givers than processors, and they give until the loop has done its part.
     */
    @Test
    void callbacksTasksAndOtherThreadsGiveItWorkAndNobodyWaitsForAnother() throws Exception {
        RuntimeConfig config = combination
                .config()
                .loops(1)
                .blockingThreads(2)
                .blockingQueue(ROUNDS)
                .maxTasks(2 * ROUNDS)
                .build();
        LongAdder given = new LongAdder();
        LongAdder ran = new LongAdder();
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            Runnable give = () -> give(runtime, given, ran);
            AtomicBoolean enough = new AtomicBoolean();
            List<Thread> outside = new ArrayList<>();
            for (int i = 0; i < GIVERS; i++) {
                outside.add(Thread.ofPlatform().daemon().start(() -> {
                    while (!enough.get()) {
                        give.run();
                    }
                }));
            }
            CountDownLatch called = new CountDownLatch(ROUNDS);
            EventLoop loop = runtime.loops().get(0);
            loop.execute(new Runnable() {
                @Override
                public void run() {
                    give.run();
                    called.countDown();
                    if (called.getCount() > 0) {
                        loop.execute(this);
                    }
                }
            });
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(loop.spawn(Priority.NORMAL, "giver", () -> {
                    for (int n = 0; n < ROUNDS; n++) {
                        give.run();
                        if (n % 16 == 0) {
                            TokioJ.yieldNow();
                        }
                    }
                    return null;
                }));
            }
            try {
                for (Task<?> task : tasks) {
                    task.join(LONG);
                }
                assertTrue(called.await(40, TimeUnit.SECONDS), "callbacks left: " + called.getCount());
            } finally {
                enough.set(true);
            }
            for (Thread thread : outside) {
                assertTrue(thread.join(LONG));
            }
        }
        // What was given is still run by a runtime that closes.
        assertEquals(given.sum(), ran.sum());
    }

    private static void give(AsyncRuntime runtime, LongAdder given, LongAdder ran) {
        try {
            Task<Boolean> task = runtime.spawnBlocking(() -> {
                ran.increment();
                return true;
            });
            assertNotNull(task);
            given.increment();
        } catch (TaskLimitException e) {
            Thread.onSpinWait(); // more wait than may: its threads catch up
        }
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The threads beside the loops, from the side of who gives them work. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class WorkPoolTest {
    private static final int ROUNDS = 60_000;
    private static final Duration LONG = Duration.ofSeconds(40);

    private final Combination combination;

    WorkPoolTest(Combination combination) {
        this.combination = combination;
    }

    /**
     * A lock with a queue of waiters would hang here, now and then for ever: a task of the loop at its head, the loop's own thread
     * behind it, and no thread left for the task to leave it.
     */
    @Test
    void callbacksTasksAndOtherThreadsGiveItWorkAndNobodyWaitsForAnother() throws Exception {
        RuntimeConfig config = combination
                .config()
                .loops(1)
                .blockingThreads(2)
                .blockingQueue(10 * ROUNDS)
                .maxTasks(10 * ROUNDS)
                .build();
        AtomicInteger ran = new AtomicInteger();
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            Runnable give = () -> {
                Task<Integer> given = runtime.spawnBlocking(ran::incrementAndGet);
                assertNotNull(given);
            };
            List<Thread> outside = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                outside.add(Thread.ofPlatform().daemon().start(() -> repeat(give)));
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
            for (Task<?> task : tasks) {
                task.join(LONG);
            }
            assertTrue(called.await(40, TimeUnit.SECONDS), "callbacks left: " + called.getCount());
            for (Thread thread : outside) {
                assertTrue(thread.join(LONG));
            }
        }
        // What was given is still run by a runtime that closes.
        assertEquals(7 * ROUNDS, ran.get());
    }

    private static void repeat(Runnable work) {
        for (int n = 0; n < ROUNDS; n++) {
            work.run();
        }
    }
}

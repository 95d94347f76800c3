package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.PausedClock;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskState;
import dev.tokioj.runtime.TokioJ;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tasks that borrow, hold, give back, invalidate, give up and are interrupted, at random, while connects are slow, fail or hang and
 * checks say no: the pool stays within its limits, lends each connection to as many as it may, and loses none.
 */
@Timeout(120)
class PoolRandomTest {
    private static final int TASKS = 20;
    private static final int ROUNDS = 30;
    private static final int MAX_TOTAL = 6;
    private static final int MAX_PER_KEY = 3;

    private final Fake fake = new Fake();
    private final AtomicReference<@Nullable String> wrong = new AtomicReference<>();

    @ParameterizedTest
    @MethodSource("dev.tokioj.runtime.pool.Kind#available")
    void oneLeaseAConnection(Kind kind) throws Exception {
        run(kind, 1);
    }

    @ParameterizedTest
    @MethodSource("dev.tokioj.runtime.pool.Kind#available")
    void severalLeasesAConnection(Kind kind) throws Exception {
        run(kind, 4);
    }

    @SuppressWarnings("ThreadPriorityCheck") // the tasks need the cores to make use of the time that passes
    private void run(Kind kind, int leases) throws Exception {
        long seed = Long.getLong("tokioj.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        PausedClock clock = Clock.paused();
        fake.leases = leases;
        setUp(new SplittableRandom(random.nextLong()));
        PoolConfig config = PoolConfig.builder()
                .maxTotal(MAX_TOTAL)
                .maxPerKey(MAX_PER_KEY)
                .connectTimeout(Duration.ofMillis(30))
                .idleTimeout(Duration.ofMillis(50))
                .maxLifetime(Duration.ofMillis(200))
                .healthCheckAfter(Duration.ofMillis(2))
                .healthCheckTimeout(Duration.ofMillis(10))
                .cleanupInterval(Duration.ofMillis(5))
                .closeTimeout(Duration.ofSeconds(20))
                .build();
        try (AsyncRuntime runtime =
                AsyncRuntime.start(kind.config().clock(clock).build())) {
            ConnectionPool<String, Fake.Connection> pool = ConnectionPool.open(runtime, fake, config);
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < TASKS; i++) {
                SplittableRandom own = random.split();
                tasks.add(runtime.spawn(() -> use(pool, own)));
            }
            while (!tasks.stream().allMatch(Task::isDone)) {
                clock.advance(Duration.ofNanos(random.nextInt(50_000)));
                if (random.nextInt(500) == 0) {
                    tasks.get(random.nextInt(TASKS)).cancel();
                }
                check(pool.stats());
                Thread.yield();
            }
            for (Task<?> task : tasks) {
                Throwable failure = task.state() == TaskState.FAILED ? failureOf(task) : null;
                assertEquals(null, failure, "seed " + seed);
            }
            // What a task has left to be done is another's to do, who may be at it still.
            Kind.until(() -> pool.stats().leases() == 0
                    && pool.stats().active() == 0
                    && pool.stats().waiting() == 0);
            PoolStats stats = pool.stats();
            assertEquals(0, stats.waiting(), "seed " + seed);
            assertEquals(0, stats.leases(), "seed " + seed);
            assertEquals(0, stats.active(), "seed " + seed);
            pool.close();
            assertEquals(0, pool.stats().total(), "seed " + seed);
        }
        Kind.until(() -> fake.open() == 0);
        for (Fake.Connection connection : fake.all) {
            assertEquals(1, connection.closes.get(), connection + " is closed once; seed " + seed);
        }
        assertEquals(null, wrong.get(), "seed " + seed);
        assertTrue(fake.all.size() > MAX_TOTAL, "seed " + seed);
    }

    private static Throwable failureOf(Task<?> task) {
        try {
            task.join();
            return new AssertionError("did not fail");
        } catch (Exception e) {
            return e;
        }
    }

    private void setUp(SplittableRandom random) {
        for (String key : List.of("a", "b", "c", "d", "e")) {
            fake.dialing.put(key, () -> {
                int dice;
                long nanos;
                synchronized (random) {
                    dice = random.nextInt(10);
                    nanos = random.nextInt(5_000_000);
                }
                if (dice == 0) {
                    throw new IOException("refused");
                }
                TokioJ.sleep(dice == 1 ? Duration.ofDays(1) : Duration.ofNanos(nanos));
            });
        }
        fake.asking = connection -> {
            int dice;
            synchronized (random) {
                dice = random.nextInt(10);
            }
            TokioJ.sleep(dice == 1 ? Duration.ofDays(1) : Duration.ofNanos(1000));
            return dice != 0;
        };
    }

    private void check(PoolStats stats) {
        if (stats.total() > MAX_TOTAL) {
            wrong.set("total " + stats);
        }
    }

    private void use(ConnectionPool<String, Fake.Connection> pool, SplittableRandom random)
            throws InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            String key = Character.toString('a' + random.nextInt(5));
            try (Lease<String, Fake.Connection> lease =
                    pool.borrow(key, Duration.ofNanos(random.nextInt(20_000_000)))) {
                Fake.Connection connection = lease.connection();
                if (!connection.key.equals(key)) {
                    wrong.set(connection + " for " + key);
                }
                if (connection.users.incrementAndGet() > fake.leases || !connection.isOpen()) {
                    wrong.set(connection + " has " + connection.users + " users, " + connection.closes + " closes");
                }
                try {
                    TokioJ.sleep(Duration.ofNanos(random.nextInt(3_000_000)));
                } finally {
                    connection.users.decrementAndGet();
                }
                switch (random.nextInt(12)) {
                    case 0 -> lease.invalidate();
                    case 1 -> pool.retire(connection);
                    default -> {}
                }
            } catch (PoolTimeoutException | PoolConnectException e) {
                Thread.onSpinWait(); // both are to be expected here
            } catch (InterruptedIOException e) {
                return; // cancelled
            } catch (IOException e) {
                wrong.set(e.toString());
            }
        }
    }
}

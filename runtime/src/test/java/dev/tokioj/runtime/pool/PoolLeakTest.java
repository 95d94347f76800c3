package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is lost is found, and nothing grows. */
@Timeout(120)
class PoolLeakTest {
    private static final int TASKS = 8;
    /** The smallest object that each of them left behind would make almost 4 MB. */
    private static final int BORROWS = 240_000;

    private final Fake fake = new Fake();

    private ConnectionPool<String, Fake.Connection> pool(AsyncRuntime runtime, PoolConfig.Builder config) {
        return ConnectionPool.open(
                runtime, fake, config.closeTimeout(Duration.ZERO).build());
    }

    @SuppressWarnings("CheckReturnValue") // that is the fault
    private static void forgetToGiveBack(ConnectionPool<String, Fake.Connection> pool) throws IOException {
        pool.borrow("a");
    }

    @Test
    void aLostLeaseIsReportedWithItsPlaceAndItsConnectionClosed() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start();
                var pool = pool(runtime, PoolConfig.builder().maxPerKey(1).leakSampling(1))) {
            forgetToGiveBack(pool);
            assertEquals(1, pool.outstanding().size());
            List<Leak> found = new ArrayList<>();
            Kind.until(() -> {
                System.gc();
                found.addAll(pool.takeLost());
                return !found.isEmpty();
            });
            String report = found.get(0).toString();
            assertTrue(report.contains("connection to a"), report);
            assertTrue(report.contains("PoolLeakTest.forgetToGiveBack"), report);
            Kind.until(() -> pool.stats().total() == 0 && fake.open() == 0);
            assertEquals(1, pool.stats().leaked());
            pool.borrow("a").close();
            assertEquals(List.of(), pool.outstanding());
        }
    }

    @Test
    void oneInSoManyIsWatched() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start();
                var pool = pool(runtime, PoolConfig.builder().leakSampling(10))) {
            List<Lease<String, Fake.Connection>> leases = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                leases.add(pool.borrow("a"));
            }
            assertEquals(2, pool.outstanding().size());
            leases.forEach(Lease::close);
            assertEquals(0, pool.outstanding().size());
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime jvm = Runtime.getRuntime();
        return jvm.totalMemory() - jvm.freeMemory();
    }

    @Test
    @Tag("once")
    void manyBorrowsLeaveNothingBehind() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start();
                var pool = pool(runtime, PoolConfig.builder().maxTotal(4))) {
            Callable<Integer> work = () -> {
                for (int i = 0; i < BORROWS / TASKS; i++) {
                    pool.borrow("key" + (i & 1)).close();
                }
                return 0;
            };
            work.call();
            long before = used();
            var tasks = new ArrayList<dev.tokioj.runtime.Task<Integer>>();
            for (int i = 0; i < TASKS; i++) {
                tasks.add(runtime.spawn(work));
            }
            for (var task : tasks) {
                task.join();
            }
            tasks.clear();
            long grown = used() - before;
            assertTrue(grown < 2 << 20, grown + " bytes more after " + BORROWS + " borrows");
            assertEquals(0, pool.stats().waiting());
            assertTrue(pool.stats().reused() >= BORROWS, pool.stats().toString());
            assertTrue(fake.all.size() < 1000, "addresses take each other's connections: " + pool.stats());
        }
        Kind.until(() -> fake.open() == 0);
    }
}

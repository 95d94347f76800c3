package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that carry several leases at once. */
@Timeout(30)
class PoolShareTest {
    private final Fake fake = new Fake();
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    PoolShareTest() {}

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start();
    }

    @AfterEach
    void close() {
        runtime.close();
        Kind.until(() -> fake.open() == 0);
        fake.all.forEach(c -> assertEquals(1, c.closes.get(), c + " is closed once"));
    }

    private ConnectionPool<String, Fake.Connection> pool(int leases, PoolConfig.Builder config) {
        fake.leases = leases;
        return ConnectionPool.open(
                runtime, fake, config.closeTimeout(Duration.ZERO).build());
    }

    @Test
    void oneConnectionCarriesManyUntilItIsFull() throws Exception {
        try (var pool = pool(3, PoolConfig.builder())) {
            List<Lease<String, Fake.Connection>> leases = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                leases.add(pool.borrow("a"));
            }
            assertEquals(3, fake.dials.get());
            assertEquals(3, pool.stats().active());
            assertEquals(7, pool.stats().leases());
            leases.forEach(Lease::close);
            Kind.until(() -> pool.stats().idle() == 3);
            assertEquals(0, pool.stats().leases());
        }
    }

    @Test
    void whoComesTogetherSharesOneConnect() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        fake.dialing.put("a", () -> {
            goOn.await();
            if (fake.dials.get() <= 2) {
                throw new IOException("refused");
            }
        });
        try (var pool = pool(100, PoolConfig.builder())) {
            List<Task<Lease<String, Fake.Connection>>> tasks = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                tasks.add(runtime.spawn(() -> pool.borrow("a")));
            }
            Kind.until(() -> pool.stats().waiting() == 50);
            goOn.countDown();
            for (Task<Lease<String, Fake.Connection>> task : tasks) {
                assertThrows(PoolConnectException.class, task::join);
            }
            assertEquals(2, fake.dials.get(), "the first attempt was one waiter's, the second all the others'");
            pool.borrow("a").close();
            assertEquals(3, fake.dials.get());
        }
    }

    @Test
    void theLimitOfALifeIsRaised() throws Exception {
        fake.limit = 2;
        try (var pool = pool(100, PoolConfig.builder().maxPerKey(1))) {
            Lease<String, Fake.Connection> first = pool.borrow("a");
            pool.borrow("a").close();
            Task<Lease<String, Fake.Connection>> third = runtime.spawn(() -> pool.borrow("a"));
            Kind.until(() -> pool.stats().waiting() == 1);
            pool.raiseLimit(first.connection(), 2);
            assertEquals(1, pool.stats().waiting());
            pool.raiseLimit(first.connection(), 3);
            Lease<String, Fake.Connection> lease = third.join();
            assertSame(first.connection(), lease.connection());
            lease.close();
            first.close();
        }
    }

    @Test
    void aRetiredConnectionCarriesItsLeasesToTheirEnd() throws Exception {
        try (var pool = pool(2, PoolConfig.builder())) {
            Lease<String, Fake.Connection> first = pool.borrow("a");
            Fake.Connection broken = first.connection();
            pool.retire(broken);
            pool.retire(broken);
            Lease<String, Fake.Connection> second = pool.borrow("a");
            assertNotSame(broken, second.connection());
            assertTrue(broken.isOpen());
            first.close();
            Kind.until(() -> !broken.isOpen());
            second.invalidate();
            Kind.until(() -> fake.open() == 0);
            assertEquals(2, pool.stats().unhealthy());
            pool.retire(broken);
            pool.raiseLimit(broken, 10);
            assertEquals(0, pool.stats().total());
        }
    }

    @Test
    void aBusySharedConnectionMakesWayForAnAddressThatHasNone() throws Exception {
        try (var pool = pool(10, PoolConfig.builder().maxTotal(1))) {
            Lease<String, Fake.Connection> one = pool.borrow("greedy");
            Lease<String, Fake.Connection> two = pool.borrow("greedy");
            Task<Lease<String, Fake.Connection>> modest = runtime.spawn(() -> pool.borrow("modest"));
            Kind.until(() -> pool.stats().waiting() == 1);
            one.close(); // from now on it takes no more
            Task<Lease<String, Fake.Connection>> more = runtime.spawn(() -> pool.borrow("greedy"));
            Kind.until(() -> pool.stats().waiting() == 2);
            two.close();
            modest.join().close();
            more.join().close();
            assertTrue(fake.open() <= 1 + pool.stats().evicted());
        }
    }
}

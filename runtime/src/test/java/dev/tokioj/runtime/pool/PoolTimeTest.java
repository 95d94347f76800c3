package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.PausedClock;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every time-out and age of a pool, on a clock that stands until the test moves it. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.pool.Kind#available")
@Timeout(30)
class PoolTimeTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Kind kind;
    private final PausedClock clock = Clock.paused();
    private final Fake fake = new Fake();
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    PoolTimeTest(Kind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(
                kind.config().clock(clock).drainTimeout(Duration.ZERO).build());
    }

    @AfterEach
    void close() {
        runtime.close();
        Kind.until(() -> fake.open() == 0);
        fake.all.forEach(c -> assertEquals(1, c.closes.get(), c + " is closed once"));
    }

    private ConnectionPool<String, Fake.Connection> pool(PoolConfig.Builder config) {
        return ConnectionPool.open(
                runtime, fake, config.closeTimeout(Duration.ZERO).build());
    }

    /** Somewhat more than that: timers are up to a tick of the wheel late. */
    private void pass(Duration time) {
        clock.advance(time.plusMillis(1));
    }

    /** What another thread is at comes first: the lease is back when it is counted so, not when {@code close} returns. */
    private static void giveBack(ConnectionPool<String, Fake.Connection> pool, Lease<String, Fake.Connection> lease)
            throws Exception {
        PoolStats before = pool.stats();
        lease.close();
        // A waiter may have it already.
        Kind.until(() -> pool.stats().leases() < before.leases() || pool.stats().waiting() < before.waiting());
    }

    private Task<Lease<String, Fake.Connection>> borrowing(
            ConnectionPool<String, Fake.Connection> pool, Duration timeout) {
        int waiting = pool.stats().waiting();
        Task<Lease<String, Fake.Connection>> task = runtime.spawn(() -> pool.borrow("a", timeout));
        Kind.until(() -> pool.stats().waiting() > waiting || task.isDone());
        return task;
    }

    @Test
    void aWaiterGivesUpAtItsDeadlineAndLosesNothing() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxPerKey(1))) {
            Lease<String, Fake.Connection> held = pool.borrow("a");
            Task<Lease<String, Fake.Connection>> patient = borrowing(pool, Duration.ofSeconds(60));
            Task<Lease<String, Fake.Connection>> hasty = borrowing(pool, SECOND);
            clock.advance(SECOND.minusNanos(1));
            assertEquals(2, pool.stats().waiting());
            pass(Duration.ZERO);
            PoolTimeoutException e = assertThrows(PoolTimeoutException.class, hasty::join);
            assertTrue(String.valueOf(e.getMessage()).contains("maxPerKey (1)"), e.getMessage());
            pass(SECOND);
            giveBack(pool, held);
            patient.join().close();
            PoolStats stats = pool.stats();
            assertEquals(0, stats.waiting());
            assertEquals(1, stats.timedOut());
            assertEquals(1, stats.idle());
            assertTrue(stats.longestWait().toMillis() >= 2000, stats.toString());
            assertEquals(1, fake.dials.get());
        }
    }

    @Test
    void theSettingIsTheDefaultOfTheWait() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxPerKey(1).borrowTimeout(SECOND))) {
            Lease<String, Fake.Connection> held = pool.borrow("a");
            Task<Lease<String, Fake.Connection>> waiter = runtime.spawn(() -> pool.borrow("a"));
            Kind.until(() -> pool.stats().waiting() == 1);
            pass(SECOND);
            assertThrows(PoolTimeoutException.class, waiter::join);
            giveBack(pool, held);
            runtime.spawn(() -> pool.borrow("a", Duration.ZERO)).join().close();
        }
    }

    @Test
    void whatComesAfterItsWaiterLeftIsKept() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        fake.dialing.put("a", goOn::await);
        try (var pool = pool(PoolConfig.builder().maxPerKey(1))) {
            Task<Lease<String, Fake.Connection>> hasty = borrowing(pool, SECOND);
            pass(SECOND);
            assertThrows(PoolTimeoutException.class, hasty::join);
            goOn.countDown();
            Kind.until(() -> pool.stats().idle() == 1);
            giveBack(pool, pool.borrow("a"));
            assertEquals(1, fake.dials.get());
        }
    }

    @Test
    void aConnectThatTakesTooLongIsGivenUpEvenIfItIgnoresInterrupts() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        fake.dialing.put("a", () -> {
            boolean interrupted = false;
            while (goOn.getCount() > 0) {
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            assertTrue(interrupted || fake.dials.get() > 1);
        });
        try (var pool = pool(PoolConfig.builder().maxPerKey(1).connectTimeout(SECOND))) {
            Task<Lease<String, Fake.Connection>> waiter = borrowing(pool, Duration.ofDays(1));
            Kind.until(() -> fake.dials.get() == 1);
            pass(SECOND);
            PoolConnectException e = assertThrows(PoolConnectException.class, waiter::join);
            assertTrue(String.valueOf(e.getMessage()).contains("connectTimeout"), e.getMessage());
            assertEquals(0, pool.stats().total());
            assertEquals(1, pool.stats().failed());
            goOn.countDown();
            Kind.until(() -> fake.all.size() == 1 && fake.open() == 0);
            giveBack(pool, pool.borrow("a"));
            assertEquals(1, pool.stats().created(), "the late one is nobody's");
        }
    }

    @Test
    void whatLiesTooLongIsClosedInTheBackground() throws Exception {
        try (var pool = pool(PoolConfig.tokioz().cleanupInterval(SECOND))) {
            Lease<String, Fake.Connection> kept = pool.borrow("a");
            giveBack(pool, pool.borrow("a"));
            pass(Duration.ofSeconds(299));
            giveBack(pool, pool.borrow("b"));
            pass(SECOND);
            Kind.until(() -> pool.stats().expired() == 1);
            Kind.until(() -> fake.open() == 2);
            assertEquals(1, pool.stats().idle());
            assertTrue(kept.connection().isOpen());
            kept.close();
        }
    }

    @Test
    void whatHasExpiredIsNotLentThoughNobodyCleanedUpYet() throws Exception {
        try (var pool = pool(PoolConfig.builder().idleTimeout(SECOND).cleanupInterval(Duration.ofHours(1)))) {
            Lease<String, Fake.Connection> first = pool.borrow("a");
            Fake.Connection old = first.connection();
            giveBack(pool, first);
            pass(SECOND);
            try (Lease<String, Fake.Connection> lease = pool.borrow("a")) {
                assertNotSame(old, lease.connection());
            }
            Kind.until(() -> !old.isOpen());
            assertEquals(1, pool.stats().expired());
        }
    }

    @Test
    void whatHasCarriedAllItMayMakesWayForWhoWaits() throws Exception {
        fake.limit = 1;
        try (var pool = pool(PoolConfig.builder().maxPerKey(1).cleanupInterval(SECOND))) {
            Lease<String, Fake.Connection> first = pool.borrow("a");
            Fake.Connection spent = first.connection();
            giveBack(pool, first);
            Task<Lease<String, Fake.Connection>> second = borrowing(pool, Duration.ofSeconds(60));
            assertEquals(1, pool.stats().waiting());
            pass(SECOND);
            try (Lease<String, Fake.Connection> lease = second.join()) {
                assertNotSame(spent, lease.connection());
            }
            Kind.until(() -> !spent.isOpen());
            assertEquals(1, pool.stats().expired());
        }
    }

    @Test
    void oldConnectionsEndWhenTheyAreFree() throws Exception {
        try (var pool = pool(PoolConfig.builder()
                .maxLifetime(SECOND)
                .idleTimeout(Duration.ZERO)
                .cleanupInterval(SECOND))) {
            Lease<String, Fake.Connection> lease = pool.borrow("a");
            Fake.Connection old = lease.connection();
            giveBack(pool, pool.borrow("b"));
            pass(SECOND);
            Kind.until(() -> fake.open("b") == 0);
            assertTrue(old.isOpen());
            giveBack(pool, lease);
            Kind.until(() -> !old.isOpen());
            assertEquals(2, pool.stats().expired());
        }
    }

    @Test
    void whatWasUsedJustNowIsBelieved() throws Exception {
        try (var pool = pool(PoolConfig.builder().healthCheckAfter(SECOND))) {
            giveBack(pool, pool.borrow("a"));
            clock.advance(SECOND.minusNanos(1));
            giveBack(pool, pool.borrow("a"));
            assertEquals(0, fake.asked.get());
            pass(SECOND);
            giveBack(pool, pool.borrow("a"));
            assertEquals(1, fake.asked.get());
            assertEquals(1, fake.dials.get());
        }
    }

    @Test
    void aCheckThatHangsIsANo() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        AtomicReference<Throwable> ended = new AtomicReference<>();
        fake.asking = connection -> {
            try {
                never.await();
                return true;
            } catch (InterruptedException e) {
                ended.set(e);
                throw e;
            }
        };
        try (var pool =
                pool(PoolConfig.builder().healthCheckAfter(Duration.ZERO).healthCheckTimeout(SECOND))) {
            giveBack(pool, pool.borrow("a"));
            Task<Lease<String, Fake.Connection>> waiter = borrowing(pool, Duration.ofDays(1));
            Kind.until(() -> fake.asked.get() == 1);
            pass(SECOND);
            Lease<String, Fake.Connection> lease = waiter.join();
            assertEquals(2, lease.connection().number);
            assertEquals(1, pool.stats().unhealthy());
            Kind.until(() -> ended.get() != null);
            giveBack(pool, lease);
        }
    }

    @Test
    void theSameConnectionComesBackAsLongAsItIsYoung() throws Exception {
        try (var pool = pool(PoolConfig.builder())) {
            Lease<String, Fake.Connection> lease = pool.borrow("a");
            Fake.Connection first = lease.connection();
            giveBack(pool, lease);
            for (int i = 0; i < 10; i++) {
                clock.advance(Duration.ofMinutes(2));
                lease = pool.borrow("a");
                assertSame(first, lease.connection());
                giveBack(pool, lease);
            }
            assertEquals(10, pool.stats().reused());
        }
    }

    @Test
    void whoWantsMoreGetsAnothersPlaceOnceThatLayForAWhile() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxTotal(2))) {
            Lease<String, Fake.Connection> held = pool.borrow("a");
            giveBack(pool, pool.borrow("b"));
            Task<Lease<String, Fake.Connection>> more = borrowing(pool, Duration.ofDays(1));
            clock.advance(Duration.ofMillis(99));
            giveBack(pool, pool.borrow("b")); // used again: a while begins again
            pass(Duration.ofMillis(2));
            assertEquals(1, pool.stats().waiting());
            pass(Duration.ofMillis(100));
            more.join().close();
            Kind.until(() -> fake.open("b") == 0);
            giveBack(pool, held);
        }
    }
}

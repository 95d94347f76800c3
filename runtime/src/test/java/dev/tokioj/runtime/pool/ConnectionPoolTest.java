package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.DisabledException;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Lending, waiting, failing, ending; what time does is {@link PoolTimeTest}'s. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.pool.Kind#available")
@Timeout(30)
class ConnectionPoolTest {
    private final Kind kind;
    private final Fake fake = new Fake();
    private AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    ConnectionPoolTest(Kind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(kind.config().drainTimeout(Duration.ZERO).build());
    }

    @AfterEach
    void close() {
        runtime.close();
        Kind.until(() -> fake.open() == 0);
        fake.all.forEach(c -> assertEquals(1, c.closes.get(), c + " is closed once"));
        assertEquals(0, runtime.liveTasks());
    }

    private ConnectionPool<String, Fake.Connection> pool(PoolConfig.Builder config) {
        return ConnectionPool.open(
                runtime, fake, config.closeTimeout(Duration.ZERO).build());
    }

    private Task<Lease<String, Fake.Connection>> borrowing(ConnectionPool<String, Fake.Connection> pool, String key) {
        int waiting = pool.stats().waiting();
        Task<Lease<String, Fake.Connection>> task = runtime.spawn(() -> pool.borrow(key));
        Kind.until(() -> pool.stats().waiting() > waiting || task.isDone());
        return task;
    }

    @Test
    void closesBesideTheLoopsWhoeverGivesBack() throws Exception {
        try (var pool = pool(PoolConfig.builder())) {
            runtime.spawn(() -> pool.borrow("a").invalidate()).join();
            Kind.until(() -> fake.open() == 0);
            fake.all.forEach(c -> assertFalse(c.closedOnLoop, c + " was closed on a loop"));
        }
    }

    @Test
    void withoutTimersThereIsNoPoolAndNobodyStandsInTheLine() throws Exception {
        try (AsyncRuntime without =
                        AsyncRuntime.start(kind.config().enableTimers(false).build());
                var pool = pool(PoolConfig.builder().maxTotal(1).maxPerKey(1))) {
            PoolConfig config = PoolConfig.builder().build();
            assertThrows(DisabledException.class, () -> ConnectionPool.open(without, fake, config));
            try (Lease<String, Fake.Connection> lease = pool.borrow("a")) {
                assertTrue(lease.isActive());
                Task<?> disabled = without.spawn(() -> pool.borrow("a"));
                assertThrows(DisabledException.class, disabled::join);
            }
            // Nobody is left in the line whom it could be lent to.
            Kind.until(() -> pool.stats().waiting() == 0 && pool.stats().active() == 0);
        }
    }

    @Test
    void lendsTheConnectionOfTheAddressAgainAndNoOther() throws Exception {
        try (var pool = pool(PoolConfig.builder())) {
            Lease<String, Fake.Connection> first = pool.borrow("a");
            Fake.Connection a = first.connection();
            Lease<String, Fake.Connection> second = pool.borrow("a");
            assertNotSame(a, second.connection());
            first.close();
            second.close();
            try (Lease<String, Fake.Connection> b = pool.borrow("b")) {
                assertEquals("b", b.connection().key);
                assertEquals("b", b.key());
            }
            try (Lease<String, Fake.Connection> again = pool.borrow("a")) {
                assertSame(a.key, again.connection().key);
                PoolStats stats = pool.stats();
                assertEquals(3, stats.total());
                assertEquals(2, stats.idle());
                assertEquals(1, stats.active());
                assertEquals(3, stats.created());
                assertEquals(1, stats.reused());
            }
        }
    }

    @Test
    void nobodyWaitsForAnothersConnect() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        fake.dialing.put("slow", goOn::await);
        try (var pool = pool(PoolConfig.builder().maxTotal(3).maxPerKey(1))) {
            Task<Lease<String, Fake.Connection>> slow = borrowing(pool, "slow");
            for (int i = 0; i < 100; i++) {
                pool.borrow("a").close();
            }
            assertEquals(1, pool.stats().connecting());
            goOn.countDown();
            slow.join().close();
            assertEquals(0, pool.stats().connecting());
        }
    }

    @Test
    void whoWaitsForAnAddressIsServedInOrder() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxPerKey(1))) {
            Lease<String, Fake.Connection> held = pool.borrow("a");
            ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int number = i;
                tasks.add(runtime.spawn(() -> {
                    try (Lease<String, Fake.Connection> lease = pool.borrow("a")) {
                        order.add(number);
                        assertTrue(lease.connection().isOpen());
                    }
                }));
                Kind.until(() -> pool.stats().waiting() == number + 1);
            }
            held.close();
            for (Task<?> task : tasks) {
                task.join();
            }
            List<Integer> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                expected.add(i);
            }
            assertEquals(expected, List.copyOf(order));
            assertEquals(1, fake.dials.get());
        }
    }

    @Test
    void aReturnedConnectionServesWhoWaitsWhileAnotherIsMade() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxPerKey(2))) {
            Lease<String, Fake.Connection> held = pool.borrow("a");
            CountDownLatch goOn = new CountDownLatch(1);
            fake.dialing.put("a", goOn::await);
            Task<Lease<String, Fake.Connection>> waiter = borrowing(pool, "a");
            held.close();
            Lease<String, Fake.Connection> lease = waiter.join();
            goOn.countDown();
            Kind.until(() -> pool.stats().idle() == 1);
            lease.close();
            // What was made for nobody is kept; who keeps it may be at it still, and then takes back the lease too.
            Kind.until(() -> pool.stats().idle() == 2);
        }
    }

    @Test
    void anInterruptedWaiterLosesNothing() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxPerKey(1))) {
            Lease<String, Fake.Connection> held = pool.borrow("a");
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Task<?> waiter = runtime.spawn(() -> {
                try {
                    pool.borrow("a").close();
                } catch (InterruptedIOException e) {
                    flag.complete(Thread.currentThread().isInterrupted());
                }
            });
            Kind.until(() -> pool.stats().waiting() == 1);
            waiter.cancel();
            assertTrue(flag.get(20, TimeUnit.SECONDS));
            Kind.until(() -> pool.stats().waiting() == 0);
            held.close();
            pool.borrow("a").close();
            assertEquals(1, fake.dials.get());
        }
    }

    @Test
    void aFailedConnectIsToldAndTheNextWaiterTries() throws Exception {
        CountDownLatch refuse = new CountDownLatch(1);
        ConnectException cause = new ConnectException("refused");
        fake.dialing.put("a", () -> {
            refuse.await();
            if (fake.dials.get() == 1) {
                throw cause;
            }
        });
        try (var pool = pool(PoolConfig.builder().maxPerKey(1))) {
            Task<Lease<String, Fake.Connection>> first = borrowing(pool, "a");
            Task<Lease<String, Fake.Connection>> second = borrowing(pool, "a");
            refuse.countDown();
            PoolConnectException e = assertThrows(PoolConnectException.class, first::join);
            assertSame(cause, e.getCause());
            assertTrue(String.valueOf(e.getMessage()).contains("refused"), e.getMessage());
            Lease<String, Fake.Connection> lease = second.join();
            assertEquals(2, lease.connection().number);
            lease.close();
            assertEquals(1, pool.stats().failed());
            assertEquals(1, pool.stats().total());
        }
    }

    @Test
    void aCheckThatFailsCostsAConnectionAndNobodysPatience() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (var pool = pool(PoolConfig.builder().healthCheckAfter(Duration.ZERO))) {
            pool.borrow("a").close();
            fake.asking = connection -> {
                asking.countDown();
                goOn.await();
                throw new IOException("reset");
            };
            Task<Lease<String, Fake.Connection>> waiter = borrowing(pool, "a");
            asking.await();
            pool.borrow("b").close(); // nobody waits for the check
            goOn.countDown();
            try (Lease<String, Fake.Connection> lease = waiter.join()) {
                assertEquals("a", lease.connection().key);
                assertEquals(3, fake.dials.get());
            }
            Kind.until(() -> fake.open("a") == 1);
            assertEquals(1, pool.stats().unhealthy());
            fake.asking = Fake.Connection::isOpen;
            pool.borrow("a").close();
            assertEquals(3, fake.dials.get(), "a healthy one is lent again");
        }
    }

    @Test
    void invalidatedMeansClosedAndGivingBackTwiceNothing() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxPerKey(1))) {
            Lease<String, Fake.Connection> lease = pool.borrow("a");
            Fake.Connection broken = lease.connection();
            lease.invalidate();
            lease.invalidate();
            lease.close();
            assertThrows(IllegalStateException.class, lease::connection);
            assertFalse(lease.isActive());
            Kind.until(() -> !broken.isOpen());

            Lease<String, Fake.Connection> once = pool.borrow("a");
            once.close();
            Lease<String, Fake.Connection> other = pool.borrow("a");
            once.close();
            once.invalidate();
            assertTrue(other.isActive());
            assertEquals(1, pool.stats().active());
            assertEquals(1, pool.stats().leases());
            assertEquals(1, pool.stats().unhealthy());
            other.close();
        }
    }

    @Test
    void atTheTotalLimitTheIdleConnectionThatLayLongestMakesRoom() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxTotal(2))) {
            pool.borrow("old").close();
            pool.borrow("new").close();
            Lease<String, Fake.Connection> third = pool.borrow("third");
            Kind.until(() -> fake.open() == 2);
            assertEquals(0, fake.open("old"));
            assertEquals(1, pool.stats().evicted());
            third.close();
        }
    }

    @Test
    void noAddressStarvesAnother() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxTotal(2))) {
            Lease<String, Fake.Connection> one = pool.borrow("greedy");
            Lease<String, Fake.Connection> two = pool.borrow("greedy");
            List<Task<Lease<String, Fake.Connection>>> more = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                more.add(borrowing(pool, "greedy"));
            }
            Task<Lease<String, Fake.Connection>> modest = borrowing(pool, "modest");
            one.close(); // five wait for it, and for nothing else; but the other address has none
            Lease<String, Fake.Connection> lease = modest.join();
            assertEquals("modest", lease.connection().key);
            assertEquals(5, pool.stats().waiting());
            two.close(); // no address is without: the first in the line gets it
            more.get(0).join().close();
            lease.close();
            for (int i = 1; i < 5; i++) {
                more.get(i).join().close();
            }
            assertTrue(fake.open() <= 2);
        }
    }

    @Test
    void aLongLineIsRefused() throws Exception {
        try (var pool = pool(PoolConfig.builder().maxPerKey(1).maxWaiting(2))) {
            Lease<String, Fake.Connection> held = pool.borrow("a");
            Task<Lease<String, Fake.Connection>> first = borrowing(pool, "a");
            Task<Lease<String, Fake.Connection>> second = borrowing(pool, "a");
            PoolFullException e = assertThrows(PoolFullException.class, () -> pool.borrow("b"));
            assertTrue(String.valueOf(e.getMessage()).contains("maxWaiting"), e.getMessage());
            held.close();
            first.join().close();
            second.join().close();
        }
    }

    @Test
    void closingTellsWhoWaitsAndClosesIdleOnesAtOnceAndOthersOnReturn() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        fake.dialing.put("slow", never::await);
        var pool = pool(PoolConfig.builder().maxPerKey(1));
        pool.borrow("idle").close();
        Lease<String, Fake.Connection> held = pool.borrow("a");
        Task<Lease<String, Fake.Connection>> waiter = borrowing(pool, "a");
        Task<Lease<String, Fake.Connection>> connecting = borrowing(pool, "slow");
        pool.close();
        assertThrows(PoolClosedException.class, waiter::join);
        assertThrows(PoolClosedException.class, connecting::join);
        assertThrows(PoolClosedException.class, () -> pool.borrow("idle"));
        Kind.until(() -> fake.open("idle") == 0);
        assertTrue(held.connection().isOpen());
        pool.close();
        held.close();
        Kind.until(() -> fake.open() == 0);
        assertEquals(0, pool.stats().total());
        assertEquals(0, pool.stats().leases());
    }

    @Test
    void closingWaitsForWhatIsLent() throws Exception {
        ConnectionPool<String, Fake.Connection> pool = ConnectionPool.open(
                runtime,
                fake,
                PoolConfig.builder().closeTimeout(Duration.ofSeconds(20)).build());
        Lease<String, Fake.Connection> held = pool.borrow("a");
        Task<?> closer = runtime.spawn(pool::close);
        assertThrows(PoolClosedException.class, () -> {
            while (true) {
                pool.borrow("b").close();
            }
        });
        assertFalse(closer.isDone());
        held.close();
        closer.join();
        assertEquals(0, fake.open());
    }

    @Test
    void aCallbackGivesBackButDoesNotBorrow() throws Exception {
        try (var pool = pool(PoolConfig.builder())) {
            Lease<String, Fake.Connection> lease = pool.borrow("a");
            CompletableFuture<Lease<String, Fake.Connection>> seen = new CompletableFuture<>();
            runtime.loops().get(0).execute(() -> {
                lease.close();
                try {
                    seen.complete(pool.borrow("a"));
                } catch (IOException | IllegalStateException e) {
                    seen.completeExceptionally(e);
                }
            });
            ExecutionException e = assertThrows(ExecutionException.class, () -> seen.get(20, TimeUnit.SECONDS));
            assertTrue(e.getCause() instanceof IllegalStateException, () -> "" + e.getCause());
            Kind.until(() -> pool.stats().idle() == 1);
        }
    }

    @Test
    void theRuntimesEndIsThePools() throws Exception {
        var pool = pool(PoolConfig.builder());
        Lease<String, Fake.Connection> held = pool.borrow("a");
        pool.borrow("b").close();
        runtime.close();
        assertThrows(PoolException.class, () -> pool.borrow("c"));
        assertThrows(PoolClosedException.class, () -> pool.borrow("b"));
        held.close();
        Kind.until(() -> fake.open() == 0);
    }

    @Test
    void aPoolNeedsARuntime() throws Exception {
        assertThrows(
                IllegalStateException.class,
                () -> ConnectionPool.open(fake, PoolConfig.builder().build()));
        runtime.spawn(() -> {
                    try (var pool =
                            ConnectionPool.open(fake, PoolConfig.builder().build())) {
                        pool.borrow("a").close();
                    }
                })
                .join();
    }

    @Test
    void aConnectionWhoseLimitCannotBeToldIsClosed() throws Exception {
        IllegalStateException failure = new IllegalStateException("no limit");
        fake.limitFailure = failure;
        try (var pool = pool(PoolConfig.builder().maxPerKey(1))) {
            PoolConnectException e = assertThrows(PoolConnectException.class, () -> pool.borrow("a"));
            assertSame(failure, e.getCause());
            Kind.until(() -> fake.all.size() == 1 && fake.open() == 0);
            fake.limitFailure = null;
            pool.borrow("a").close();
        }
    }
}

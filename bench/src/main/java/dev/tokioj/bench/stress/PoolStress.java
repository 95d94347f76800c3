package dev.tokioj.bench.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.pool.ConnectionPool;
import dev.tokioj.runtime.pool.Connector;
import dev.tokioj.runtime.pool.Lease;
import dev.tokioj.runtime.pool.PoolConfig;
import dev.tokioj.runtime.pool.PoolStats;
import dev.tokioj.runtime.pool.PoolTimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link ConnectionPool} with one connection: giving back crosses borrowing and giving up. The connection is lent to one, and is
 * neither lost nor lent twice; a wait that nobody ends shows as {@link #LOST} instead of hanging the run.
 */
public final class PoolStress {
    /** The result of a borrow that got a connection that nobody else had. */
    private static final int GOT = 1;

    private static final int GAVE_UP = 2;
    private static final int LOST = -9;
    private static final int SHARED = -7;
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final AsyncRuntime RUNTIME = start();

    private PoolStress() {}

    private static AsyncRuntime start() {
        try {
            return AsyncRuntime.start(
                    RuntimeConfig.builder().name("stress").loops(1).build());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many have it at once. */
    private static final class Connections implements Connector<String, AtomicInteger> {
        @Override
        public AtomicInteger connect(String key) {
            return new AtomicInteger();
        }

        @Override
        public boolean isHealthy(AtomicInteger connection) {
            return true;
        }

        @Override
        public void close(AtomicInteger connection) {}
    }

    /** A pool whose one connection is lent. */
    private static class Lent {
        private final ConnectionPool<String, AtomicInteger> pool = ConnectionPool.open(
                RUNTIME,
                new Connections(),
                PoolConfig.builder()
                        .maxTotal(1)
                        .cleanupInterval(Duration.ofDays(1))
                        .closeTimeout(Duration.ZERO)
                        .build());
        final Lease<String, AtomicInteger> lease = borrow();

        private Lease<String, AtomicInteger> borrow() {
            try {
                Lease<String, AtomicInteger> first = pool.borrow("a");
                first.connection().incrementAndGet();
                return first;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        final void giveBack() {
            lease.connection().decrementAndGet();
            lease.close();
        }

        /** Borrows and gives back. */
        final int use(Duration timeout) {
            try (Lease<String, AtomicInteger> mine = pool.borrow("a", timeout)) {
                int users = mine.connection().incrementAndGet();
                mine.connection().decrementAndGet();
                return users == 1 ? GOT : SHARED;
            } catch (PoolTimeoutException e) {
                return timeout.isZero() ? GAVE_UP : LOST;
            } catch (IOException e) {
                return LOST;
            }
        }

        /**
         * Idle connections, with 10 for each that waits or is lent; ends the pool. What was given back may be taken back by a thread
         * that was in the pool before, such as the one that connected, a moment later: so this waits until one is idle and none lent.
         */
        final int rest() {
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            int now = count();
            while (now != 1 && System.nanoTime() - giveUp < 0) {
                Thread.onSpinWait();
                now = count();
            }
            pool.shutdown();
            return now;
        }

        private int count() {
            PoolStats stats = pool.stats();
            return stats.idle() + 10 * (stats.leases() + stats.waiting() + stats.active());
        }
    }

    /** Who waits is woken by what is given back. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up, or a connection lost or lent twice")
    @State
    public static class ReturnAgainstBorrow {
        private final Lent lent = new Lent();

        @Actor
        public void holder() {
            lent.giveBack();
        }

        @Actor
        public void waiter(II_Result r) {
            r.r1 = lent.use(PATIENCE);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = lent.rest();
        }
    }

    /** Who gives up as it is given back takes nothing with him: the next one gets it. */
    @JCStressTest
    @Outcome(
            id = {"1, 1, 1", "2, 1, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up, or a connection lost or lent twice")
    @State
    public static class ReturnAgainstTimeout {
        private final Lent lent = new Lent();

        @Actor
        public void holder() {
            lent.giveBack();
        }

        @Actor
        public void hasty(III_Result r) {
            r.r1 = lent.use(Duration.ZERO);
        }

        @Arbiter
        public void next(III_Result r) {
            r.r2 = lent.use(PATIENCE);
            r.r3 = lent.rest();
        }
    }

    /** Given back by two at once, it is given back once. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ReturnAgainstReturn {
        private final Lent lent = new Lent();

        /** Its user is done with it, and the two of them are left. */
        public ReturnAgainstReturn() {
            lent.lease.connection().decrementAndGet();
        }

        @Actor
        public void one() {
            lent.lease.close();
        }

        @Actor
        public void other() {
            lent.lease.close();
        }

        @Arbiter
        public void rest(II_Result r) {
            // Behind both, in the pool's order.
            r.r1 = lent.use(PATIENCE);
            r.r2 = lent.rest();
        }
    }
}

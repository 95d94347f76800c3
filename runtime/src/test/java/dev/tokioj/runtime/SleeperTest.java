package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class SleeperTest {
    /** Parks until its round has come, as often as it is told. */
    private static final class Parker {
        private final int rounds;
        private final CountDownLatch announced = new CountDownLatch(1);
        private final AtomicInteger round = new AtomicInteger();
        private final AtomicReference<Sleeper> waker = new AtomicReference<>();

        Parker(int rounds) {
            this.rounds = rounds;
        }

        void sleep(CountDownLatch perRound) {
            waker.set(Sleeper.ofCurrent());
            announced.countDown();
            for (int seen = 0; seen < rounds; seen++) {
                while (round.get() == seen) {
                    LockSupport.park(this);
                }
                perRound.countDown();
            }
        }

        void wake() {
            round.incrementAndGet();
            Sleeper known = waker.get();
            if (known != null) {
                known.wake();
            }
        }
    }

    private final Combination combination;
    private AsyncRuntime runtime;
    private EventLoop loop;

    @SuppressWarnings("NullAway.Init")
    SleeperTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(
                combination.config().drainTimeout(Duration.ZERO).build());
        loop = runtime.loops().get(0);
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(20, TimeUnit.SECONDS), "somebody sleeps on");
    }

    /** Tasks of the loop, of the JDK's scheduler, and platform threads. */
    private List<Parker> sleepers(int of, int rounds, CountDownLatch wakeUps, CountDownLatch ends) throws Exception {
        List<Parker> all = new ArrayList<>();
        for (int i = 0; i < of; i++) {
            Parker sleeper = new Parker(rounds);
            Runnable body = () -> {
                sleeper.sleep(wakeUps);
                ends.countDown();
            };
            if (i % 3 == 0) {
                Thread.ofPlatform().daemon().start(body);
            } else if (i % 3 == 1) {
                Thread.ofVirtual().start(body);
            } else {
                loop.spawn(SpawnOptions.DEFAULT, () -> {
                    body.run();
                    return 0;
                });
            }
            await(sleeper.announced);
            all.add(sleeper);
        }
        return all;
    }

    @Test
    void oneCallbackWakesAllWhoeverCarriesThem() throws Exception {
        int rounds = 200;
        CountDownLatch wakeUps = new CountDownLatch(24 * rounds);
        CountDownLatch ends = new CountDownLatch(24);
        List<Parker> all = sleepers(24, rounds, wakeUps, ends);
        for (int i = 0; i < rounds; i++) {
            loop.execute(() -> all.forEach(Parker::wake));
        }
        await(ends);
        assertEquals(0, wakeUps.getCount());
    }

    @Test
    void aTimerAndAFlushWakeToo() throws Exception {
        CountDownLatch wakeUps = new CountDownLatch(12);
        CountDownLatch ends = new CountDownLatch(6);
        List<Parker> all = sleepers(6, 2, wakeUps, ends);
        loop.execute(() -> {
            loop.newTimer(() -> all.forEach(Parker::wake)).arm(loop.now());
            loop.atTurnEnd(() -> all.forEach(Parker::wake));
        });
        await(ends);
    }

    @Test
    void anyOtherThreadWakesAtOnce() throws Exception {
        CountDownLatch wakeUps = new CountDownLatch(6);
        CountDownLatch ends = new CountDownLatch(6);
        List<Parker> all = sleepers(6, 1, wakeUps, ends);
        all.forEach(Parker::wake);
        await(ends);
    }

    @Test
    void aLoopThatHasEndedWakes() throws Exception {
        CountDownLatch wakeUps = new CountDownLatch(2);
        CountDownLatch ends = new CountDownLatch(2);
        List<Parker> all = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Parker sleeper = new Parker(1);
            Thread.ofVirtual().start(() -> {
                sleeper.sleep(wakeUps);
                ends.countDown();
            });
            await(sleeper.announced);
            all.add(sleeper);
        }
        runtime.close();
        loop.execute(() -> all.forEach(Parker::wake));
        await(ends);
    }

    @Test
    void aCallbackThatFailsAfterwardsHasWoken() throws Exception {
        CountDownLatch wakeUps = new CountDownLatch(6);
        CountDownLatch ends = new CountDownLatch(6);
        List<Parker> all = sleepers(6, 1, wakeUps, ends);
        loop.execute(() -> {
            all.forEach(Parker::wake);
            throw new IllegalStateException("on purpose");
        });
        await(ends);
    }
}

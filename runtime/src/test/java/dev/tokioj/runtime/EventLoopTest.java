package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class EventLoopTest {
    private final Combination combination;
    private AsyncRuntime runtime;
    private EventLoop loop;

    @SuppressWarnings("NullAway.Init")
    EventLoopTest(Combination combination) {
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

    /** In a callback of the loop. */
    private <T> T call(Callable<T> body) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(body.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(20, TimeUnit.SECONDS);
    }

    @Test
    void knowsWhoIsInIt() throws Exception {
        assertFalse(loop.inLoop());
        assertNull(EventLoop.current());
        assertTrue(call(loop::inLoop));
        assertSame(loop, call(EventLoop::current));
        assertFalse(call(runtime.loops().get(1)::inLoop));
        if (combination.onLoop()) {
            assertTrue(loop.spawn(Priority.NORMAL, null, loop::inLoop).join());
            assertFalse(runtime.loops()
                    .get(1)
                    .spawn(Priority.NORMAL, null, loop::inLoop)
                    .join());
        } else {
            assertFalse(loop.spawn(Priority.NORMAL, null, loop::inLoop).join());
        }
    }

    @Test
    void runsCallbacksInTheOrderOfTheirSenderAndNeverInside() throws Exception {
        List<Integer> seen = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            loop.execute(() -> seen.add(number));
        }
        assertEquals(1000, call(seen::size));
        List<Integer> sorted = new ArrayList<>(seen);
        Collections.sort(sorted);
        assertEquals(sorted, seen);
        List<String> order = new ArrayList<>();
        call(() -> {
            loop.execute(() -> order.add("later"));
            loop.dispatch(() -> order.add("at once"));
            order.add("this");
            return 0;
        });
        assertEquals(List.of("at once", "this", "later"), call(() -> List.copyOf(order)));
    }

    @Test
    void aCallbackThatThrowsHarmsNobody() throws Exception {
        loop.execute(() -> {
            throw new IllegalStateException("meant to: this is logged");
        });
        loop.execute(() -> {
            throw new StackOverflowError("meant to: this is logged");
        });
        call(() -> {
            loop.atTurnEnd(() -> {
                throw new IllegalStateException("meant to: this is logged");
            });
            loop.newTimer(() -> {
                        throw new IllegalStateException("meant to: this is logged");
                    })
                    .arm(loop.now());
            return 0;
        });
        assertTrue(call(loop::inLoop));
        assertTrue(call(loop::inLoop));
    }

    @Test
    void aSignalRunsOnceForManyRaises() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        Signal signal = loop.newSignal(ran::incrementAndGet);
        call(() -> {
            for (int i = 0; i < 10; i++) {
                signal.raise();
            }
            assertEquals(0, ran.get());
            return 0;
        });
        call(() -> 0);
        assertEquals(1, ran.get());
        AtomicInteger again = new AtomicInteger();
        Signal[] self = new Signal[1];
        self[0] = loop.newSignal(() -> {
            if (again.incrementAndGet() < 5) {
                self[0].raise();
            }
        });
        self[0].raise();
        while (again.get() < 5) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aSignalIsNeverLost() throws Exception {
        AtomicInteger target = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        Signal signal = loop.newSignal(() -> seen.set(target.get()));
        for (int i = 1; i <= 3_000; i++) {
            target.set(i);
            signal.raise();
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (seen.get() < i) {
                assertTrue(System.nanoTime() < deadline, "lost in round " + i);
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aTurnGoesThroughItsStepsInOrder() throws Exception {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(2);
        call(() -> {
            loop.atTurnEnd(() -> {
                order.add("flush");
                loop.atTurnEnd(() -> {
                    order.add("flush of the next turn");
                    done.countDown();
                });
            });
            if (combination.onLoop()) {
                loop.spawn(Priority.BACKGROUND, null, () -> order.add("background"));
                loop.spawn(Priority.URGENT, null, () -> order.add("urgent"));
            }
            loop.newTimer(() -> order.add("timer")).arm(loop.now());
            loop.execute(() -> {
                order.add("mail sent meanwhile");
                done.countDown();
            });
            order.add("mail");
            return 0;
        });
        done.await();
        List<String> expected = new ArrayList<>(List.of("mail", "timer"));
        // Mail is looked for after each run, and after the last.
        expected.addAll(
                combination.onLoop()
                        ? List.of("urgent", "mail sent meanwhile", "background")
                        : List.of("mail sent meanwhile"));
        expected.addAll(List.of("flush", "flush of the next turn"));
        assertEquals(expected, order);
    }

    @Test
    void theTimeStandsStillWithinATurn() throws Exception {
        assertTrue(call(() -> {
            long before = loop.now();
            long real = System.nanoTime();
            while (System.nanoTime() - real < 1_000_000) {
                Thread.onSpinWait();
            }
            return before == loop.now();
        }));
        long now = call(loop::now);
        assertTrue(now - System.nanoTime() <= 0);
        long turn = loop.turns();
        while (loop.turns() == turn) {
            call(() -> 0);
        }
        assertTrue(call(loop::now) - now > 0);
    }

    @Test
    void timersFireRearmAndDisarm() throws Exception {
        CompletableFuture<Long> late = new CompletableFuture<>();
        AtomicInteger never = new AtomicInteger();
        AtomicInteger beats = new AtomicInteger();
        CountDownLatch five = new CountDownLatch(5);
        Timer[] beat = new Timer[1];
        call(() -> {
            long deadline = loop.now() + 2_000_000;
            loop.newTimer(() -> late.complete(loop.now() - deadline)).arm(deadline);
            Timer disarmed = loop.newTimer(never::incrementAndGet);
            disarmed.arm(loop.now() + 1_000_000);
            assertTrue(disarmed.isArmed());
            disarmed.disarm();
            assertFalse(disarmed.isArmed());
            beat[0] = loop.newTimer(() -> {
                five.countDown();
                if (beats.incrementAndGet() < 5) {
                    beat[0].arm(loop.now() + 500_000);
                }
            });
            beat[0].arm(loop.now());
            return 0;
        });
        assertTrue(late.get(20, TimeUnit.SECONDS) >= 0, "early");
        assertTrue(five.await(20, TimeUnit.SECONDS));
        call(() -> 0);
        assertEquals(0, never.get());
        assertEquals(5, beats.get());
    }

    @Test
    void whatBelongsToTheLoopRefusesOtherThreads() {
        Timer timer = loop.newTimer(() -> {});
        assertThrows(IllegalStateException.class, () -> timer.arm(0));
        assertThrows(IllegalStateException.class, timer::disarm);
        assertThrows(IllegalStateException.class, () -> loop.atTurnEnd(() -> {}));
        assertThrows(IllegalStateException.class, () -> loop.atClose(() -> {}));
    }

    @Test
    void callbacksMustNotWait() throws Exception {
        Task<Integer> endless = runtime.spawn(() -> {
            new CountDownLatch(1).await();
            return 1;
        });
        TaskGroup group = call(() -> TaskGroup.collect(runtime));
        assertEquals(5, call(() -> {
            int refused = 0;
            List<Callable<Object>> waits = List.of(
                    endless::join,
                    () -> endless.join(Duration.ofMillis(1)),
                    () -> {
                        TokioJ.sleep(Duration.ofMillis(1));
                        return 0;
                    },
                    () -> {
                        TokioJ.yieldNow();
                        return 0;
                    },
                    () -> {
                        group.close();
                        return 0;
                    });
            for (Callable<Object> wait : waits) {
                IllegalStateException e = assertThrows(IllegalStateException.class, wait::call);
                assertTrue(String.valueOf(e.getMessage()).contains("would stop the loop"), e.getMessage());
                refused++;
            }
            assertTrue(loop.waiting().isLoopThread());
            return refused;
        }));
        assertFalse(loop.waiting().isLoopThread());
        // What has ended can be joined anywhere: there is nothing to wait for.
        Task<Integer> done = runtime.spawn(() -> 6);
        done.join();
        int joined = call(done::join);
        assertEquals(6, joined);
    }

    @Test
    void waitingFollowsTheLoop() throws Exception {
        boolean late = loop.spawn(Priority.NORMAL, null, () -> {
                    Waiting waiting = loop.waiting();
                    assertFalse(waiting.isLoopThread());
                    long deadline = waiting.nanoTime() + 3_000_000;
                    while (waiting.nanoTime() - deadline < 0) {
                        waiting.parkUntil(this, deadline);
                    }
                    return true;
                })
                .join();
        assertTrue(late);
    }

    @Test
    void endlessTasksOfAllClassesLeaveRoomForEachOtherAndForTheNetwork() throws Exception {
        assumeTrue(combination.onLoop(), "the JDK's scheduler knows no priorities");
        AtomicInteger[] runs = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch started = new CountDownLatch(3);
        call(() -> {
            Priority[] priorities = Priority.values();
            for (int i = 0; i < priorities.length; i++) {
                Priority priority = priorities[i];
                AtomicInteger mine = runs[i];
                loop.spawn(priority, priority.name(), () -> {
                    started.countDown();
                    while (!stop.get()) {
                        mine.incrementAndGet();
                        TokioJ.yieldNow();
                    }
                    return 0;
                });
            }
            return 0;
        });
        started.await();
        int background = runs[2].get();
        while (runs[2].get() < background + 20) {
            assertTrue(call(loop::inLoop), "mail gets through");
        }
        stop.set(true);
        int bound = (Priority.BURST + 1) * (Priority.BURST + 1);
        assertTrue(runs[0].get() > runs[1].get() && runs[1].get() > runs[2].get(), List.of(runs) + "");
        assertTrue(runs[0].get() <= (runs[2].get() + 1L) * bound, "starved: " + List.of(runs));
    }

    @Test
    void aTickIsBounded() throws Exception {
        assumeTrue(combination.onLoop());
        try (AsyncRuntime small = AsyncRuntime.start(combination
                .config()
                .maxTasksPerTick(8)
                .drainTimeout(Duration.ZERO)
                .build())) {
            EventLoop narrow = small.loops().get(0);
            CompletableFuture<Integer> most = new CompletableFuture<>();
            AtomicInteger inThisTurn = new AtomicInteger();
            AtomicInteger max = new AtomicInteger();
            AtomicInteger turns = new AtomicInteger();
            Runnable[] watch = new Runnable[1];
            watch[0] = () -> {
                max.accumulateAndGet(inThisTurn.getAndSet(0), Math::max);
                if (turns.incrementAndGet() < 50) {
                    narrow.atTurnEnd(watch[0]);
                } else {
                    most.complete(max.get());
                }
            };
            narrow.execute(() -> {
                for (int i = 0; i < 100; i++) {
                    narrow.spawn(Priority.NORMAL, null, () -> {
                        for (int k = 0; k < 20; k++) {
                            inThisTurn.incrementAndGet();
                            TokioJ.yieldNow();
                        }
                        return 0;
                    });
                }
                narrow.atTurnEnd(watch[0]);
            });
            assertEquals(8, most.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void mailIsBoundedToo() throws Exception {
        try (AsyncRuntime small =
                AsyncRuntime.start(combination.config().maxCallbacksPerTick(4).build())) {
            EventLoop narrow = small.loops().get(0);
            CompletableFuture<List<Integer>> turns = new CompletableFuture<>();
            List<Integer> counts = new ArrayList<>();
            int[] count = {0};
            Runnable[] turnEnd = new Runnable[1];
            turnEnd[0] = () -> {
                counts.add(count[0]);
                count[0] = 0;
                if (counts.size() < 4) {
                    narrow.atTurnEnd(turnEnd[0]);
                } else {
                    turns.complete(counts);
                }
            };
            narrow.execute(() -> {
                for (int i = 0; i < 10; i++) {
                    narrow.execute(() -> count[0]++);
                }
                narrow.atTurnEnd(turnEnd[0]);
            });
            assertEquals(List.of(3, 4, 3, 0), turns.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void theGroupGoesRound() {
        assertEquals(2, runtime.loops().size());
        EventLoop first = runtime.loops().next();
        EventLoop second = runtime.loops().next();
        assertTrue(first != second);
        assertSame(first, runtime.loops().next());
        assertEquals(1, runtime.loops().get(1).index());
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A clock that advances by itself, and tasks of which one always runs while the others wait: it must stand still. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class AutoAdvanceRandomTest {
    private static final int ROUNDS = 40_000;

    private final Combination combination;
    private final PausedClock clock = Clock.pausedAutoAdvance();

    AutoAdvanceRandomTest(Combination combination) {
        this.combination = combination;
    }

    @RepeatedTest(5)
    void itStandsStillWhileTasksHandOverToEachOther() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int loops = 1 + random.nextInt(2);
        TokioJ.run(combination.config().loops(loops).clock(clock).build(), () -> {
            Task<Long> sleeper = TokioJ.spawn(() -> {
                TokioJ.sleep(Duration.ofHours(1));
                return clock.nanoTime();
            });
            long before = clock.nanoTime();
            ring(random);
            assertEquals(before, clock.nanoTime(), "seed " + seed);
            assertTrue(sleeper.join() >= Duration.ofHours(1).toNanos(), "seed " + seed);
        });
    }

    /** Tasks in a ring, and a token that goes round. */
    private static void ring(Random random) throws Exception {
        int players = 2 + random.nextInt(5);
        List<Channel<Integer>> ring = new ArrayList<>();
        for (int i = 0; i < players; i++) {
            ring.add(Channel.bounded(1));
        }
        try (TaskGroup group = TaskGroup.failFast()) {
            for (int i = 0; i < players; i++) {
                Channel<Integer> from = ring.get(i);
                Channel<Integer> to = ring.get((i + 1) % players);
                Random own = new Random(random.nextLong());
                group.spawn(() -> play(from, to, own));
            }
            ring.get(0).send(0);
            group.join();
        }
    }

    private static void play(Channel<Integer> from, Channel<Integer> to, Random random) throws Exception {
        while (true) {
            Integer token = from.receiveOrNull();
            if (token == null || token == ROUNDS) {
                to.close();
                return;
            }
            switch (random.nextInt(64)) {
                case 0 -> spin(random.nextInt(20_000));
                case 1 -> assertEquals(token, TokioJ.spawn(() -> token).join());
                default -> {}
            }
            to.send(token + 1);
        }
    }

    private static void spin(long nanos) {
        long until = System.nanoTime() + nanos;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("once")
class TimerWheelTest {
    private static final long ORIGIN = Math.subtractExact(Long.MAX_VALUE, 500_000); // a nanoTime that wraps soon

    private final TimerWheel wheel = new TimerWheel(ORIGIN);
    private final List<Timer> fired = new ArrayList<>();
    private List<Timer> timers = List.of();

    @BeforeEach
    @SuppressWarnings("NullAway") // the wheel does not look at the loop
    void makeTimers() {
        List<Timer> made = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            made.add(new Timer(null, () -> {}));
        }
        timers = made;
    }

    private void advance(long to) {
        wheel.advance(to, Integer.MAX_VALUE, fired::add);
    }

    @Test
    void firesAtItsDeadlineAndNotBefore() {
        wheel.arm(timers.get(0), ORIGIN + 1_000_000);
        advance(ORIGIN + 999_999);
        assertEquals(List.of(), fired);
        assertTrue(timers.get(0).isArmed());
        advance(ORIGIN + 1_000_000 + TimerWheel.TICK);
        assertEquals(List.of(timers.get(0)), fired);
        assertFalse(timers.get(0).isArmed());
        assertEquals(0, wheel.armed());
        assertEquals(Long.MAX_VALUE, wheel.nextDeadline());
    }

    @Test
    void aDeadlineInThePastIsDueAtOnce() {
        advance(ORIGIN + 50_000_000);
        wheel.arm(timers.get(0), ORIGIN + 1);
        wheel.arm(timers.get(1), ORIGIN - 5_000_000);
        assertTrue(wheel.nextDeadline() - (ORIGIN + 50_000_000) <= 0);
        advance(ORIGIN + 50_000_000);
        assertEquals(List.of(timers.get(0), timers.get(1)), fired);
    }

    @Test
    void theLimitLeavesTheRestForTheNextCall() {
        for (int i = 0; i < 10; i++) {
            wheel.arm(timers.get(i), ORIGIN + i * TimerWheel.TICK);
        }
        long later = ORIGIN + 1_000_000;
        assertEquals(3, wheel.advance(later, 3, fired::add));
        assertTrue(wheel.nextDeadline() - later <= 0);
        wheel.arm(timers.get(4), Long.MAX_VALUE);
        assertEquals(6, wheel.advance(later, 100, fired::add));
        List<Timer> expected = new ArrayList<>(timers.subList(0, 10));
        expected.remove(4);
        assertEquals(expected, fired);
    }

    @Test
    void whatFiresMayRearmAndDisarmOthers() {
        Timer[] rearmed = new Timer[1];
        wheel.arm(timers.get(0), ORIGIN + 10);
        wheel.arm(timers.get(1), ORIGIN + 10);
        wheel.advance(ORIGIN + 1_000_000, 100, timer -> {
            fired.add(timer);
            Timer other = timer == timers.get(0) ? timers.get(1) : timers.get(0);
            wheel.arm(other, Long.MAX_VALUE);
            wheel.arm(timer, ORIGIN + 2_000_000);
            rearmed[0] = timer;
        });
        assertEquals(1, fired.size());
        assertTrue(rearmed[0].isArmed());
        advance(ORIGIN + 2_100_000);
        assertEquals(2, fired.size());
        assertEquals(0, wheel.armed());
    }

    @Test
    void deadlinesBeyondTheSpanWaitForTheirTime() {
        long year = 365L * 24 * 3600 * 1_000_000_000;
        wheel.arm(timers.get(0), ORIGIN + 2 * year);
        wheel.arm(timers.get(1), ORIGIN + year);
        wheel.arm(timers.get(2), ORIGIN + (Long.MAX_VALUE >> 1));
        advance(ORIGIN + year - 1);
        assertEquals(List.of(), fired);
        advance(ORIGIN + year + TimerWheel.TICK);
        assertEquals(List.of(timers.get(1)), fired);
        advance(ORIGIN + 2 * year + TimerWheel.TICK);
        assertEquals(List.of(timers.get(1), timers.get(0)), fired);
        assertTrue(timers.get(2).isArmed());
    }

    @Test
    void agreesWithASortedListThroughAnyHistory() {
        for (long seed = 1; seed <= 60; seed++) {
            history(seed);
        }
    }

    private void history(long seed) {
        Random random = new Random(seed);
        TimerWheel tried = new TimerWheel(ORIGIN);
        makeTimers();
        Map<Timer, Long> expected = new HashMap<>();
        long now = ORIGIN;
        for (int step = 0; step < 2_000; step++) {
            String where = "seed " + seed + ", step " + step;
            Timer timer = timers.get(random.nextInt(timers.size()));
            if (random.nextInt(4) == 0) {
                tried.arm(timer, Long.MAX_VALUE);
                expected.remove(timer);
            } else {
                // From nanoseconds to years, evenly by magnitude.
                long deadline = now + (random.nextLong() >>> (8 + random.nextInt(52)));
                tried.arm(timer, deadline);
                expected.put(timer, deadline);
            }
            assertEquals(expected.size(), tried.armed(), where);
            if (random.nextInt(8) == 0) {
                now = jump(tried, random, now);
                long time = now;
                tried.advance(now, Integer.MAX_VALUE, due -> {
                    Long deadline = expected.remove(due);
                    assertTrue(deadline != null && deadline - time <= 0, where + ": early or not armed");
                });
                for (long deadline : expected.values()) {
                    assertTrue(deadline - (now - TimerWheel.TICK) > 0, where + ": late by more than a tick");
                    assertTrue(tried.nextDeadline() - (deadline + TimerWheel.TICK) <= 0, where + ": would oversleep");
                }
            }
        }
    }

    private static long jump(TimerWheel wheel, Random random, long now) {
        if (random.nextBoolean() && wheel.nextDeadline() != Long.MAX_VALUE) {
            return Math.max(wheel.nextDeadline() - now, 0) + now;
        }
        return now + (random.nextLong() >>> (10 + random.nextInt(50)));
    }

    private static long armAndDisarm(TimerWheel on, Timer timer, Random random, int rounds) {
        long start = System.nanoTime();
        for (int i = 0; i < rounds; i++) {
            on.arm(timer, ORIGIN + random.nextInt() * 4_000L);
            on.arm(timer, Long.MAX_VALUE);
        }
        return (System.nanoTime() - start) / rounds;
    }

    @SuppressWarnings("NullAway") // the wheel does not look at the loop
    private static TimerWheel filled(int timers, Random random) {
        TimerWheel filled = new TimerWheel(ORIGIN);
        for (int i = 0; i < timers; i++) {
            // Up to an hour ahead.
            filled.arm(new Timer(null, () -> {}), ORIGIN + 1 + random.nextLong(3_600_000_000_000L));
        }
        return filled;
    }

    @Test
    void amongAMillionArmingCostsWhatItCostsAmongFew() {
        Random random = new Random(4);
        TimerWheel few = filled(100, random);
        TimerWheel many = filled(1_000_000, random);
        assertEquals(1_000_000, many.armed());
        Timer timer = timers.get(0);
        long best = Long.MAX_VALUE;
        long bestOfMany = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            best = Math.min(best, armAndDisarm(few, timer, random, 50_000));
            bestOfMany = Math.min(bestOfMany, armAndDisarm(many, timer, random, 50_000));
        }
        // The caches of the processor make a difference; a search through a million would be 10,000 times.
        assertTrue(bestOfMany <= 20 * Math.max(best, 10), best + " ns among 100, " + bestOfMany + " among a million");
        long last = ORIGIN;
        int count = 0;
        while (many.armed() > 0) {
            long next = many.nextDeadline();
            assertTrue(next - last >= 0);
            last = next;
            count += many.advance(next, Integer.MAX_VALUE, fired -> {});
        }
        assertEquals(1_000_000, count);
    }

    @Test
    void armingAgainAllocatesNothing() {
        Random random = new Random(5);
        TimerWheel many = filled(10_000, random);
        armAndDisarm(many, timers.get(0), random, 10_000);
        Timer again = timers.get(1);
        Allocated.bytes();
        long before = Allocated.bytes();
        armAndDisarm(many, timers.get(0), random, 100_000);
        for (int i = 0; i < 100_000; i++) {
            many.arm(again, ORIGIN + i * 1000L);
        }
        many.nextDeadline();
        long allocated = Allocated.bytes() - before;
        assertTrue(allocated < 1_000, allocated + " bytes for 300,000 arms");
        assertTrue(again.isArmed());
    }
}

package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom a step of a loop wakes, and when the loop offers its core to them. */
@Timeout(30)
class WakesTest {
    private final Wakes wakes = new Wakes();

    /** A turn in which somebody was woken: whether the core is offered in it. */
    private boolean offeredAfterWaking() {
        wakes.add(Thread.currentThread());
        wakes.wake();
        return wakes.offersCore();
    }

    @Test
    void theCoreIsOfferedToThoseWhoWereWokenAndOnce() {
        assertFalse(wakes.offersCore());
        wakes.add(Thread.currentThread());
        assertFalse(wakes.offersCore(), "nobody was woken yet");
        wakes.wake();
        assertTrue(wakes.offersCore());
        assertFalse(wakes.offersCore());
    }

    @Test
    void whoKeepsTheCoreForLongIsNotOfferedItForAWhile() {
        assertTrue(offeredAfterWaking());
        wakes.gaveWay(Wakes.LONG_YIELD_NANOS);
        assertTrue(offeredAfterWaking(), "that was not long");
        wakes.gaveWay(Wakes.LONG_YIELD_NANOS + 1);
        for (int turn = 0; turn < Wakes.TURNS_AFTER_LONG_YIELD; turn++) {
            assertFalse(wakes.offersCore(), "a turn that wakes nobody does not count");
            assertFalse(offeredAfterWaking(), "turn " + turn);
        }
        assertTrue(offeredAfterWaking());
        wakes.gaveWay(0);
        assertTrue(offeredAfterWaking());
    }

    @Test
    void allWhoWereAddedAreWokenInOneGo() throws Exception {
        int many = 40; // more than it has room for at first
        CountDownLatch parked = new CountDownLatch(many);
        CountDownLatch woken = new CountDownLatch(many);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                parked.countDown();
                LockSupport.park();
                woken.countDown();
            }));
        }
        assertTrue(parked.await(20, TimeUnit.SECONDS));
        for (Thread thread : threads) {
            Parked.await(thread);
            wakes.add(thread);
            wakes.add(thread); // as who is woken for each of a batch
        }
        assertEquals(many, woken.getCount());
        wakes.wake();
        assertTrue(woken.await(20, TimeUnit.SECONDS));
    }
}

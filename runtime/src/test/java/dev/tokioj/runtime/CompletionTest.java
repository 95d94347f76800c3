package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CompletionTest {
    private final Completion<String> completion = new Completion<>(false);
    private final AtomicInteger interrupts = new AtomicInteger();

    private boolean cancel() {
        return completion.cancel(interrupts::incrementAndGet);
    }

    @Test
    void succeedsOnce() throws Exception {
        assertTrue(completion.begin());
        completion.succeed("v");
        assertEquals(TaskState.SUCCEEDED, completion.state());
        assertEquals("v", completion.valueOrThrow("it"));
        assertFalse(cancel());
        assertThrows(IllegalStateException.class, () -> completion.succeed("w"));
        assertThrows(IllegalStateException.class, completion::failure);
    }

    @Test
    void failsWithTheVeryObject() {
        IOException cause = new IOException("x");
        assertTrue(completion.begin());
        completion.fail(cause);
        assertEquals(TaskState.FAILED, completion.state());
        assertSame(cause, assertThrows(IOException.class, () -> completion.valueOrThrow("it")));
        assertThrows(IllegalStateException.class, completion::value);
    }

    @Test
    void cancelledBeforeItBeginsNeverBegins() {
        assertTrue(cancel());
        assertFalse(completion.begin());
        assertEquals(TaskState.CANCELLED, completion.state());
        assertEquals(0, interrupts.get());
        assertNull(completion.failure());
        assertThrows(CancellationException.class, () -> completion.valueOrThrow("it"));
    }

    @Test
    void cancelInterruptsOnceAndAFailureThenIsACancellation() {
        assertTrue(completion.begin());
        assertTrue(cancel());
        assertTrue(cancel());
        assertEquals(1, interrupts.get());
        assertEquals(TaskState.CANCELLING, completion.state());
        InterruptedException cause = new InterruptedException();
        completion.fail(cause);
        assertEquals(TaskState.CANCELLED, completion.state());
        CancellationException thrown = assertThrows(CancellationException.class, () -> completion.valueOrThrow("it"));
        assertSame(cause, thrown.getCause());
    }

    @Test
    void aValueThatComesAfterTheCancelIsNotLost() throws Exception {
        assertTrue(completion.begin());
        assertTrue(cancel());
        completion.succeed("v");
        assertEquals(TaskState.SUCCEEDED, completion.state());
        assertEquals("v", completion.valueOrThrow("it"));
    }

    @Test
    void anInterruptOfTheBodyByOthersDoesNotReadLikeOneOfTheJoiner() {
        assertTrue(completion.begin());
        completion.fail(new InterruptedException());
        assertEquals(TaskState.FAILED, completion.state());
        assertThrows(CancellationException.class, () -> completion.valueOrThrow("it"));
    }

    @Test
    void stateGoesAlongTheArrowsOnly() {
        assertThrows(IllegalStateException.class, () -> completion.succeed("never began"));
        for (TaskState done : new TaskState[] {TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELLED}) {
            for (TaskState next : TaskState.values()) {
                assertFalse(done.mayBecome(next));
            }
        }
    }

    @Test
    void thoseWhoGaveUpLeaveTheList() throws Exception {
        assertTrue(completion.begin());
        PausedClock clock = Clock.paused();
        for (int i = 0; i < 100; i++) {
            assertThrows(TimeoutException.class, () -> completion.await(clock, clock.nanoTime()));
        }
        assertTrue(completion.waiters() <= 1, "waiters: " + completion.waiters());
    }

    @Test
    void hooksRunOnceWhetherTheyComeBeforeOrAfterTheEnd() {
        AtomicInteger ran = new AtomicInteger();
        completion.onDone(ran::incrementAndGet);
        assertTrue(completion.begin());
        assertEquals(0, ran.get());
        completion.succeed("v");
        assertEquals(1, ran.get());
        completion.onDone(ran::incrementAndGet);
        assertEquals(2, ran.get());
    }

    @Test
    void aHookThatThrowsKeepsNobodyElseFromBeingTold() throws Exception {
        AtomicInteger told = new AtomicInteger();
        completion.onDone(told::incrementAndGet);
        completion.onDone(() -> {
            throw new IllegalStateException("meant to: this is logged");
        });
        completion.onDone(told::incrementAndGet);
        assertTrue(completion.begin());
        completion.succeed("v");
        assertEquals(2, told.get());
        assertEquals("v", completion.valueOrThrow("it"));
    }

    @Test
    void thoseWhoGaveUpLeaveTheListAlsoFromBelowOthers() throws Exception {
        assertTrue(completion.begin());
        Clock clock = Clock.system();
        Thread[] pollers = new Thread[2];
        AtomicInteger most = new AtomicInteger();
        AtomicInteger rounds = new AtomicInteger();
        for (int i = 0; i < pollers.length; i++) {
            pollers[i] = Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 200; round++) {
                    assertThrows(TimeoutException.class, () -> completion.await(clock, clock.nanoTime() + 1_000_000));
                    most.accumulateAndGet(completion.waiters(), Math::max);
                    rounds.incrementAndGet();
                }
            });
        }
        for (Thread poller : pollers) {
            poller.join();
        }
        assertEquals(400, rounds.get());
        // Two at a time wait, and each may have put the other's last back.
        assertTrue(most.get() <= 10, "waiters: " + most);
        AtomicInteger told = new AtomicInteger();
        completion.onDone(told::incrementAndGet);
        completion.succeed("v");
        assertEquals(1, told.get());
    }
}

package dev.tokioj.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Threads that wait, and the wait for one to do so: what a test does next is to meet it like that. */
public final class Parked {
    private Parked() {}

    /** The thread that tells of itself here, once it is parked. */
    public static Thread await(CompletableFuture<Thread> who) throws Exception {
        Thread thread = who.get(20, TimeUnit.SECONDS);
        await(thread);
        return thread;
    }

    /** Parks the caller, which has said so, until an interrupt. */
    public static void forever(CountDownLatch entered) throws InterruptedException {
        entered.countDown();
        new CountDownLatch(1).await();
    }

    /** Returns once it is parked, or is over because its deadline was quicker than we are. */
    public static void await(Thread thread) {
        while (thread.getState() != Thread.State.WAITING
                && thread.getState() != Thread.State.TIMED_WAITING
                && thread.getState() != Thread.State.TERMINATED) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("it does not park: " + thread.getState());
            }
            Thread.onSpinWait();
        }
    }
}

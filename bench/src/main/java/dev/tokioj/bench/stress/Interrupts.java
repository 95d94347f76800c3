package dev.tokioj.bench.stress;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** An interrupt for one actor that does not leak into what its thread does next. */
public final class Interrupts {
    private final CountDownLatch come = new CountDownLatch(1);
    private volatile @Nullable Thread who;

    /** None yet. */
    public Interrupts() {}

    /** The actor: from here on. */
    public void mayCome() {
        who = Thread.currentThread();
    }

    /** Another: interrupts the actor, once it is there. */
    public void interrupt() {
        Thread thread = who;
        while (thread == null) {
            Thread.onSpinWait();
            thread = who;
        }
        thread.interrupt();
        come.countDown();
    }

    /** The actor: whether there was one that it has not met, 1 or 0. It is over when this returns. */
    public int end() {
        boolean met = Thread.interrupted();
        boolean waits = true;
        while (waits) {
            try {
                come.await();
                waits = false;
            } catch (InterruptedException e) {
                met = true;
            }
        }
        if (Thread.interrupted()) {
            met = true;
        }
        return met ? 1 : 0;
    }
}

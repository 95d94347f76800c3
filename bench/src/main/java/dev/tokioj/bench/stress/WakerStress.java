package dev.tokioj.bench.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.TaskWaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** {@link TaskWaker}: a wake-up is never lost, counts once, and shows what came before it. */
public final class WakerStress {
    private static final long PATIENCE = 5_000_000_000L;

    private WakerStress() {}

    private static boolean await(TaskWaker waker) {
        try {
            return waker.awaitUntil(Clock.system().nanoTime() + PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whoever waits is woken, and sees what the waker had written. */
    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "woken")
    @Outcome(expect = FORBIDDEN, desc = "slept for ever, or saw too little")
    @State
    public static class AwaitAgainstWake {
        private final TaskWaker waker = new TaskWaker();
        private int payload;

        @Actor
        public void waiter(I_Result r) {
            r.r1 = await(waker) ? payload : -1;
        }

        @Actor
        public void waking() {
            payload = 7;
            waker.wake();
        }
    }

    /** Two wake-ups: one at least is seen, and what is left after it shows both payloads. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "woken twice")
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "woken once for both, or the second as well")
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class TwoWakes {
        private final TaskWaker waker = new TaskWaker();
        private volatile int came;

        @Actor
        public void waiter(II_Result r) {
            r.r1 = await(waker) ? came : -1;
            while (r.r1 == 1 && !waker.poll()) {
                Thread.onSpinWait();
            }
            r.r2 = came;
        }

        @Actor
        public void waking() {
            came = 1;
            waker.wake();
            came = 2;
            waker.wake();
        }
    }

    /** Of two that take a wake-up one gets it. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second")
    @Outcome(expect = FORBIDDEN, desc = "both or none")
    @State
    public static class TwoTakers {
        private final TaskWaker waker = new TaskWaker();

        public TwoTakers() {
            waker.wake();
        }

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = waker.poll();
        }

        @Actor
        public void two(ZZ_Result r) {
            r.r2 = waker.poll();
        }
    }

    /** Two at once wake: one wake-up is left. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "they count as one")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoWakers {
        private final TaskWaker waker = new TaskWaker();

        @Actor
        public void one() {
            waker.wake();
        }

        @Actor
        public void two() {
            waker.wake();
        }

        @Arbiter
        public void after(I_Result r) {
            r.r1 = (waker.poll() ? 1 : 0) + (waker.poll() ? 1 : 0);
        }
    }
}

package dev.tokioj.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.bench.stress.Interrupts;
import dev.tokioj.bench.stress.SelectStress;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** {@link IoSide}: whoever signals and whoever waits meet, whatever else happens to the side. In the runtime's package: it is nobody else's. */
public final class IoSideStress {
    /** The wait has ended, and the side was ready. */
    private static final int READY = 1;

    private static final int LOST = -9;
    private static final int REFUSED = -6;
    private static final int INTERRUPTED = -5;
    private static final long PATIENCE = 5_000_000_000L;

    private IoSideStress() {}

    private static IoSide side() {
        return new IoSide("a read of", "a test");
    }

    private static int await(IoSide side) {
        return await(side, Clock.system().nanoTime() + PATIENCE);
    }

    private static int await(IoSide side, long deadline) {
        try {
            side.await(null, deadline);
            return READY;
        } catch (SocketTimeoutException e) {
            return LOST;
        } catch (InterruptedIOException e) {
            return INTERRUPTED;
        } catch (IllegalStateException e) {
            return REFUSED;
        }
    }

    /** Who waits is woken, and sees what came before the signal; nobody is left as its waiter. */
    @JCStressTest
    @Outcome(id = "7, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class AwaitAgainstSignal {
        private final IoSide side = side();
        private int payload;

        @Actor
        public void waiter(II_Result r) {
            int how = await(side);
            r.r1 = how == READY ? payload : how;
        }

        @Actor
        public void poller() {
            payload = 7;
            side.signal(IoSide.READY);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = side.isAwaited() ? 1 : 0;
        }
    }

    /** By level: the side asks to be told once its waiter is known, and is told by who was asked. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ArmedAwait {
        private final IoSide side = side();
        private volatile boolean asked;

        @Actor
        public void waiter(I_Result r) {
            side.clear();
            try {
                side.await(() -> asked = true, Clock.system().nanoTime() + PATIENCE);
                r.r1 = READY;
            } catch (SocketTimeoutException e) {
                r.r1 = LOST;
            } catch (InterruptedIOException e) {
                r.r1 = INTERRUPTED;
            }
        }

        @Actor
        public void poller() {
            while (!asked) {
                Thread.onSpinWait();
            }
            side.signal(IoSide.READY);
        }
    }

    /**
     * By edge: forgets, tries, and waits if there was nothing. What came before the signal is either met by the try or told by the
     * signal.
     */
    @JCStressTest
    @Outcome(
            id = {"1", "2"},
            expect = ACCEPTABLE,
            desc = "tried in time, or told")
    @Outcome(expect = FORBIDDEN, desc = "forgot a signal whose bytes it had not seen")
    @State
    public static class ClearAgainstSignal {
        private final IoSide side = side();
        private volatile boolean bytes;

        @Actor
        public void waiter(I_Result r) {
            side.clear();
            if (bytes) {
                r.r1 = 1;
                return;
            }
            int how = await(side);
            r.r1 = how == READY && bytes ? 2 : LOST;
        }

        @Actor
        public void poller() {
            bytes = true;
            side.signal(IoSide.READY);
        }
    }

    /** The end and what is ready are for ever, or until the next clear: a clear takes nothing of the end. */
    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ClearAgainstClose {
        private final IoSide side = side();

        public ClearAgainstClose() {
            side.signal(IoSide.READY);
        }

        @Actor
        public void waiter(ZI_Result r) {
            side.clear();
            r.r2 = await(side);
        }

        @Actor
        public void closer() {
            side.signal(IoSide.CLOSED);
        }

        @Arbiter
        public void after(ZI_Result r) {
            side.clear();
            r.r1 = side.isReady();
        }
    }

    /** One waits, and another that wants to is refused: it neither takes the wake-up nor the place. */
    @JCStressTest
    @Outcome(id = "1, -6, 0", expect = ACCEPTABLE, desc = "the second was refused")
    @Outcome(id = "1, -9, 0", expect = ACCEPTABLE, desc = "the second was there first, and gave up")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoWaiters {
        private final IoSide side = side();

        @Actor
        public void one(III_Result r) {
            do {
                r.r1 = await(side);
            } while (r.r1 == REFUSED);
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = await(side, Clock.system().nanoTime());
            side.signal(IoSide.READY);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = side.isAwaited() ? 1 : 0;
        }
    }

    /** An interrupt ends the wait or is too late for it; the signal stays, and nobody stays the waiter. */
    @JCStressTest
    @Outcome(
            id = {"1, 1, 0", "-5, 1, 0"},
            expect = ACCEPTABLE,
            desc = "ready, or interrupted; the flag is kept in both")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class InterruptAgainstSignal {
        private final IoSide side = side();
        private final Interrupts interrupts = new Interrupts();

        @Actor
        public void waiter(III_Result r) {
            interrupts.mayCome();
            r.r1 = await(side);
            r.r2 = interrupts.end();
        }

        @Actor
        public void other() {
            SelectStress.inSomeOrder(() -> side.signal(IoSide.READY), interrupts::interrupt);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = side.isAwaited() || !side.isReady() ? LOST : 0;
        }
    }

    /** A wait that ends by time leaves no waiter behind, and what comes then is there for the next. */
    @JCStressTest
    @Outcome(
            id = {"1, 1", "-9, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class DeadlineAgainstSignal {
        private final IoSide side = side();

        @Actor
        public void waiter(II_Result r) {
            r.r1 = await(side, Clock.system().nanoTime() + 400);
            r.r2 = await(side);
        }

        @Actor
        public void poller() {
            side.signal(IoSide.READY);
        }
    }
}

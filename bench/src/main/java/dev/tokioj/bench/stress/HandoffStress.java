package dev.tokioj.bench.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.ChunkPool;
import dev.tokioj.runtime.InboundHandoff;
import dev.tokioj.runtime.OutboundHandoff;
import dev.tokioj.runtime.Waiting;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * {@link InboundHandoff} and {@link OutboundHandoff}: no wake-up, signal or byte is lost. A wait that nobody ends shows as
 * {@link #LOST} instead of hanging the run.
 */
public final class HandoffStress {
    /** The result of a wait that nobody ended. */
    private static final int LOST = -9;

    private static final int FAILED = -8;
    private static final long PATIENCE = 3_000_000_000L;
    private static final ChunkPool POOL = new ChunkPool(16, 2);

    private HandoffStress() {}

    private static int read(InboundHandoff handoff, byte[] buf) {
        try {
            return handoff.read(buf, 0, 1, System.nanoTime() + PATIENCE);
        } catch (TimeoutException e) {
            return LOST;
        } catch (IOException e) {
            return FAILED;
        }
    }

    private static int write(OutboundHandoff handoff, byte[] buf) {
        try {
            return handoff.write(buf, 0, buf.length, System.nanoTime() + PATIENCE);
        } catch (TimeoutException e) {
            return LOST;
        } catch (IOException e) {
            return FAILED;
        }
    }

    private static int drain(OutboundHandoff handoff) {
        int bytes = 0;
        while (handoff.peekChunk() != null) {
            bytes += handoff.length();
            handoff.advance(handoff.length());
        }
        return bytes;
    }

    /** A reader about to park is woken by bytes, and sees them. */
    @JCStressTest
    @Outcome(id = "1, 7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up, or a byte not seen")
    @State
    public static class ReadAgainstOffer {
        private final InboundHandoff handoff = new InboundHandoff(Waiting.ofJdk(), POOL, () -> {}, 100);

        @Actor
        public void task(II_Result r) {
            byte[] buf = new byte[1];
            r.r1 = read(handoff, buf);
            r.r2 = buf[0];
        }

        @Actor
        public void loop() {
            handoff.offer(new byte[] {7}, 0, 1);
        }
    }

    /** A reader about to park is woken by the end. */
    @JCStressTest
    @Outcome(id = "-1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ReadAgainstEnd {
        private final InboundHandoff handoff = new InboundHandoff(Waiting.ofJdk(), POOL, () -> {}, 100);

        @Actor
        public void task(I_Result r) {
            r.r1 = read(handoff, new byte[1]);
        }

        @Actor
        public void loop() {
            handoff.end();
        }
    }

    /** A reader about to park is woken by failure. */
    @JCStressTest
    @Outcome(id = "-8", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ReadAgainstFailure {
        private final InboundHandoff handoff = new InboundHandoff(Waiting.ofJdk(), POOL, () -> {}, 100);

        @Actor
        public void task(I_Result r) {
            r.r1 = read(handoff, new byte[1]);
        }

        @Actor
        public void loop() {
            handoff.fail(new IOException("failed"));
        }
    }

    /** An end from another thread comes after the bytes of a write, or before all of them. */
    @JCStressTest
    @Outcome(id = "4, 4", expect = ACCEPTABLE, desc = "after it")
    @Outcome(id = "-8, 0", expect = ACCEPTABLE, desc = "before it")
    @Outcome(expect = FORBIDDEN, desc = "the loop saw the end before the bytes, or not at all")
    @State
    public static class WriteAgainstEnd {
        private final AtomicInteger signals = new AtomicInteger();
        private final OutboundHandoff handoff =
                new OutboundHandoff(Waiting.ofJdk(), POOL, signals::incrementAndGet, 16);
        private int taken;

        @Actor
        public void task(II_Result r) {
            r.r1 = write(handoff, new byte[] {1, 2, 3, 4});
        }

        @Actor
        public void another() {
            handoff.end();
        }

        @Actor
        public void loop() {
            taken = drain(handoff);
            if (handoff.isFinished()) {
                taken -= 100;
            }
        }

        @Arbiter
        public void rest(II_Result r) {
            boolean early = taken < 0;
            int before = early ? taken + 100 : taken;
            int after = signals.get() == 0 ? LOST : drain(handoff);
            r.r2 = !handoff.isFinished() ? FAILED : early && after != 0 ? LOST : before + after;
        }
    }

    /** A chunk taken back early and used again never changes bytes under the reader. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ReadAgainstTakingBack {
        private final ChunkPool own = new ChunkPool(16, 1);
        private final InboundHandoff handoff = new InboundHandoff(Waiting.ofJdk(), own, () -> {}, 100);

        @Actor
        public void task(II_Result r) {
            byte[] buf = new byte[1];
            r.r1 = read(handoff, buf) == 1 ? buf[0] : LOST;
            r.r2 = read(handoff, buf) == 1 ? buf[0] : LOST;
        }

        @Actor
        public void loop() {
            handoff.offer(new byte[] {1}, 0, 1);
            handoff.takeConsumed();
            handoff.offer(new byte[] {2}, 0, 1);
            handoff.takeConsumed();
        }
    }

    /** What the loop does not count as consumed is signalled again. */
    @JCStressTest
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "counted, and the mark found")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "counted, and signalled for nothing")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "not counted, and signalled")
    @Outcome(expect = FORBIDDEN, desc = "credit is lost")
    @State
    public static class ConsumeAgainstCredit {
        private final AtomicInteger signals = new AtomicInteger();
        private final InboundHandoff handoff = new InboundHandoff(Waiting.ofJdk(), POOL, signals::incrementAndGet, 1);

        public ConsumeAgainstCredit() {
            handoff.offer(new byte[2], 0, 2);
            read(handoff, new byte[1]);
        }

        @Actor
        public void task() {
            read(handoff, new byte[1]);
        }

        @Actor
        public void loop(II_Result r) {
            r.r1 = (int) handoff.takeConsumed();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = signals.get() - 1;
        }
    }

    /** What the loop does not find in a drain is signalled again. */
    @JCStressTest
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "found, with the mark")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "found, and signalled for nothing")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "not found, and signalled")
    @Outcome(expect = FORBIDDEN, desc = "bytes lie there and nobody knows")
    @State
    public static class WriteAgainstDrain {
        private final AtomicInteger signals = new AtomicInteger();
        private final OutboundHandoff handoff =
                new OutboundHandoff(Waiting.ofJdk(), POOL, signals::incrementAndGet, 100);

        public WriteAgainstDrain() {
            write(handoff, new byte[1]);
        }

        @Actor
        public void task() {
            write(handoff, new byte[1]);
        }

        @Actor
        public void loop(II_Result r) {
            r.r1 = drain(handoff);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = signals.get() - 1;
        }
    }

    /** An end the loop does not see in a drain is signalled. */
    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE)
    @Outcome(id = "true, 1", expect = ACCEPTABLE)
    @Outcome(id = "false, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "the end is never sent")
    @State
    public static class EndAgainstDrain {
        private final AtomicInteger signals = new AtomicInteger();
        private final OutboundHandoff handoff =
                new OutboundHandoff(Waiting.ofJdk(), POOL, signals::incrementAndGet, 100);

        public EndAgainstDrain() {
            write(handoff, new byte[1]);
        }

        @Actor
        public void task() {
            handoff.end();
        }

        @Actor
        public void loop(ZI_Result r) {
            drain(handoff);
            r.r1 = handoff.isFinished();
        }

        @Arbiter
        public void after(ZI_Result r) {
            r.r2 = signals.get() - 1;
        }
    }

    /** A writer about to park for room is woken by room. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class WriteAgainstRoom {
        private final OutboundHandoff handoff = new OutboundHandoff(Waiting.ofJdk(), POOL, () -> {}, 1);

        public WriteAgainstRoom() {
            write(handoff, new byte[1]);
        }

        @Actor
        public void task(I_Result r) {
            r.r1 = write(handoff, new byte[1]);
        }

        @Actor
        public void loop() {
            if (handoff.peekChunk() != null) {
                handoff.advance(1);
            }
        }
    }

    /** One array is never two users'. */
    @JCStressTest
    @Outcome(id = "false", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoTakersOfAPool {
        private final ChunkPool pool = new ChunkPool(16, 2);
        private byte[] first = {};
        private byte[] second = {};

        public TwoTakersOfAPool() {
            pool.give(pool.take());
        }

        @Actor
        public void one() {
            first = pool.take();
        }

        @Actor
        public void two() {
            second = pool.take();
        }

        @Arbiter
        @SuppressWarnings("ReferenceEquality") // that is the question
        public void after(Z_Result r) {
            r.r1 = first == second;
        }
    }
}

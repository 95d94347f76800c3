package dev.tokioj.bench.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.Completion;
import dev.tokioj.runtime.TaskState;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LII_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** {@link Completion}, which a task is made of: its beginning, end and cancellation against each other. */
public final class TaskStress {
    private TaskStress() {}

    private static int number(boolean holds) {
        return holds ? 1 : 0;
    }

    /** Either the body never begins, or it is interrupted. */
    @JCStressTest
    @Outcome(id = "true, true, 1", expect = ACCEPTABLE, desc = "began, then interrupted")
    @Outcome(id = "false, true, 0", expect = ACCEPTABLE, desc = "never began")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class BeginAgainstCancel {
        private final Completion<Integer> completion = new Completion<>(false);
        private final AtomicInteger interrupts = new AtomicInteger();

        @Actor
        public void body(ZZI_Result r) {
            r.r1 = completion.begin();
        }

        @Actor
        public void canceller(ZZI_Result r) {
            r.r2 = completion.cancel(interrupts::incrementAndGet);
        }

        @Arbiter
        public void after(ZZI_Result r) {
            r.r3 = interrupts.get();
        }
    }

    /** A value is never lost; cancel says whether it was in time. */
    @JCStressTest
    @Outcome(id = "SUCCEEDED, 1, 1", expect = ACCEPTABLE, desc = "interrupted before its end")
    @Outcome(id = "SUCCEEDED, 0, 0", expect = ACCEPTABLE, desc = "ended before")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class SucceedAgainstCancel {
        private final Completion<Integer> completion = begun();
        private final AtomicInteger interrupts = new AtomicInteger();

        @Actor
        public void body() {
            completion.succeed(7);
        }

        @Actor
        public void canceller(LII_Result r) {
            r.r2 = number(completion.cancel(interrupts::incrementAndGet));
        }

        @Arbiter
        public void after(LII_Result r) {
            r.r1 = completion.state();
            r.r3 = interrupts.get();
        }
    }

    /** A failure after the cancel is the cancellation, one before it a failure. */
    @JCStressTest
    @Outcome(id = "CANCELLED, 1, 1", expect = ACCEPTABLE, desc = "interrupted before its end")
    @Outcome(id = "FAILED, 0, 0", expect = ACCEPTABLE, desc = "failed before")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class FailAgainstCancel {
        private final Completion<Integer> completion = begun();
        private final AtomicInteger interrupts = new AtomicInteger();

        @Actor
        public void body() {
            completion.fail(new Exception("x"));
        }

        @Actor
        public void canceller(LII_Result r) {
            r.r2 = number(completion.cancel(interrupts::incrementAndGet));
        }

        @Arbiter
        public void after(LII_Result r) {
            r.r1 = completion.state();
            r.r3 = interrupts.get();
        }
    }

    /** Of two cancels one interrupts. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "one interrupt, both took")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoCancels {
        private final Completion<Integer> completion = begun();
        private final AtomicInteger interrupts = new AtomicInteger();
        private final AtomicInteger took = new AtomicInteger();

        @Actor
        public void one() {
            took.addAndGet(number(completion.cancel(interrupts::incrementAndGet)));
        }

        @Actor
        public void two() {
            took.addAndGet(number(completion.cancel(interrupts::incrementAndGet)));
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = interrupts.get();
            r.r2 = took.get();
        }
    }

    /** Where the thread is used again, no interrupt comes after the end. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "interrupted before the end")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not interrupted")
    @Outcome(id = "0, 1", expect = FORBIDDEN, desc = "the interrupt would hit the next task")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class EndOfAReusedThreadAgainstCancel {
        private final Completion<Integer> completion = new Completion<>(true);
        private final AtomicInteger interrupts = new AtomicInteger();

        public EndOfAReusedThreadAgainstCancel() {
            completion.begin();
        }

        @Actor
        public void body(II_Result r) {
            completion.succeed(7);
            r.r1 = interrupts.get();
        }

        @Actor
        public void canceller() {
            completion.cancel(interrupts::incrementAndGet);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = interrupts.get();
        }
    }

    /** Who sees the end sees the value, whole. */
    @JCStressTest
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not yet")
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the value")
    @Outcome(expect = FORBIDDEN, desc = "an end without its value")
    @State
    public static class ValueAgainstLook {
        private final Completion<int[]> completion = new Completion<>(false);

        public ValueAgainstLook() {
            completion.begin();
        }

        @Actor
        public void body() {
            int[] value = new int[1];
            value[0] = 42;
            completion.succeed(value);
        }

        @Actor
        public void looker(I_Result r) {
            r.r1 = completion.state() == TaskState.SUCCEEDED ? completion.value()[0] : -1;
        }
    }

    /** A hook runs once, whether it comes before or after the end. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "each once")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class HooksAgainstEnd {
        private final Completion<Integer> completion = begun();
        private final AtomicInteger ran = new AtomicInteger();

        @Actor
        public void body() {
            completion.succeed(7);
        }

        @Actor
        public void waiter() {
            completion.onDone(ran::incrementAndGet);
            completion.onDone(ran::incrementAndGet);
        }

        @Arbiter
        public void after(I_Result r) {
            r.r1 = ran.get();
        }
    }

    /** Who joins is woken, also behind one who gave up. */
    @JCStressTest
    @Outcome(
            id = {"7, 0", "7, 1"},
            expect = ACCEPTABLE,
            desc = "joined, after an attempt that gave up or was in time")
    @Outcome(expect = FORBIDDEN, desc = "a joiner was not woken")
    @State
    public static class JoinAgainstEnd {
        private final Completion<Integer> completion = begun();

        @Actor
        public void body() {
            completion.succeed(7);
        }

        @Actor
        public void joiner(II_Result r) {
            r.r2 = number(awaits(completion, 0));
            // Ten seconds stand for ever.
            r.r1 = awaits(completion, 10_000_000_000L) ? completion.value() : -1;
        }
    }

    private static Completion<Integer> begun() {
        Completion<Integer> completion = new Completion<>(false);
        completion.begin();
        return completion;
    }

    private static boolean awaits(Completion<Integer> completion, long nanos) {
        Clock clock = Clock.system();
        try {
            completion.await(clock, clock.nanoTime() + nanos);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

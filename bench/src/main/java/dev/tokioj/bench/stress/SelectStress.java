package dev.tokioj.bench.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.channel.Channel;
import dev.tokioj.runtime.channel.Oneshot;
import dev.tokioj.runtime.channel.Select;
import dev.tokioj.runtime.sync.Notify;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link Select}: of branches that become ready together one is taken, the other keeps what it has, and an interrupt takes nothing. A
 * wait that nobody ends shows as {@link #LOST}.
 */
public final class SelectStress {
    private static final int LOST = -9;
    private static final int INTERRUPTED = -5;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private SelectStress() {}

    /** Two in a row, as near as one thread comes to both at once: on a machine of two processors there are two actors at most. */
    public static void inSomeOrder(Runnable one, Runnable other) {
        if (ThreadLocalRandom.current().nextBoolean()) {
            one.run();
            other.run();
        } else {
            other.run();
            one.run();
        }
    }

    private static int left(Channel<Integer> channel) {
        Integer element = channel.tryReceive();
        return element == null ? 0 : element;
    }

    private static int left(Notify notify) {
        return notify.tryAwait() ? 1 : 0;
    }

    private static int firstOf(Channel<Integer> channel, Notify notify) {
        try {
            return Select.<Integer>on(
                    Select.receive(channel, x -> x), notify.notified(() -> 1), Select.after(PATIENCE, () -> LOST));
        } catch (InterruptedException e) {
            return INTERRUPTED;
        }
    }

    /** An element and a permit: one is taken, the other is still there. */
    @JCStressTest
    @Outcome(id = "7, 0, 1", expect = ACCEPTABLE, desc = "the element was taken")
    @Outcome(id = "1, 7, 0", expect = ACCEPTABLE, desc = "the permit was taken")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ElementAgainstPermit {
        private final Channel<Integer> channel = Channel.bounded(1);
        private final Notify notify = new Notify();

        @Actor
        public void selecting(III_Result r) {
            r.r1 = firstOf(channel, notify);
        }

        @Actor
        public void giver() {
            inSomeOrder(() -> channel.trySend(7), notify::notifyOne);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r2 = left(channel);
            r.r3 = left(notify);
        }
    }

    /** To receive or to send, and both become possible: only one is done. */
    @JCStressTest
    @Outcome(id = "1, 0, 5", expect = ACCEPTABLE, desc = "received")
    @Outcome(id = "2, 1, 9", expect = ACCEPTABLE, desc = "sent")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ReceiveAgainstSend {
        private final Channel<Integer> in = Channel.bounded(1);
        private final Channel<Integer> out = Channel.bounded(1);
        private int made;

        public ReceiveAgainstSend() {
            out.trySend(4);
        }

        @Actor
        public void selecting(III_Result r) {
            try {
                r.r1 = Select.<Integer>on(
                        Select.receive(in, x -> x), Select.send(out, 9, () -> 2), Select.after(PATIENCE, () -> LOST));
            } catch (InterruptedException e) {
                r.r1 = INTERRUPTED;
            }
        }

        @Actor
        public void other() {
            inSomeOrder(() -> in.trySend(1), () -> made = left(out)); // there is room
        }

        @Arbiter
        public void after(III_Result r) {
            r.r2 = left(in);
            int sent = left(out);
            r.r3 = made != 4 ? LOST : sent == 0 ? 5 : sent;
        }
    }

    /** Two selects, one permit, one element: each gets one of them. */
    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE)
    @Outcome(id = "1, 7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoSelectsForTwo {
        private final Channel<Integer> channel = Channel.bounded(1);
        private final Notify notify = new Notify();

        @Actor
        public void one(II_Result r) {
            r.r1 = firstOf(channel, notify);
        }

        @Actor
        public void other(II_Result r) {
            inSomeOrder(() -> channel.trySend(7), notify::notifyOne);
            r.r2 = firstOf(channel, notify);
        }
    }

    /** The branch that ends and the one that has an element: what the end leaves is not lost. */
    @JCStressTest
    @Outcome(id = "7, 0", expect = ACCEPTABLE, desc = "the element")
    @Outcome(id = "3, 7", expect = ACCEPTABLE, desc = "the value of the oneshot")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ElementAgainstOneshot {
        private final Channel<Integer> channel = Channel.bounded(1);
        private final Oneshot<Integer> oneshot = new Oneshot<>();

        @Actor
        public void selecting(II_Result r) {
            try {
                r.r1 = Select.<Integer>on(
                        Select.receive(channel, x -> x),
                        Select.receive(oneshot, x -> x),
                        Select.after(PATIENCE, () -> LOST));
            } catch (InterruptedException e) {
                r.r1 = INTERRUPTED;
            }
        }

        @Actor
        public void sender() {
            inSomeOrder(() -> channel.trySend(7), () -> oneshot.send(3));
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = left(channel);
        }
    }

    /** An interrupt against an element: either it is taken, or it is left for the next. The mark of the interrupt is gone or kept. */
    @JCStressTest
    @Outcome(id = "7, 0, 1", expect = ACCEPTABLE, desc = "taken; the interrupt is for the next wait")
    @Outcome(id = "-5, 7, 0", expect = ACCEPTABLE, desc = "interrupted, and nothing taken")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class InterruptAgainstElement {
        private final Channel<Integer> channel = Channel.bounded(1);
        private final Notify never = new Notify();
        private final Interrupts interrupts = new Interrupts();

        @Actor
        public void selecting(III_Result r) {
            interrupts.mayCome();
            r.r1 = firstOf(channel, never);
            r.r3 = interrupts.end();
        }

        @Actor
        public void other() {
            inSomeOrder(() -> channel.trySend(7), interrupts::interrupt);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r2 = left(channel);
        }
    }
}

package dev.tokioj.bench.stress;

import static dev.tokioj.bench.stress.StressWait.BRIEF;
import static dev.tokioj.bench.stress.StressWait.GAVE_UP;
import static dev.tokioj.bench.stress.StressWait.LOST;
import static dev.tokioj.bench.stress.StressWait.PATIENCE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.channel.Channel;
import dev.tokioj.runtime.channel.Select;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * {@link Channel} and {@link Select}: no wake-up is lost, no element lost or doubled. A wait that nobody ends shows as {@link
 * StressWait#LOST}
 * instead of hanging the run.
 */
public final class ChannelStress {
    private ChannelStress() {}

    private static int receive(Channel<Integer> channel, Duration timeout) {
        return StressWait.outcome(() -> channel.receive(timeout), timeout);
    }

    private static int send(Channel<Integer> channel, int element, Duration timeout) {
        return StressWait.outcome(
                () -> {
                    channel.send(element, timeout);
                    return 1;
                },
                timeout);
    }

    /** What is left: 0 nothing, else the elements, the oldest in the highest decimal place. */
    private static int rest(Channel<Integer> channel) {
        channel.close();
        int elements = 0;
        try {
            for (Integer next = channel.receiveOrNull(); next != null; next = channel.receiveOrNull()) {
                elements = elements * 10 + next;
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return elements;
    }

    private static Channel<Integer> holding(int capacity, int... elements) {
        Channel<Integer> channel = Channel.bounded(capacity);
        for (int element : elements) {
            channel.trySend(element);
        }
        return channel;
    }

    /** A receiver about to wait is woken by an element. */
    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ReceiveAgainstSend {
        private final Channel<Integer> channel = Channel.bounded(1);

        @Actor
        public void receiver(II_Result r) {
            r.r1 = receive(channel, PATIENCE);
        }

        @Actor
        public void sender(II_Result r) {
            r.r2 = send(channel, 7, PATIENCE);
        }
    }

    /** The same, unbounded. */
    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class UnboundedReceiveAgainstSend {
        private final Channel<Integer> channel = Channel.unbounded();

        @Actor
        public void receiver(II_Result r) {
            r.r1 = receive(channel, PATIENCE);
        }

        @Actor
        public void sender(II_Result r) {
            r.r2 = channel.trySend(7) ? 1 : 0;
        }
    }

    /** A sender about to wait is woken by room. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class SendAgainstReceive {
        private final Channel<Integer> channel = holding(1, 1);

        @Actor
        public void receiver(III_Result r) {
            r.r1 = receive(channel, PATIENCE);
        }

        @Actor
        public void sender(III_Result r) {
            r.r2 = send(channel, 2, PATIENCE);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = rest(channel);
        }
    }

    /** An element that was sent is there after the end, one that was refused is not. */
    @JCStressTest
    @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "sent before")
    @Outcome(id = "-8, 0", expect = ACCEPTABLE, desc = "refused")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class SendAgainstClose {
        private final Channel<Integer> channel = Channel.bounded(2);

        @Actor
        public void sender(II_Result r) {
            r.r1 = send(channel, 7, PATIENCE);
        }

        @Actor
        public void closer() {
            channel.close();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = rest(channel);
        }
    }

    /** A sender that waits is told of the end. */
    @JCStressTest
    @Outcome(id = "-8, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class WaitingSendAgainstClose {
        private final Channel<Integer> channel = holding(1, 1);

        @Actor
        public void sender(II_Result r) {
            r.r1 = send(channel, 7, PATIENCE);
        }

        @Actor
        public void closer() {
            channel.close();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = rest(channel);
        }
    }

    /** The end does not overtake an element. */
    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ReceiveAgainstSendAndClose {
        private final Channel<Integer> channel = Channel.bounded(2);

        @Actor
        public void receiver(II_Result r) {
            r.r1 = receive(channel, PATIENCE);
        }

        @Actor
        public void sender(II_Result r) {
            r.r2 = send(channel, 7, PATIENCE);
            channel.close();
        }
    }

    /** The same, unbounded. */
    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class UnboundedReceiveAgainstSendAndClose {
        private final Channel<Integer> channel = Channel.unbounded();

        @Actor
        public void receiver(II_Result r) {
            r.r1 = receive(channel, PATIENCE);
        }

        @Actor
        public void sender(II_Result r) {
            r.r2 = send(channel, 7, PATIENCE);
            channel.close();
        }
    }

    /** A receiver that gives up leaves the element, or has it. */
    @JCStressTest
    @Outcome(id = "7, 0", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "-7, 7", expect = ACCEPTABLE, desc = "gave up")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class GivingUpAgainstSend {
        private final Channel<Integer> channel = Channel.bounded(2);

        @Actor
        public void receiver(II_Result r) {
            r.r1 = receive(channel, BRIEF);
        }

        @Actor
        public void sender() {
            channel.trySend(7);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = rest(channel);
        }
    }

    /** A receiver that gave up and waits again has lost nothing. */
    @JCStressTest
    @Outcome(id = "7, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class GivingUpAndWaitingAgain {
        private final Channel<Integer> channel = Channel.bounded(2);

        @Actor
        public void receiver(II_Result r) {
            r.r1 = receive(channel, BRIEF);
            if (r.r1 == GAVE_UP) {
                r.r1 = receive(channel, PATIENCE);
            }
        }

        @Actor
        public void sender() {
            channel.trySend(7);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = rest(channel);
        }
    }

    /** A sender that gives up has not sent. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "1, -7, 0", expect = ACCEPTABLE, desc = "gave up")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class GivingUpAgainstReceive {
        private final Channel<Integer> channel = holding(1, 1);

        @Actor
        public void receiver(III_Result r) {
            r.r1 = receive(channel, PATIENCE);
        }

        @Actor
        public void sender(III_Result r) {
            r.r2 = send(channel, 2, BRIEF);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = rest(channel);
        }
    }

    /** Two senders that are receivers too: nobody is forgotten, no element comes twice. */
    @JCStressTest
    @Outcome(id = "7, 8, 0", expect = ACCEPTABLE)
    @Outcome(id = "8, 7, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoAgainstTwo {
        private final Channel<Integer> channel = Channel.bounded(1);

        @Actor
        public void one(III_Result r) {
            send(channel, 7, PATIENCE);
            r.r1 = receive(channel, PATIENCE);
        }

        @Actor
        public void other(III_Result r) {
            send(channel, 8, PATIENCE);
            r.r2 = receive(channel, PATIENCE);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = rest(channel);
        }
    }

    /** A send that has returned is seen by a try of the same thread, whatever another is in the middle of. */
    @JCStressTest
    @Outcome(
            id = {"1", "2"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "the own element was hidden by one that is not there yet")
    @State
    public static class TrySeesWhatWasSent {
        private final Channel<Integer> channel = Channel.bounded(4);

        @Actor
        public void sender() {
            channel.trySend(1);
        }

        @Actor
        public void both(I_Result r) {
            channel.trySend(2);
            Integer got = channel.tryReceive();
            r.r1 = got == null ? 0 : got;
        }
    }

    /** A select takes one of two and leaves the other. */
    @JCStressTest
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE)
    @Outcome(id = "2, 1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class SelectAgainstTwoSends {
        private final Channel<Integer> one = Channel.bounded(1);
        private final Channel<Integer> two = Channel.bounded(1);

        @Actor
        public void selecting(III_Result r) {
            r.r1 = select(one, two, PATIENCE);
        }

        @Actor
        public void sender() {
            one.trySend(1);
            two.trySend(2);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r2 = rest(one);
            r.r3 = rest(two);
        }
    }

    /** Two selects over the same two channels, in opposite order: each gets one. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE)
    @Outcome(id = "2, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoSelects {
        private final Channel<Integer> one = Channel.bounded(1);
        private final Channel<Integer> two = Channel.bounded(1);

        @Actor
        public void selecting(II_Result r) {
            r.r1 = select(one, two, PATIENCE);
        }

        @Actor
        public void sendingAndSelecting(II_Result r) {
            one.trySend(1);
            two.trySend(2);
            r.r2 = select(two, one, PATIENCE);
        }
    }

    /** A select that gives up has taken nothing. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "-7, 1", expect = ACCEPTABLE, desc = "gave up")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class SelectGivingUp {
        private final Channel<Integer> one = Channel.bounded(1);
        private final Channel<Integer> never = Channel.bounded(1);

        @Actor
        public void selecting(II_Result r) {
            r.r1 = select(one, never, BRIEF);
        }

        @Actor
        public void sender() {
            one.trySend(1);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = rest(one);
        }
    }

    private static int select(Channel<Integer> a, Channel<Integer> b, Duration timeout) {
        int late = timeout.equals(BRIEF) ? GAVE_UP : LOST;
        try {
            return Select.<Integer>on(
                    Select.receive(a, x -> x), Select.receive(b, x -> x), Select.after(timeout, () -> late));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

package dev.tokioj.bench.stress;

import static dev.tokioj.bench.stress.StressWait.BRIEF;
import static dev.tokioj.bench.stress.StressWait.PATIENCE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.channel.Broadcast;
import dev.tokioj.runtime.channel.LaggedException;
import dev.tokioj.runtime.channel.Oneshot;
import dev.tokioj.runtime.channel.Watch;
import dev.tokioj.runtime.sync.Notify;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** {@link Notify}, {@link Oneshot}, {@link Broadcast} and {@link Watch}: no wake-up is lost. As {@link ChannelStress}. */
public final class NotifyStress {
    private NotifyStress() {}

    private static int await(Notify notify, Duration timeout) {
        return StressWait.outcome(
                () -> {
                    notify.await(timeout);
                    return 1;
                },
                timeout);
    }

    /** One notification, one who waits. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class AwaitAgainstNotify {
        private final Notify notify = new Notify();

        @Actor
        public void waiting(II_Result r) {
            r.r1 = await(notify, PATIENCE);
        }

        @Actor
        public void notifying() {
            notify.notifyOne();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = notify.tryAwait() ? 1 : 0;
        }
    }

    /** Who gives up has got the notification, or leaves it. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "-7, 1", expect = ACCEPTABLE, desc = "gave up")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class GivingUpAgainstNotify {
        private final Notify notify = new Notify();

        @Actor
        public void waiting(II_Result r) {
            r.r1 = await(notify, BRIEF);
        }

        @Actor
        public void notifying() {
            notify.notifyOne();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = notify.tryAwait() ? 1 : 0;
        }
    }

    /** Who gives up leaves it to the other: one of them has it, or it is kept. */
    @JCStressTest
    @Outcome(
            id = {"1, -7, 0", "-7, 1, 0", "-7, -7, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoAgainstOneNotify {
        private final Notify notify = new Notify();

        @Actor
        public void waiting(III_Result r) {
            r.r1 = await(notify, BRIEF);
        }

        @Actor
        public void notifyingAndWaiting(III_Result r) {
            notify.notifyOne();
            r.r2 = await(notify, BRIEF);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = notify.tryAwait() ? 1 : 0;
        }
    }

    /** The receiver of a oneshot about to wait is woken by the value. */
    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class OneshotReceiveAgainstSend {
        private final Oneshot<Integer> oneshot = new Oneshot<>();

        @Actor
        public void receiver(I_Result r) {
            r.r1 = StressWait.outcome(() -> oneshot.receive(PATIENCE), PATIENCE);
        }

        @Actor
        public void sender() {
            oneshot.send(7);
        }
    }

    /** A value was sent and is received, or it was refused and the receiver is told of the end. */
    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE)
    @Outcome(id = "-8, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class OneshotSendAgainstClose {
        private final Oneshot<Integer> oneshot = new Oneshot<>();

        @Actor
        public void sender(II_Result r) {
            r.r2 = oneshot.trySend(7) ? 1 : 0;
        }

        @Actor
        public void closer() {
            oneshot.close();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = StressWait.outcome(() -> oneshot.receive(PATIENCE), PATIENCE);
        }
    }

    /** The receiver of a oneshot about to wait is told of its end. */
    @JCStressTest
    @Outcome(id = "-8", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class OneshotReceiveAgainstClose {
        private final Oneshot<Integer> oneshot = new Oneshot<>();

        @Actor
        public void receiver(I_Result r) {
            r.r1 = StressWait.outcome(() -> oneshot.receive(PATIENCE), PATIENCE);
        }

        @Actor
        public void closer() {
            oneshot.close();
        }
    }

    /** Of two receivers one has the value. */
    @JCStressTest
    @Outcome(id = "7, -8", expect = ACCEPTABLE)
    @Outcome(id = "-8, 7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class OneshotTwoReceivers {
        private final Oneshot<Integer> oneshot = new Oneshot<>();

        @Actor
        public void receiver(II_Result r) {
            r.r1 = StressWait.outcome(() -> oneshot.receive(PATIENCE), PATIENCE);
        }

        @Actor
        public void senderThatReceives(II_Result r) {
            oneshot.send(7);
            r.r2 = StressWait.outcome(() -> oneshot.receive(PATIENCE), PATIENCE);
        }
    }

    /** A subscription about to wait sees both elements, or knows that it has missed one. */
    @JCStressTest
    @Outcome(id = "8, 0", expect = ACCEPTABLE, desc = "saw both")
    @Outcome(id = "8, 1", expect = ACCEPTABLE, desc = "missed the first, and was told")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class BroadcastAgainstOne {
        private final Broadcast<Integer> broadcast = Broadcast.bounded(1);
        private final Broadcast.Subscription<Integer> subscription = broadcast.subscribe();

        @Actor
        public void receiver(II_Result r) {
            for (int i = 0; i < 2; i++) {
                try {
                    r.r1 = StressWait.outcome(() -> subscription.receive(PATIENCE), PATIENCE);
                } catch (LaggedException e) {
                    r.r2 = (int) e.missed();
                }
            }
        }

        @Actor
        public void sender() {
            broadcast.send(7);
            broadcast.send(8);
        }
    }

    /** An observer about to wait is woken by the change. */
    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class WatchChangedAgainstSet {
        private final Watch<Integer> watch = Watch.of(0);
        private final Watch.Observer<Integer> observer = watch.observe();

        @Actor
        public void observing(I_Result r) {
            r.r1 = StressWait.outcome(() -> observer.changed(PATIENCE), PATIENCE);
        }

        @Actor
        public void setting() {
            watch.set(7);
        }
    }
}

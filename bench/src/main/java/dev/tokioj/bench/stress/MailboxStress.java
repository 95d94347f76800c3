package dev.tokioj.bench.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tokioj.runtime.Mailbox;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** {@link Mailbox}: no mail is lost, none is seen half, and a sleeper is woken exactly when it must be. */
public final class MailboxStress {
    private MailboxStress() {}

    /** A consumer that sleeps on mail is woken; one that does not sleep is not. */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "asleep first, then woken")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "mail first, no sleep")
    @Outcome(expect = FORBIDDEN, desc = "a lost or a needless wake-up")
    @State
    public static class SleepAgainstSend {
        private final Mailbox mailbox = new Mailbox();
        private final Letter letter = new Letter();

        @Actor
        public void consumer(ZZ_Result r) {
            r.r1 = mailbox.sleep();
        }

        @Actor
        public void producer(ZZ_Result r) {
            r.r2 = mailbox.send(letter);
        }
    }

    /** Of two senders to a sleeper exactly one wakes it. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first wakes")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second wakes")
    @Outcome(expect = FORBIDDEN, desc = "none or both wake")
    @State
    public static class TwoSendersToASleeper {
        private final Mailbox mailbox = new Mailbox();
        private final Letter first = new Letter();
        private final Letter second = new Letter();

        public TwoSendersToASleeper() {
            mailbox.sleep();
        }

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = mailbox.send(first);
        }

        @Actor
        public void two(ZZ_Result r) {
            r.r2 = mailbox.send(second);
        }
    }

    /** What is taken is complete, in order, and taken once. */
    @JCStressTest
    @Outcome(
            id = {"-1, 12", "1, 2", "12, -1"},
            expect = ACCEPTABLE,
            desc = "both, in order, now or later")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice, out of order or half written")
    @State
    public static class TakeAgainstSend {
        private final Mailbox mailbox = new Mailbox();
        private final Letter first = new Letter();
        private final Letter second = new Letter();

        @Actor
        public void producer() {
            first.payload = 1;
            mailbox.send(first);
            second.payload = 2;
            mailbox.send(second);
        }

        @Actor
        public void consumer(II_Result r) {
            r.r1 = Letter.take(mailbox);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Letter.take(mailbox);
        }
    }

    /** A consumer that wakes by itself meets a sender that wakes it: the mail arrives once either way. */
    @JCStressTest
    @Outcome(
            id = {"-1, 0, 1", "-1, 1, 1", "1, 0, -1", "1, 1, -1"},
            expect = ACCEPTABLE,
            desc = "taken now or later")
    @Outcome(expect = FORBIDDEN, desc = "lost or twice")
    @State
    public static class AwakeAgainstSend {
        private final Mailbox mailbox = new Mailbox();
        private final Letter letter = new Letter();

        public AwakeAgainstSend() {
            mailbox.sleep();
        }

        @Actor
        public void consumer(III_Result r) {
            mailbox.awake();
            r.r1 = Letter.take(mailbox);
        }

        @Actor
        public void producer(III_Result r) {
            letter.payload = 1;
            r.r2 = mailbox.send(letter) ? 1 : 0;
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Letter.take(mailbox);
        }
    }
}

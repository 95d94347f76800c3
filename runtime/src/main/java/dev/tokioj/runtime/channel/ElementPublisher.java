package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.Permit;
import dev.tokioj.runtime.waiters.Waits;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Elements as {@link Flow} has them: a subscription is a thread of its own, so that its signals come one after the other as the rules
 * of Reactive Streams want it, and an element is taken from its source only when it was asked for.
 */
final class ElementPublisher<T> implements Flow.Publisher<T> {
    /** Where a subscription's elements come from. */
    interface Source<T> {
        /** What to wait for. */
        Arm arm();

        /** What the arm took; null: the end. */
        @Nullable T take();

        /** The subscription is over. */
        void close();
    }

    private static final int[] CONTROL_FIRST = {0, 1};

    private final String name;
    private final Supplier<Source<T>> open;

    ElementPublisher(String name, Supplier<Source<T>> open) {
        this.name = name;
        this.open = open;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        Publishing<T> publishing = new Publishing<>(subscriber, open.get());
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            Thread.ofVirtual().name(name + " publisher").start(publishing::run);
            return;
        }
        try {
            runtime.spawn(name + " publisher", publishing::run);
        } catch (RejectedExecutionException e) {
            publishing.refuse(e);
        }
    }

    private static final class Publishing<T> implements Flow.Subscription {
        /** What the subscriber has done to end it; the first counts. */
        private enum End {
            CANCELLED,
            BAD_REQUEST
        }

        private final Flow.Subscriber<? super T> subscriber;
        private final Source<T> source;
        private final AtomicLong demand = new AtomicLong();
        private final Permit control = new Permit();
        private final Arm[] arms;
        private final AtomicReference<@Nullable End> end = new AtomicReference<>();

        Publishing(Flow.Subscriber<? super T> subscriber, Source<T> source) {
            this.subscriber = subscriber;
            this.source = source;
            this.arms = new Arm[] {control.arm(), source.arm()};
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                finish(End.BAD_REQUEST);
            } else {
                demand.accumulateAndGet(n, (have, more) -> have + more < 0 ? Long.MAX_VALUE : have + more);
                control.giveOne();
            }
        }

        @Override
        public void cancel() {
            finish(End.CANCELLED);
        }

        private void finish(End how) {
            end.compareAndSet(null, how);
            control.giveOne();
        }

        void refuse(RejectedExecutionException why) {
            source.close();
            subscriber.onSubscribe(this);
            subscriber.onError(why);
        }

        void run() {
            try {
                subscriber.onSubscribe(this);
                deliver();
            } catch (InterruptedException | RuntimeException e) {
                // What onNext throws breaks a rule of Flow; the subscriber at least learns why nothing comes any more.
                if (end.get() != End.CANCELLED) {
                    subscriber.onError(e);
                }
            } finally {
                source.close();
            }
        }

        private void deliver() throws InterruptedException {
            while (true) {
                while (demand.get() == 0 && end.get() == null) {
                    Waits.await(arms[0], "a publisher's wait for demand", this);
                }
                if (end.get() == End.CANCELLED) {
                    return;
                }
                if (end.get() == End.BAD_REQUEST) {
                    throw new IllegalArgumentException("request: must be more than zero (Reactive Streams rule 3.9)");
                }
                if (Waits.first(arms, CONTROL_FIRST, "a publisher's wait for elements", this, null) == 0) {
                    continue;
                }
                T element = source.take();
                if (element == null) {
                    subscriber.onComplete();
                    return;
                }
                if (demand.get() != Long.MAX_VALUE) {
                    demand.decrementAndGet();
                }
                subscriber.onNext(element);
            }
        }
    }
}

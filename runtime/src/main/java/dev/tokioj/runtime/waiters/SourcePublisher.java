package dev.tokioj.runtime.waiters;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a thread takes from a source, as {@link Flow} has it: a subscription is a thread of its own, so that its signals come one after
 * the other as the rules of Reactive Streams want it, and an element is taken from its source only when it was asked for.
 *
 * @param <T> the elements
 */
public final class SourcePublisher<T> implements Flow.Publisher<T> {
    /**
     * Where a subscription's elements come from. Its thread, but for {@link #nudge}.
     *
     * @param <T> the elements
     */
    public interface Source<T> {
        /**
         * Waits for the next element.
         *
         * @param control if it is taken first, or the source was nudged, the answer is {@link Next.Nudged}
         * @throws Exception the subscription ends with that
         */
        Next<T> next(Arm control) throws Exception;

        /** Any thread: the subscription is over, and a wait that does not look at {@code control} should end. */
        default void nudge() {}

        /** The subscription is over. */
        void close();
    }

    /**
     * What {@link Source#next} has met.
     *
     * @param <T> the elements
     */
    public sealed interface Next<T> {
        /**
         * An element.
         *
         * @param <T> its type
         */
        record Element<T>(T value) implements Next<T> {}

        /**
         * No more will come.
         *
         * @param <T> of what
         */
        record End<T>() implements Next<T> {}

        /**
         * Nothing was taken: the subscription has something to look at.
         *
         * @param <T> of what
         */
        record Nudged<T>() implements Next<T> {}
    }

    /** Runs a subscription in a thread of its own. */
    @FunctionalInterface
    public interface Spawner {
        /**
         * Runs it soon.
         *
         * @throws RejectedExecutionException there are no threads to be had
         */
        void spawn(AnsweringBody body);
    }

    private final Spawner spawner;
    private final Supplier<Source<T>> open;

    /** Each subscription opens a source. */
    public SourcePublisher(Spawner spawner, Supplier<Source<T>> open) {
        this.spawner = spawner;
        this.open = open;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        Publishing<T> publishing = new Publishing<>(subscriber, open.get());
        try {
            spawner.spawn(publishing);
        } catch (RejectedExecutionException e) {
            publishing.refuse(e);
        }
    }

    private static final class Publishing<T> implements Flow.Subscription, AnsweringBody {
        /** What the subscriber has done to end it; the first counts. */
        private enum End {
            CANCELLED,
            BAD_REQUEST
        }

        private final Flow.Subscriber<? super T> subscriber;
        private final Source<T> source;
        private final AtomicLong demand = new AtomicLong();
        private final Permit permit = new Permit();
        private final Arm control = permit.arm();
        private final AtomicReference<@Nullable End> end = new AtomicReference<>();

        Publishing(Flow.Subscriber<? super T> subscriber, Source<T> source) {
            this.subscriber = subscriber;
            this.source = source;
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                finish(End.BAD_REQUEST);
            } else {
                demand.accumulateAndGet(n, (have, more) -> have + more < 0 ? Long.MAX_VALUE : have + more);
                permit.giveOne();
            }
        }

        @Override
        public void cancel() {
            finish(End.CANCELLED);
        }

        private void finish(End how) {
            end.compareAndSet(null, how);
            permit.giveOne();
            source.nudge();
        }

        @Override
        public void neverBegins(CancellationException why) {
            refuse(why);
        }

        /** Reactive Streams rule 1.9: also who gets nothing is subscribed first. */
        void refuse(RuntimeException why) {
            source.close();
            subscriber.onSubscribe(this);
            subscriber.onError(why);
        }

        @Override
        public void run() {
            try {
                subscriber.onSubscribe(this);
                deliver();
            } catch (Exception e) {
                // What onNext throws breaks a rule of Flow; the subscriber at least learns why nothing comes any more.
                if (end.get() != End.CANCELLED) {
                    subscriber.onError(e);
                }
            } finally {
                source.close();
            }
        }

        private void deliver() throws Exception {
            while (true) {
                while (demand.get() == 0 && end.get() == null) {
                    Waits.await(control, "a publisher's wait for demand", this);
                }
                if (end.get() == End.CANCELLED) {
                    return;
                }
                if (end.get() == End.BAD_REQUEST) {
                    throw new IllegalArgumentException("request: must be more than zero (Reactive Streams rule 3.9)");
                }
                switch (source.next(control)) {
                    case Next.Nudged<T> _ -> {}
                    case Next.End<T> _ -> {
                        subscriber.onComplete();
                        return;
                    }
                    case Next.Element<T>(T element) -> {
                        if (demand.get() != Long.MAX_VALUE) {
                            demand.decrementAndGet();
                        }
                        subscriber.onNext(element);
                    }
                }
            }
        }
    }
}

package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.waiters.AnsweringBody;
import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.SourcePublisher;
import dev.tokioj.runtime.waiters.SourcePublisher.Next;
import dev.tokioj.runtime.waiters.Waits;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Arm} takes as {@link Flow} has it ({@link SourcePublisher}): in a task of the runtime that subscribes, or outside of one
 * in a virtual thread.
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

    private final SourcePublisher<T> publisher;

    ElementPublisher(String name, Supplier<Source<T>> open) {
        publisher = new SourcePublisher<>(body -> spawn(name + " publisher", body), () -> new Taking<>(open.get()));
    }

    private static void spawn(String name, AnsweringBody body) {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            Thread.ofVirtual().name(name).start(body::run);
        } else {
            // Nobody joins it: what it has to say it says to the subscriber.
            var _ = runtime.spawn(name, body);
        }
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        publisher.subscribe(subscriber);
    }

    private static final class Taking<T> implements SourcePublisher.Source<T> {
        private final Source<T> source;
        /** The control first, once it is known. */
        private final Arm[] arms;

        Taking(Source<T> source) {
            this.source = source;
            this.arms = new Arm[] {source.arm(), source.arm()};
        }

        @Override
        public Next<T> next(Arm control) throws InterruptedException {
            arms[0] = control;
            if (Waits.first(arms, CONTROL_FIRST, "a publisher's wait for elements", this, null) == 0) {
                return new Next.Nudged<>();
            }
            T element = source.take();
            return element == null ? new Next.End<>() : new Next.Element<>(element);
        }

        @Override
        public void close() {
            source.close();
        }
    }
}

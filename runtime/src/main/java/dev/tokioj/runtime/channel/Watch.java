package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.StateArm;
import dev.tokioj.runtime.waiters.WaitSet;
import dev.tokioj.runtime.waiters.Waits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A value that changes, and observers who want the latest and not all: settings, a state, progress. Setting it never waits. Any
 * thread; callbacks of a loop may do everything but wait for a change.
 *
 * @param <T> the value, never null; the same object goes to all, so let it be immutable
 */
public final class Watch<T> implements AutoCloseable {
    private record Version<T>(T value, long number, boolean closed) {}

    private final AtomicReference<Version<T>> latest;
    private final WaitSet waiting = new WaitSet();

    private Watch(T initial) {
        latest = new AtomicReference<>(new Version<>(Objects.requireNonNull(initial, "initial"), 0, false));
    }

    /** A watch with its first value. */
    public static <T> Watch<T> of(T initial) {
        return new Watch<>(initial);
    }

    /** The latest value, also after {@link #close}. */
    public T get() {
        return version().value;
    }

    /**
     * Sets the value; a change even if it is equal to the one before.
     *
     * @throws ChannelClosedException it is closed
     */
    public void set(T value) {
        Objects.requireNonNull(value, "value");
        update(before -> value);
    }

    /**
     * Sets what the function makes of the value, which may be called more than once.
     *
     * @return the new value
     * @throws ChannelClosedException it is closed
     */
    public T update(UnaryOperator<T> change) {
        while (true) {
            Version<T> before = version();
            if (before.closed) {
                throw new ChannelClosedException("the watch is closed: the value was not set");
            }
            T value = Objects.requireNonNull(change.apply(before.value), "the new value");
            if (latest.compareAndSet(before, new Version<>(value, before.number + 1, false))) {
                waiting.wakeAll();
                return value;
            }
        }
    }

    /** There will be no more changes; observers see the last, and then the end. Idempotent. */
    @Override
    public void close() {
        latest.updateAndGet(before -> new Version<>(before.value, before.number, true));
        waiting.wakeAll();
    }

    /** Whether it was closed. */
    public boolean isClosed() {
        return version().closed;
    }

    /** An observer to whom the present value is known: it waits for later ones. Nothing has to be closed. */
    public Observer<T> observe() {
        return new Observer<>(this, version().number);
    }

    /**
     * The values as a publisher: to each subscriber the value at its {@code subscribe}, and then the latest whenever it asks and there is
     * a new one. As {@link Channel#publisher}.
     */
    public Flow.Publisher<T> publisher() {
        return new ElementPublisher<>("watch", () -> {
            Observer<T>.ChangeArm arm = new Observer<>(this, -1).arm();
            return new ElementPublisher.Source<>() {
                @Override
                public Arm arm() {
                    return arm;
                }

                @Override
                public @Nullable T take() {
                    return arm.valueOrNull();
                }

                @Override
                public void close() {
                    // An observer holds nothing.
                }
            };
        });
    }

    private Version<T> version() {
        return Objects.requireNonNull(latest.get());
    }

    /**
     * Who waits for changes. One thread at a time.
     *
     * @param <T> the value
     */
    public static final class Observer<T> {
        private final Watch<T> watch;
        private volatile long seen;

        private Observer(Watch<T> watch, long seen) {
            this.watch = watch;
            this.seen = seen;
        }

        /** The latest value, without marking it as seen. */
        public T get() {
            return watch.get();
        }

        /** Whether {@link #changed()} would return a value at once. */
        public boolean hasChanged() {
            return watch.version().number != seen;
        }

        /**
         * Waits until there is a value that this observer has not seen, and returns the latest.
         *
         * @throws ChannelClosedException the watch is closed and its last value was seen
         * @throws InterruptedException what is unseen stays so
         * @throws IllegalStateException nothing has changed, in a callback of a loop
         */
        public T changed() throws InterruptedException {
            ChangeArm arm = arm();
            Waits.await(arm, "Watch.changed", watch);
            return arm.valueOrThrow();
        }

        /**
         * As {@link #changed()}, but waits no longer than this.
         *
         * @throws TimeoutException the time has passed
         */
        public T changed(Duration timeout) throws InterruptedException, TimeoutException {
            ChangeArm arm = arm();
            Waits.await(arm, "Watch.changed", watch, timeout);
            return arm.valueOrThrow();
        }

        /** As {@link #changed()}, but returns null at the end. */
        public @Nullable T changedOrNull() throws InterruptedException {
            ChangeArm arm = arm();
            Waits.await(arm, "Watch.changed", watch);
            return arm.valueOrNull();
        }

        ChangeArm arm() {
            return new ChangeArm();
        }

        /** Waiting for a change, as one of several things to wait for. */
        final class ChangeArm extends StateArm {
            /** What was taken; null: the end. */
            private @Nullable T taken;

            ChangeArm() {
                super(watch.waiting);
            }

            @Override
            protected boolean isReady() {
                Version<T> now = watch.version();
                return now.number != seen || now.closed;
            }

            @Override
            public boolean poll() {
                Version<T> now = watch.version();
                if (now.number == seen) {
                    return now.closed;
                }
                seen = now.number;
                taken = now.value;
                return true;
            }

            T valueOrThrow() {
                T value = valueOrNull();
                if (value == null) {
                    throw new ChannelClosedException("the watch is closed and its last value was seen");
                }
                return value;
            }

            @Nullable T valueOrNull() {
                T mine = taken;
                taken = null;
                return mine;
            }
        }
    }
}

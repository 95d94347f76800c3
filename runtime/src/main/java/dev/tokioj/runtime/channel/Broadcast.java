package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.ShortLock;
import dev.tokioj.runtime.waiters.StateArm;
import dev.tokioj.runtime.waiters.WaitSet;
import dev.tokioj.runtime.waiters.Waits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Every element to every subscription. It keeps the latest {@code capacity} elements and never makes a sender wait: a subscription that
 * is slower than that is told how many it has missed ({@link LaggedException}) and goes on with the oldest that is kept. Any
 * thread; callbacks of a loop may send, subscribe, close and try.
 *
 * @param <T> the elements; the same object goes to all
 */
public final class Broadcast<T> implements AutoCloseable {
    private record Missed(long count) {}

    private final int capacity;
    private final WaitSet waiting = new WaitSet();
    /** Held for a few instructions; nobody waits or runs code of a user in it. */
    private final ShortLock lock = new ShortLock();

    // Under the lock.
    private final Object[] elements;
    /** How many were sent: the number of the next. */
    private long sent;

    private int subscriptions;
    private boolean closed;

    private Broadcast(int capacity) {
        this.capacity = capacity;
        this.elements = new Object[capacity];
    }

    /**
     * A broadcast that keeps this many elements for the slower subscriptions.
     *
     * @throws IllegalArgumentException if the capacity is not from 1 to 2^28
     */
    public static <T> Broadcast<T> bounded(int capacity) {
        if (capacity < 1 || capacity > 1 << 28) {
            throw new IllegalArgumentException("capacity: must be from 1 to 2^28, is " + capacity);
        }
        return new Broadcast<>(capacity);
    }

    /**
     * Sends to all that are subscribed now. Never waits.
     *
     * @return how many those are; 0: nobody will see it
     * @throws ChannelClosedException it is closed
     */
    public int send(T element) {
        Objects.requireNonNull(element, "element");
        int reached;
        lock.lock();
        try {
            if (closed) {
                throw new ChannelClosedException("the broadcast is closed: the element was not sent");
            }
            elements[(int) (sent % capacity)] = element;
            sent++;
            reached = subscriptions;
        } finally {
            lock.unlock();
        }
        waiting.wakeAll();
        return reached;
    }

    /** A subscription: it receives what is sent from now on. Close it: until then it is counted. */
    public Subscription<T> subscribe() {
        lock.lock();
        try {
            subscriptions++;
            return new Subscription<>(this, sent);
        } finally {
            lock.unlock();
        }
    }

    /** How many subscriptions there are. */
    public int subscriptions() {
        lock.lock();
        try {
            return subscriptions;
        } finally {
            lock.unlock();
        }
    }

    /** Lets nothing more in; subscriptions receive what is kept for them, and then the end. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        waiting.wakeAll();
    }

    /**
     * The elements as a publisher: each subscriber has a subscription of its own, from its {@code subscribe} on. One that lags ends with
     * {@link LaggedException}. As {@link Channel#publisher}.
     */
    public Flow.Publisher<T> publisher() {
        return new ElementPublisher<>("broadcast", () -> {
            Subscription<T> subscription = subscribe();
            Subscription<T>.ReceiveArm arm = subscription.arm();
            return new ElementPublisher.Source<>() {
                @Override
                public Arm arm() {
                    return arm;
                }

                @Override
                public @Nullable T take() {
                    return arm.elementOrNull();
                }

                @Override
                public void close() {
                    subscription.close();
                }
            };
        });
    }

    /**
     * One receiver of everything. For one thread at a time; if several share it each element goes to one of them.
     *
     * @param <T> the elements
     */
    public static final class Subscription<T> implements AutoCloseable {
        private final Broadcast<T> broadcast;
        // Under the broadcast's lock.
        private long next;
        private boolean over;

        private Subscription(Broadcast<T> broadcast, long next) {
            this.broadcast = broadcast;
            this.next = next;
        }

        /**
         * Receives the next element; waits while there is none.
         *
         * @throws LaggedException elements were missed; call again
         * @throws ChannelClosedException the broadcast is closed and nothing is left, or this subscription is closed
         * @throws InterruptedException nothing was taken
         * @throws IllegalStateException there is none, in a callback of a loop
         */
        public T receive() throws InterruptedException {
            ReceiveArm arm = arm();
            Waits.await(arm, "Broadcast.receive", broadcast);
            return arm.elementOrThrow();
        }

        /**
         * As {@link #receive()}, but waits no longer than this.
         *
         * @throws TimeoutException the time has passed; nothing was taken
         */
        public T receive(Duration timeout) throws InterruptedException, TimeoutException {
            ReceiveArm arm = arm();
            Waits.await(arm, "Broadcast.receive", broadcast, timeout);
            return arm.elementOrThrow();
        }

        /** As {@link #receive()}, but returns null at the end. */
        public @Nullable T receiveOrNull() throws InterruptedException {
            ReceiveArm arm = arm();
            Waits.await(arm, "Broadcast.receive", broadcast);
            return arm.elementOrNull();
        }

        /**
         * Receives if there is something.
         *
         * @return null: there is nothing now
         * @throws LaggedException as {@link #receive()}
         * @throws ChannelClosedException as {@link #receive()}
         */
        public @Nullable T tryReceive() {
            ReceiveArm arm = arm();
            return arm.poll() ? arm.elementOrThrow() : null;
        }

        /** Ends it; who waits in it gets {@link ChannelClosedException}. Idempotent. */
        @Override
        public void close() {
            broadcast.lock.lock();
            try {
                if (!over) {
                    over = true;
                    broadcast.subscriptions--;
                }
            } finally {
                broadcast.lock.unlock();
            }
            broadcast.waiting.wakeAll();
        }

        ReceiveArm arm() {
            return new ReceiveArm();
        }

        /** An element, {@link Store#ENDED}, {@link Missed}, or null: nothing yet. */
        private @Nullable Object poll() {
            broadcast.lock.lock();
            try {
                long missed = broadcast.sent - broadcast.capacity - next;
                if (over) {
                    return Store.ENDED;
                }
                if (missed > 0) {
                    next += missed;
                    return new Missed(missed);
                }
                if (next < broadcast.sent) {
                    return broadcast.elements[(int) (next++ % broadcast.capacity)];
                }
                return broadcast.closed ? Store.ENDED : null;
            } finally {
                broadcast.lock.unlock();
            }
        }

        private boolean isReady() {
            broadcast.lock.lock();
            try {
                return over || next < broadcast.sent || broadcast.closed;
            } finally {
                broadcast.lock.unlock();
            }
        }

        /** Receiving, as one of several things to wait for. */
        final class ReceiveArm extends StateArm {
            private @Nullable Object taken;

            ReceiveArm() {
                super(broadcast.waiting);
            }

            @Override
            protected boolean isReady() {
                return Subscription.this.isReady();
            }

            @Override
            public boolean poll() {
                taken = Subscription.this.poll();
                return taken != null;
            }

            T elementOrThrow() {
                T element = elementOrNull();
                if (element == null) {
                    throw new ChannelClosedException("the broadcast is closed and nothing is left to receive");
                }
                return element;
            }

            @SuppressWarnings("unchecked") // neither of the two, so what send put there
            @Nullable T elementOrNull() {
                Object mine = Objects.requireNonNull(taken);
                taken = null;
                if (mine instanceof Missed missed) {
                    throw new LaggedException(missed.count);
                }
                return mine == Store.ENDED ? null : (T) mine;
            }
        }
    }
}

package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.Waits;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Elements from any number of senders to any number of receivers; each element goes to one receiver. A bounded channel makes its
 * senders wait when it is full; an unbounded one never does. Elements of one sender arrive in its order; who waits is served first
 * come first served, and nobody overtakes those who wait.
 *
 * <pre>{@code
 * var packets = Channel.<Packet>bounded(1024);
 * packets.send(packet);                                            // waits when full
 * while (packets.receiveOrNull() instanceof Packet p) { ... }      // null: closed, and nothing is left
 * while (packets.receiveAll(batch, 256) > 0) { ...; batch.clear(); }
 * }</pre>
 *
 * The end: {@link #close} lets nothing more in, and senders get {@link ChannelClosedException}. Receivers get what is left; then
 * {@link #receive} and {@link #tryReceive} throw {@link ChannelClosedException}, {@link #receiveOrNull} returns null and {@link
 * #receiveAll} 0.
 *
 * <p>Any thread; a callback of a loop may call whatever does not have to wait. A task that never has to wait, because there always is
 * an element (or room), gives way to the others of its loop after 256 elements. What a sender did before it sent is visible to who
 * receives the element. An element is never null.
 *
 * @param <T> the elements
 */
public final class Channel<T> implements AutoCloseable {
    /** After so many elements without a wait a virtual thread lets the others of its loop (or carrier) run. */
    private static final int BUDGET = 256;

    /** Indices of {@link #unrested}, so far apart that the two ends do not share a cache line. */
    private static final int SENT = 16;

    private static final int RECEIVED = 40;

    private final Exchange exchange;
    private final boolean bounded;
    /** How many elements went by since somebody rested, at each end. Plain: a lost count only delays the rest. */
    private final int[] unrested = new int[64];

    private Channel(Store store, boolean bounded) {
        this.exchange = new Exchange(store);
        this.bounded = bounded;
    }

    /**
     * A channel that holds up to this many elements; a sender that finds it full waits.
     *
     * @throws IllegalArgumentException if the capacity is not from 1 to 2^28
     */
    public static <T> Channel<T> bounded(int capacity) {
        if (capacity < 1 || capacity > 1 << 28) {
            throw new IllegalArgumentException("capacity: must be from 1 to 2^28, is " + capacity);
        }
        return new Channel<>(new Ring(capacity), true);
    }

    /** A channel whose senders never wait; it grows with what nobody receives: look at {@link #size}, or set a ceiling. */
    public static <T> Channel<T> unbounded() {
        return new Channel<>(new Chain(Long.MAX_VALUE), false);
    }

    /**
     * A channel whose senders never wait, and that refuses more elements than its ceiling: {@link #send} throws {@link
     * ChannelFullException}, {@link #trySend} returns false.
     *
     * @throws IllegalArgumentException if the ceiling is less than 1
     */
    public static <T> Channel<T> unbounded(long ceiling) {
        if (ceiling < 1) {
            throw new IllegalArgumentException("ceiling: must be at least 1, is " + ceiling);
        }
        return new Channel<>(new Chain(ceiling), false);
    }

    // ---- sending

    /**
     * Sends; waits while a bounded channel is full.
     *
     * @throws ChannelClosedException the channel was closed before the element was in it
     * @throws ChannelFullException an unbounded channel is at its ceiling
     * @throws InterruptedException the element was not sent
     * @throws IllegalStateException it is full, in a callback of a loop
     */
    public void send(T element) throws InterruptedException {
        if (!sendAtOnce(element)) {
            Exchange.SendArm arm = sendArm(element);
            Waits.await(arm, "Channel.send", this);
            check(arm);
        }
        rest(SENT, 1);
    }

    /**
     * As {@link #send(Object)}, but waits no longer than this.
     *
     * @throws TimeoutException the time has passed; the element was not sent
     */
    public void send(T element, Duration timeout) throws InterruptedException, TimeoutException {
        if (!sendAtOnce(element)) {
            Exchange.SendArm arm = sendArm(element);
            Waits.await(arm, "Channel.send", this, timeout);
            check(arm);
        }
        rest(SENT, 1);
    }

    private boolean sendAtOnce(T element) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return switch (offer(element)) {
            case ACCEPTED -> true;
            case CLOSED -> throw closedForSenders();
            case FULL -> {
                if (!bounded) {
                    throw new ChannelFullException(
                            "the channel holds " + exchange.store.capacity() + " elements, its ceiling");
                }
                yield false;
            }
        };
    }

    /**
     * Sends if that can be done without waiting, and without overtaking those who wait.
     *
     * @return false: it is full
     * @throws ChannelClosedException it is closed
     */
    public boolean trySend(T element) {
        return switch (offer(element)) {
            case ACCEPTED -> true;
            case FULL -> false;
            case CLOSED -> throw closedForSenders();
        };
    }

    private Store.Offer offer(T element) {
        return exchange.offer(Objects.requireNonNull(element, "element"));
    }

    // ---- receiving

    /**
     * Receives; waits while there is nothing.
     *
     * @throws ChannelClosedException the channel is closed and nothing is left
     * @throws InterruptedException nothing was taken
     * @throws IllegalStateException it is empty, in a callback of a loop
     */
    public T receive() throws InterruptedException {
        return elementOrThrow(take());
    }

    /**
     * As {@link #receive()}, but waits no longer than this.
     *
     * @throws TimeoutException the time has passed; nothing was taken
     */
    public T receive(Duration timeout) throws InterruptedException, TimeoutException {
        Object taken = takeAtOnce();
        if (taken == null) {
            Exchange.ReceiveArm arm = receiveArm();
            Waits.await(arm, "Channel.receive", this, timeout);
            taken = arm.taken();
        }
        rest(RECEIVED, 1);
        return elementOrThrow(taken);
    }

    /** As {@link #receive()}, but returns null once the channel is closed and nothing is left. */
    public @Nullable T receiveOrNull() throws InterruptedException {
        Object taken = take();
        return taken == Store.ENDED ? null : element(taken);
    }

    /**
     * Receives if there is something.
     *
     * @return null: there is nothing now
     * @throws ChannelClosedException the channel is closed and nothing is left
     */
    public @Nullable T tryReceive() {
        Object taken = exchange.poll();
        return taken == null ? null : elementOrThrow(taken);
    }

    /**
     * Waits for the first element and takes it and what else there is: the way to receive much, with one wake-up a batch.
     *
     * @param into where to
     * @param most at most so many, at least 1
     * @return how many; 0: the channel is closed and nothing is left
     * @throws InterruptedException nothing was taken
     */
    public int receiveAll(Collection<? super T> into, int most) throws InterruptedException {
        if (most < 1) {
            throw new IllegalArgumentException("most: must be at least 1, is " + most);
        }
        Object taken = take();
        if (taken == Store.ENDED) {
            return 0;
        }
        into.add(element(taken));
        int more = drainTo(into, most - 1);
        rest(RECEIVED, more);
        return 1 + more;
    }

    /**
     * Takes what there is, up to so many, without waiting; returns how many. What {@code into} throws of its {@code add} comes out of
     * here: the element that it did not take is lost, as with {@link java.util.concurrent.BlockingQueue#drainTo}.
     */
    public int drainTo(Collection<? super T> into, int most) {
        int taken = 0;
        try {
            while (taken < most) {
                Object next = exchange.pollOfBatch();
                if (next == null || next == Store.ENDED) {
                    break;
                }
                into.add(element(next));
                taken++;
            }
        } finally {
            exchange.serveWaiters();
        }
        return taken;
    }

    private Object take() throws InterruptedException {
        Object taken = takeAtOnce();
        if (taken == null) {
            Exchange.ReceiveArm arm = receiveArm();
            Waits.await(arm, "Channel.receive", this);
            taken = arm.taken();
        }
        rest(RECEIVED, 1);
        return taken;
    }

    /**
     * A virtual thread keeps its carrier until it waits, and one that always finds elements never does: on a loop nobody else
     * would run, and no packet be read.
     */
    @SuppressWarnings("ThreadPriorityCheck") // among virtual threads yielding is what gives way
    private void rest(int end, int elements) {
        int now = unrested[end] + elements;
        if (now >= BUDGET) {
            now = 0;
            if (Thread.currentThread().isVirtual()) {
                Thread.yield();
            }
        }
        unrested[end] = now;
    }

    private @Nullable Object takeAtOnce() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return exchange.poll();
    }

    /**
     * The elements as a publisher: each goes to one subscriber, as it asks for them, so that {@code request} holds the senders back. A
     * subscription is a task of the runtime that subscribes, or a virtual thread outside of one, and completes at the channel's end.
     */
    public Flow.Publisher<T> publisher() {
        return new ElementPublisher<>("channel", () -> new ElementPublisher.Source<>() {
            private final Exchange.ReceiveArm arm = receiveArm();

            @Override
            public Arm arm() {
                return arm;
            }

            @Override
            public @Nullable T take() {
                Object taken = arm.taken();
                return taken == Store.ENDED ? null : element(taken);
            }

            @Override
            public void close() {
                // The channel is not the subscriber's to close.
            }
        });
    }

    // ---- the end, and what can be seen

    /** Lets nothing more in. Those who wait to send get {@link ChannelClosedException}; receivers get what is left. Idempotent. */
    @Override
    public void close() {
        exchange.close();
    }

    /** Whether it was closed; there may be elements left. */
    public boolean isClosed() {
        return exchange.store.isClosed();
    }

    /** Whether it was closed and nothing is left to receive. */
    public boolean isEnded() {
        return exchange.store.isEnded();
    }

    /** How many elements it holds; may lag. Elements of senders that wait are not in it. */
    public long size() {
        return exchange.store.size();
    }

    /** How many it can hold: its capacity or its ceiling; {@link Long#MAX_VALUE} for one without. */
    public long capacity() {
        return exchange.store.capacity();
    }

    /** How many threads wait to send; may lag. */
    public int waitingSenders() {
        return exchange.senders.size();
    }

    /** How many threads wait to receive; may lag. */
    public int waitingReceivers() {
        return exchange.receivers.size();
    }

    @Override
    public String toString() {
        return "channel of " + size() + " elements" + (isClosed() ? ", closed" : "");
    }

    private ChannelClosedException closedForSenders() {
        return new ChannelClosedException("the channel is closed: the element was not sent");
    }

    Exchange.ReceiveArm receiveArm() {
        return exchange.new ReceiveArm();
    }

    Exchange.SendArm sendArm(T element) {
        return exchange.new SendArm(Objects.requireNonNull(element, "element"));
    }

    void check(Exchange.SendArm arm) {
        if (arm.isRefused()) {
            throw closedForSenders();
        }
    }

    T elementOrThrow(Object taken) {
        if (taken == Store.ENDED) {
            throw new ChannelClosedException("the channel is closed and nothing is left to receive");
        }
        return element(taken);
    }

    /** What came in by send comes out. */
    @SuppressWarnings("unchecked")
    T element(Object taken) {
        return (T) taken;
    }
}

package dev.tokioj.runtime.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * An unbounded {@link Store} that knows its size: the JDK's linked queue, and a count that a producer raises before it adds and a
 * consumer lowers after it took. The count's sign bit is "closed": nobody raises it after that.
 */
final class Chain implements Store {
    private static final VarHandle COUNT;
    private static final long CLOSED = Long.MIN_VALUE;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(Chain.class, "count", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long ceiling;
    private final ConcurrentLinkedQueue<Object> elements = new ConcurrentLinkedQueue<>();
    private volatile long count;

    Chain(long ceiling) {
        this.ceiling = ceiling;
    }

    @Override
    public Offer offer(Object element, boolean exact) {
        while (true) {
            long seen = count;
            if (seen < 0) {
                return Offer.CLOSED;
            }
            if (seen >= ceiling) {
                return Offer.FULL;
            }
            if (COUNT.compareAndSet(this, seen, seen + 1)) {
                elements.add(element);
                return Offer.ACCEPTED;
            }
        }
    }

    @Override
    public @Nullable Object poll(boolean exact) {
        for (int round = 0; ; round++) {
            Object element = elements.poll();
            if (element != null) {
                COUNT.getAndAdd(this, -1L);
                return element;
            }
            long seen = count;
            if ((seen & ~CLOSED) == 0) {
                return seen < 0 ? ENDED : null;
            }
            // Somebody is between the count and the queue.
            if (!exact) {
                return null;
            }
            Store.pause(round);
        }
    }

    @Override
    public void close() {
        COUNT.getAndBitwiseOr(this, CLOSED);
    }

    @Override
    public boolean isClosed() {
        return count < 0;
    }

    @Override
    public boolean isEnded() {
        return count == CLOSED;
    }

    @Override
    public long size() {
        return count & ~CLOSED;
    }

    @Override
    public long capacity() {
        return ceiling;
    }
}

package dev.tokioj.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The way onto a loop: many producers, one consumer, unbounded, in the order of arrival. One of the two places where
 * things cross threads (the other is the hand-off of bytes).
 *
 * <p>The whole state is one word, {@link #head}: {@code null} (empty, consumer awake), {@link #ASLEEP} (empty, consumer
 * asleep or about to be), or the newest entry of a chain that leads to the oldest. A producer that replaces {@code ASLEEP}
 * has the duty to wake the consumer, so exactly one producer wakes it per sleep and nobody wakes a loop that runs. The
 * consumer takes the whole chain at once and turns it round.
 *
 * <p>An entry may be in one mailbox at a time. {@link Signal} is the entry that may be sent again and again.
 */
public final class Mailbox {
    /** What travels: something to run on the loop. Linked by its own {@link #next}, so that sending allocates nothing. */
    public abstract static class Entry {
        /** The producer's before the push, the consumer's after the take. */
        @Nullable Entry next;

        /** For what is sent. */
        protected Entry() {}

        /** Consumer: the entry that came after this one in the chain that {@link #takeAll} gave; null at its end. */
        public final @Nullable Entry following() {
            return next;
        }

        /** Called by the consumer, once per send. */
        protected abstract void deliver();
    }

    private static final Entry ASLEEP = new Entry() {
        @Override
        protected void deliver() {
            throw new IllegalStateException("the mark of a sleeping loop is not for delivery");
        }
    };

    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(Mailbox.class, "head", Entry.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through HEAD
    private volatile @Nullable Entry head;

    /** Consumer's: how many entries the last {@link #takeAll} gave. */
    private int taken;

    /** An empty mailbox whose consumer is awake. */
    public Mailbox() {}

    /**
     * Any thread: sends.
     *
     * @return whether the consumer sleeps and the caller must wake it
     */
    public boolean send(Entry entry) {
        while (true) {
            Entry old = head;
            entry.next = old == ASLEEP ? null : old;
            if (HEAD.compareAndSet(this, old, entry)) {
                return old == ASLEEP;
            }
        }
    }

    /** Consumer: takes everything there is, oldest first, chained by {@code next}; null if there is nothing. */
    public @Nullable Entry takeAll() {
        Entry newest = head;
        if (newest == null || newest == ASLEEP) {
            return null;
        }
        newest = (Entry) HEAD.getAndSet(this, null);
        Entry oldest = null;
        int count = 0;
        while (newest != null) {
            count++;
            Entry older = newest.next;
            newest.next = oldest;
            oldest = newest;
            newest = older;
        }
        taken = count;
        return oldest;
    }

    /** Consumer, awake: whether {@link #takeAll} would find anything. */
    boolean hasMail() {
        return head != null;
    }

    /** Consumer: how many entries the last {@link #takeAll} that found any gave. */
    int taken() {
        return taken;
    }

    /**
     * Any thread: how many entries wait to be taken, counting no further than {@code most}. The senders pay nothing for it:
     * the chain is followed here. If the consumer turns it round meanwhile the walk goes astray, but it ends.
     */
    int depth(int most) {
        int count = 0;
        for (int attempt = 0; attempt < 3; attempt++) {
            Entry newest = head;
            count = 0;
            for (Entry entry = newest; entry != null && entry != ASLEEP && count < most; entry = entry.next) {
                count++;
            }
            if (head == newest) {
                break;
            }
        }
        return count;
    }

    /** Consumer: announces that it will sleep. False: there is mail, and it must not. */
    public boolean sleep() {
        return HEAD.compareAndSet(this, null, ASLEEP);
    }

    /** Any thread: whether the consumer sleeps and nothing was sent to it since. */
    boolean isAsleep() {
        return head == ASLEEP;
    }

    /** Consumer: is awake again, for whatever reason. */
    public void awake() {
        if (head == ASLEEP) {
            // Fails if a producer was faster: then there is mail, and a wake-up that is no longer needed.
            HEAD.compareAndSet(this, ASLEEP, null);
        }
    }
}

package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.Waiting;
import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.StateArm;
import dev.tokioj.runtime.waiters.WaitNode;
import dev.tokioj.runtime.waiters.Waiter;
import dev.tokioj.runtime.waiters.Waits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the first of several things: an element, room for an element, the end of a task, a notification, a time.
 *
 * <pre>{@code
 * String what = Select.on(
 *         Select.receive(packets, packet -> "packet " + packet),
 *         Select.send(acks, ack, () -> "acknowledged"),
 *         Select.done(task, ended -> "task " + ended.state()),
 *         Select.after(Duration.ofSeconds(1), () -> "silence"));
 * }</pre>
 *
 * Exactly one branch is taken; the others take and give nothing, also when the select is interrupted or times out, and leave
 * nothing behind where they waited. Where several can be taken at once one of them is chosen at random, each with the same
 * chance. What follows a branch runs after the select is over, so it may wait and select again. A select made once by {@link #of} may
 * be awaited again and again, by one thread at a time; its times count from each {@code await}.
 *
 * @param <R> what the branches return
 */
public final class Select<R extends @Nullable Object> {
    private final List<Branch<? extends R>> branches;
    private final Arm[] arms;
    private final int[] order;
    /** The branch of {@link #otherwise}; -1: none. */
    private final int otherwise;

    private final AtomicBoolean inUse = new AtomicBoolean();
    private long random;

    Select(List<Branch<? extends R>> branches, long seed) {
        if (branches.isEmpty()) {
            throw new IllegalArgumentException("a select without a branch would wait for ever");
        }
        this.branches = branches;
        this.random = seed;
        int fallback = -1;
        int ways = 0;
        Arm[] all = new Arm[branches.size()];
        for (int i = 0; i < all.length; i++) {
            Arm arm = branches.get(i).arm;
            if (arm != Otherwise.ARM) {
                all[ways++] = arm;
            } else if (i < all.length - 1) {
                throw new IllegalArgumentException("otherwise: there is at most one, and it comes last");
            } else {
                fallback = i;
            }
        }
        this.otherwise = fallback;
        this.arms = Arrays.copyOf(all, ways);
        this.order = new int[ways];
        for (int i = 0; i < ways; i++) {
            order[i] = i;
        }
    }

    /**
     * A select of these branches, to be awaited any number of times.
     *
     * @throws IllegalArgumentException without a branch
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // List.of copies the array
    public static <R extends @Nullable Object> Select<R> of(Branch<? extends R>... branches) {
        return new Select<>(List.of(branches), ThreadLocalRandom.current().nextLong());
    }

    /**
     * Waits for the first of the branches, and returns what follows it: {@code of(branches).await()}.
     *
     * @throws InterruptedException no branch was taken (or what follows threw it)
     * @throws IllegalStateException it would have to wait, in a callback of a loop
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // List.of copies the array
    public static <R extends @Nullable Object> R on(Branch<? extends R>... branches) throws InterruptedException {
        return new Select<R>(List.of(branches), ThreadLocalRandom.current().nextLong()).await();
    }

    /**
     * Waits for the first branch.
     *
     * @throws InterruptedException no branch was taken (or what follows threw it)
     * @throws IllegalStateException it would have to wait, in a callback of a loop; a second thread awaits this select
     */
    public R await() throws InterruptedException {
        return branches.get(run(null)).then.get();
    }

    /**
     * Waits for the first branch, but no longer than this.
     *
     * @throws TimeoutException the time has passed; no branch was taken
     */
    public R await(Duration timeout) throws InterruptedException, TimeoutException {
        int taken = run(timeout);
        if (taken < 0) {
            throw new TimeoutException("Select.await has waited for " + timeout);
        }
        return branches.get(taken).then.get();
    }

    private int run(@Nullable Duration timeout) throws InterruptedException {
        if (!inUse.compareAndSet(false, true)) {
            throw new IllegalStateException("a second concurrent await: a select is awaited by one thread at a time");
        }
        try {
            shuffle();
            if (otherwise < 0) {
                return Waits.first(arms, order, "Select.await", this, timeout);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            int taken = Waits.poll(arms, order);
            return taken >= 0 ? taken : otherwise;
        } finally {
            inUse.set(false);
        }
    }

    /** Fisher and Yates; the numbers are Steele, Lea and Flood's SplitMix64. */
    private void shuffle() {
        for (int i = order.length - 1; i > 0; i--) {
            random += 0x9E3779B97F4A7C15L;
            long z = (random ^ (random >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            int j = (int) Math.unsignedMultiplyHigh(z ^ (z >>> 31), i + 1L);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
    }

    // ---- the branches

    /** An element of the channel. At its end the select throws {@link ChannelClosedException}. */
    public static <T, R extends @Nullable Object> Branch<R> receive(
            Channel<T> channel, Branch.ThenWith<? super T, ? extends R> then) {
        var arm = channel.receiveArm();
        return new Branch<>(arm, () -> then.apply(channel.elementOrThrow(arm.taken())));
    }

    /** An element of the channel, or its end: closed, and nothing left. */
    public static <T, R extends @Nullable Object> Branch<R> receive(
            Channel<T> channel, Branch.ThenWith<? super T, ? extends R> then, Branch.Then<? extends R> atEnd) {
        var arm = channel.receiveArm();
        return new Branch<>(arm, () -> {
            Object taken = arm.taken();
            return taken == Store.ENDED ? atEnd.get() : then.apply(channel.element(taken));
        });
    }

    /**
     * Room for this element, which is then sent; an unbounded channel has room below its ceiling. Where the channel is closed the select
     * throws {@link ChannelClosedException}.
     */
    public static <T, R extends @Nullable Object> Branch<R> send(
            Channel<T> channel, T element, Branch.Then<? extends R> then) {
        var arm = channel.sendArm(element);
        return new Branch<>(arm, () -> {
            channel.check(arm);
            return then.get();
        });
    }

    /** The value of the oneshot; if it was closed without one, the select throws {@link ChannelClosedException}. */
    public static <T, R extends @Nullable Object> Branch<R> receive(
            Oneshot<T> oneshot, Branch.ThenWith<? super T, ? extends R> then) {
        var arm = oneshot.new ReceiveArm();
        return new Branch<>(arm, () -> then.apply(arm.valueOrThrow()));
    }

    /** The next element of the subscription, as {@link Broadcast.Subscription#receive()}: what that throws the select throws. */
    public static <T, R extends @Nullable Object> Branch<R> receive(
            Broadcast.Subscription<T> subscription, Branch.ThenWith<? super T, ? extends R> then) {
        var arm = subscription.arm();
        return new Branch<>(arm, () -> then.apply(arm.elementOrThrow()));
    }

    /** A value that is new to the observer, as {@link Watch.Observer#changed()}: what that throws the select throws. */
    public static <T, R extends @Nullable Object> Branch<R> changed(
            Watch.Observer<T> observer, Branch.ThenWith<? super T, ? extends R> then) {
        var arm = observer.arm();
        return new Branch<>(arm, () -> then.apply(arm.valueOrThrow()));
    }

    /** The end of the task, however it ends; it is given, ended. */
    public static <T, R extends @Nullable Object> Branch<R> done(
            Task<T> task, Branch.ThenWith<? super Task<T>, ? extends R> then) {
        Arm arm = new StateArm(task.selecting()) {
            @Override
            public boolean poll() {
                return task.isDone();
            }

            @Override
            protected boolean isReady() {
                return task.isDone();
            }
        };
        return new Branch<>(arm, () -> then.apply(task));
    }

    /** Nothing else has happened for this long, on the clock of the caller's runtime, from the beginning of the wait. */
    public static <R extends @Nullable Object> Branch<R> after(Duration duration, Branch.Then<? extends R> then) {
        return new Branch<>(new After(duration), then::get);
    }

    /** No other branch can be taken at once: the select does not wait, and callbacks of a loop may use it. The last branch. */
    public static <R extends @Nullable Object> Branch<R> otherwise(Branch.Then<? extends R> then) {
        return new Branch<>(Otherwise.ARM, then::get);
    }

    private record After(Duration duration) implements Arm {
        @Override
        public boolean poll() {
            return !duration.isPositive();
        }

        @Override
        public @Nullable WaitNode enlist(Waiter waiter) {
            return null;
        }

        @Override
        public void delist(WaitNode node) {
            throw new IllegalStateException("time has no list");
        }

        @Override
        public boolean settle(WaitNode node) {
            throw new IllegalStateException("time has no list");
        }

        @Override
        public long deadline(Waiting waiting) {
            return Waits.deadline(waiting, duration);
        }
    }

    /** Not asked for anything: the select knows it. */
    private enum Otherwise implements Arm {
        ARM;

        @Override
        public boolean poll() {
            return false;
        }

        @Override
        public @Nullable WaitNode enlist(Waiter waiter) {
            return null;
        }

        @Override
        public void delist(WaitNode node) {
            throw new IllegalStateException("there is no list");
        }

        @Override
        public boolean settle(WaitNode node) {
            throw new IllegalStateException("there is no list");
        }
    }
}

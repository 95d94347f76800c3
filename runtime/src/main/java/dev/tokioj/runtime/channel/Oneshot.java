package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.waiters.StateArm;
import dev.tokioj.runtime.waiters.WaitSet;
import dev.tokioj.runtime.waiters.Waits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One value, sent once and received once: the answer to a question that travelled by a {@link Channel}. Any thread; callbacks of a
 * loop may send, close and try.
 *
 * @param <T> the value
 */
public final class Oneshot<T> implements AutoCloseable {
    /** What {@link #state} is when it is not the value. */
    private enum Mark {
        EMPTY,
        TAKEN,
        CLOSED
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Oneshot.class, "state", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** EMPTY to the value to TAKEN, or EMPTY to CLOSED. */
    private volatile Object state = Mark.EMPTY;

    private final WaitSet waiting = new WaitSet();

    /** Empty. */
    public Oneshot() {}

    /**
     * Sends the value. Never waits.
     *
     * @throws ChannelClosedException it was closed before
     * @throws IllegalStateException a value was sent before
     */
    public void send(T value) {
        if (!trySend(value)) {
            if (state == Mark.CLOSED) {
                throw new ChannelClosedException("the oneshot is closed: the value was not sent");
            }
            throw new IllegalStateException("a second value for a oneshot");
        }
    }

    /** Sends the value, unless one was sent or it was closed before: for racing senders. Returns whether it was sent. */
    public boolean trySend(T value) {
        Objects.requireNonNull(value, "value");
        if (!STATE.compareAndSet(this, Mark.EMPTY, value)) {
            return false;
        }
        waiting.wakeAll();
        return true;
    }

    /**
     * Waits for the value and takes it.
     *
     * @throws ChannelClosedException it was closed without a value, or the value was received before
     * @throws InterruptedException nothing was taken
     * @throws IllegalStateException there is none yet, in a callback of a loop
     */
    public T receive() throws InterruptedException {
        ReceiveArm arm = new ReceiveArm();
        Waits.await(arm, "Oneshot.receive", this);
        return arm.valueOrThrow();
    }

    /**
     * As {@link #receive()}, but waits no longer than this.
     *
     * @throws TimeoutException the time has passed; nothing was taken
     */
    public T receive(Duration timeout) throws InterruptedException, TimeoutException {
        ReceiveArm arm = new ReceiveArm();
        Waits.await(arm, "Oneshot.receive", this, timeout);
        return arm.valueOrThrow();
    }

    /**
     * Takes the value if it is there.
     *
     * @return null: not yet
     * @throws ChannelClosedException as {@link #receive()}
     */
    public @Nullable T tryReceive() {
        ReceiveArm arm = new ReceiveArm();
        return arm.poll() ? arm.valueOrThrow() : null;
    }

    /** Nobody sends any more, or nobody receives: a value that was sent can still be received. Idempotent. */
    @Override
    public void close() {
        if (STATE.compareAndSet(this, Mark.EMPTY, Mark.CLOSED)) {
            waiting.wakeAll();
        }
    }

    /** Whether it was closed without a value: a sender may save the work. */
    public boolean isClosed() {
        return state == Mark.CLOSED;
    }

    /** Receiving, as one of several things to wait for. */
    final class ReceiveArm extends StateArm {
        private @Nullable Object taken;

        ReceiveArm() {
            super(waiting);
        }

        @Override
        protected boolean isReady() {
            return state != Mark.EMPTY;
        }

        @Override
        public boolean poll() {
            Object seen = state;
            if (seen == Mark.EMPTY) {
                return false;
            }
            // Of several receivers one has it; the others find the mark.
            taken = seen instanceof Mark || STATE.compareAndSet(Oneshot.this, seen, Mark.TAKEN) ? seen : Mark.TAKEN;
            return true;
        }

        @SuppressWarnings("unchecked") // no mark, so what send put there
        T valueOrThrow() {
            Object mine = Objects.requireNonNull(taken);
            taken = null;
            if (mine instanceof Mark mark) {
                throw new ChannelClosedException(
                        mark == Mark.TAKEN
                                ? "the value of the oneshot was received before"
                                : "the oneshot was closed without a value");
            }
            return (T) mine;
        }
    }
}

package dev.tokioj.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A callback that can be asked for again and again without garbage: however often {@link #raise} is called before it runs,
 * it runs once, on its loop. Made by {@link EventLoop#newSignal}.
 */
public final class Signal extends Mailbox.Entry implements Waker {
    private enum State {
        IDLE,
        RAISED
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Signal.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final EventLoop loop;
    private final Runnable callback;
    private volatile State state = State.IDLE;

    Signal(EventLoop loop, Runnable callback) {
        this.loop = loop;
        this.callback = callback;
    }

    /** Any thread: the callback will run, and see everything that happened before this call. */
    public void raise() {
        // The CAS is also the fence: whoever finds RAISED knows that the run that follows sees its writes.
        if (STATE.compareAndSet(this, State.IDLE, State.RAISED)) {
            loop.send(this);
        }
    }

    /** {@link #raise}, by its name as a {@link Waker}. */
    @Override
    public void wake() {
        raise();
    }

    @Override
    protected void deliver() {
        // Idle before the run: what is raised during it asks for another.
        STATE.getAndSet(this, State.IDLE);
        callback.run();
    }
}

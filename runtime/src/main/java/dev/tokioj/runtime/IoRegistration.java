package dev.tokioj.runtime;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketTimeoutException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A channel or a descriptor that a loop waits for, on behalf of tasks and callbacks. Made by {@link AsyncRuntime#registerIo}.
 *
 * <p>Tasks wait with {@link #awaitReadable} and {@link #awaitWritable}: one for each direction at a time, both at once. A wait is
 * one-shot: nobody is told anything while nobody waits. Callbacks are told on the loop ({@link #listen}, {@link #listenOnce})
 * and may change what they want to hear of ({@link #interest}).
 *
 * <p>Nothing here reads or writes, so the usual way is to try first and to wait when the try would have waited. What was ready may
 * be ready no more when the waiter runs: try again and wait again. The channel or descriptor stays its owner's, who closes it after
 * the registration. Any thread; what belongs to the loop goes there by itself.
 */
public final class IoRegistration implements AutoCloseable {
    /** No deadline. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** When a wait is over. */
    public enum Trigger {
        /** Ready is what is ready: a wait ends at once while there is something left from before. */
        LEVEL,
        /**
         * Told of changes only: who waits has tried before, after a {@link #clearReadable} or {@link #clearWritable}, and was
         * told that it would wait. Costs no call of the kernel a wait. Descriptors only.
         */
        EDGE
    }

    private enum Told {
        ALWAYS,
        ONCE
    }

    /** How it is registered at its poller; called by the poller's owner. */
    @FunctionalInterface
    private interface Registering {
        Poller.Registration register(Poller.Handler handler) throws IOException;
    }

    private static final VarHandle FAILURE;

    static {
        try {
            FAILURE = MethodHandles.lookup().findVarHandle(IoRegistration.class, "failure", IOException.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final EventLoop loop;
    private final Trigger trigger;
    private final Object name;
    private final Executor owner;
    private final boolean isDescriptor;
    private final Runnable afterClose;
    private final IoSide reader;
    private final IoSide writer;
    /** Kept, so that a wait makes no closure. */
    private final Runnable apply = this::apply;

    private final Runnable askToApply = this::askToApply;

    /** Why it has ended; null while it has not. */
    @SuppressWarnings("unused") // written through FAILURE
    private volatile @Nullable IOException failure;

    // The owner's, who is the loop but for the JDK's channels at a loop with epoll.
    private Poller.@Nullable Registration registration;
    private int listening;
    private Told told = Told.ALWAYS;
    private Poller.@Nullable Handler callback;

    // The loop's, in its list.
    @Nullable IoRegistration previousOnLoop;

    @Nullable IoRegistration nextOnLoop;

    boolean isListed;

    private IoRegistration(
            EventLoop loop, Trigger trigger, Object name, Executor owner, boolean isDescriptor, Runnable afterClose) {
        this.loop = loop;
        this.trigger = trigger;
        this.name = name;
        this.owner = owner;
        this.isDescriptor = isDescriptor;
        this.afterClose = afterClose;
        this.reader = new IoSide("a read of", name);
        this.writer = new IoSide("a write to", name);
    }

    /**
     * Registers a channel in non-blocking mode at this loop. From another thread it happens soon: what is wrong with the channel is
     * then told by the first wait.
     *
     * @param name what it is called in messages
     * @param afterClose runs on the loop once the registration is closed, by whomever; the place to close the channel
     * @throws IOException out of descriptors, or the loop has ended
     */
    public static IoRegistration open(EventLoop loop, SelectableChannel channel, Object name, Runnable afterClose)
            throws IOException {
        if (channel.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        if (loop.poller() instanceof NioPoller nio) {
            IoRegistration made = new IoRegistration(loop, Trigger.LEVEL, name, loop::dispatch, false, afterClose);
            made.begin(handler -> nio.register(channel, 0, handler));
            return made;
        }
        ChannelSelector selector = loop.io.selector();
        IoRegistration made = new IoRegistration(loop, Trigger.LEVEL, name, selector, false, afterClose);
        made.begin(handler -> selector.poller.register(channel, 0, handler));
        return made;
    }

    /**
     * Registers a non-blocking descriptor at this loop, as {@link #open(EventLoop, SelectableChannel, Object, Runnable)}.
     *
     * @throws UnsupportedOperationException the loop does not wait with epoll
     */
    public static IoRegistration open(EventLoop loop, int fd, Trigger trigger, Object name, Runnable afterClose) {
        if (!(loop.poller() instanceof EpollPoller epoll)) {
            throw new UnsupportedOperationException("a loop that waits with the JDK's selector cannot wait for " + name
                    + ": register a SelectableChannel, or start the runtime with Poller.Kind.EPOLL, which says what it"
                    + " needs");
        }
        IoRegistration made = new IoRegistration(loop, trigger, name, loop::dispatch, true, afterClose);
        made.begin(
                trigger == Trigger.EDGE
                        ? handler -> epoll.registerEdge(fd, handler)
                        : handler -> epoll.register(fd, 0, handler));
        return made;
    }

    private void begin(Registering how) {
        loop.dispatch(() -> {
            // Closed before it began: the descriptor may be another's by now.
            if (failure == null && loop.io.add(this)) {
                owner.execute(() -> register(how));
            }
        });
    }

    /** Owner. */
    private void register(Registering how) {
        if (failure != null) {
            return;
        }
        try {
            registration = how.register(this::onReady);
            apply();
        } catch (CancelledKeyException e) {
            // The channel had a registration before, which the selector forgets when it polls next: so after that.
            loop.execute(() -> owner.execute(() -> register(how)));
        } catch (IOException | RuntimeException e) {
            fail(new IOException(name + " cannot be registered: " + e.getMessage(), e));
        }
    }

    // ---- tasks

    /** As {@link #awaitReadable(long)}, without a deadline. */
    public void awaitReadable() throws IOException {
        awaitReadable(NO_DEADLINE);
    }

    /**
     * As {@link #awaitReadable(long)}, for at most this long.
     *
     * @throws SocketTimeoutException the time has passed
     */
    public void awaitReadable(Duration timeout) throws IOException {
        awaitReadable(deadlineIn(timeout));
    }

    /**
     * Waits until something can be read or accepted, the end or an error among that.
     *
     * @param deadlineNanos on the clock of the caller's runtime
     * @throws IoClosedException the registration is closed, or was closed meanwhile
     * @throws InterruptedIOException interrupted; the flag stays set
     * @throws SocketTimeoutException the deadline has passed
     * @throws IOException the channel or descriptor cannot be waited for
     * @throws IllegalStateException in a callback of a loop, or if another thread waits for the same already
     */
    public void awaitReadable(long deadlineNanos) throws IOException {
        await(reader, deadlineNanos);
    }

    /** As {@link #awaitWritable(long)}, without a deadline. */
    public void awaitWritable() throws IOException {
        awaitWritable(NO_DEADLINE);
    }

    /**
     * As {@link #awaitWritable(long)}, for at most this long.
     *
     * @throws SocketTimeoutException the time has passed
     */
    public void awaitWritable(Duration timeout) throws IOException {
        awaitWritable(deadlineIn(timeout));
    }

    /** Waits until there is room to write, or a connect has ended; throws as {@link #awaitReadable(long)}. */
    public void awaitWritable(long deadlineNanos) throws IOException {
        await(writer, deadlineNanos);
    }

    /** Forgets what was told of reading, before a try to read; for {@link Trigger#EDGE}. */
    public void clearReadable() {
        reader.clear();
    }

    /** Forgets what was told of writing, before a try to write; for {@link Trigger#EDGE}. */
    public void clearWritable() {
        writer.clear();
    }

    /** Whether it was told to be readable since the last {@link #clearReadable}, or for ever. */
    public boolean isReadable() {
        return reader.isReady();
    }

    /** The moment this long from now on the clock of the caller's runtime, as a deadline. */
    public static long deadlineIn(Duration timeout) {
        return Waiting.current().nanoTime() + Math.clamp(Task.nanos(timeout), 0, Long.MAX_VALUE >> 1);
    }

    private void await(IoSide side, long deadline) throws IOException {
        if (trigger == Trigger.LEVEL) {
            side.clear();
            side.await(askToApply, deadline);
        } else {
            side.await(null, deadline);
        }
        checkOpen();
    }

    /**
     * Throws if it is closed.
     *
     * @throws IoClosedException it is
     * @throws IOException it could not be registered
     */
    public void checkOpen() throws IOException {
        IOException why = failure;
        if (why instanceof IoClosedException closed) {
            throw new IoClosedException(closed.getMessage());
        }
        if (why != null) {
            throw new IOException(why.getMessage(), why);
        }
    }

    // ---- callbacks

    /**
     * Calls back on the loop whenever it is ready in one of these ways, again and again while it is. Replaces the callback before.
     *
     * @param interest {@link Poller#READ}, {@link Poller#WRITE} or both
     */
    public void listen(int interest, Poller.Handler callback) {
        listen(interest, callback, Told.ALWAYS);
    }

    /** As {@link #listen}, for one call only: {@link #interest} asks for the next. */
    public void listenOnce(int interest, Poller.Handler callback) {
        listen(interest, callback, Told.ONCE);
    }

    /** Changes what the callback wants to hear of; 0 for nothing. Tasks that wait are not touched. */
    public void interest(int interest) {
        owner.execute(() -> {
            listening = interest;
            apply();
        });
    }

    private void listen(int interest, Poller.Handler handler, Told often) {
        if (trigger == Trigger.EDGE) {
            throw new IllegalStateException("callbacks are told by level, and this registration is by edge");
        }
        owner.execute(() -> {
            callback = handler;
            told = often;
            listening = interest;
            apply();
        });
    }

    // ---- the owner

    private void askToApply() {
        owner.execute(apply);
    }

    /** Owner: asks the poller for what somebody waits for. */
    private void apply() {
        Poller.Registration now = registration;
        if (now == null || trigger == Trigger.EDGE) {
            return;
        }
        try {
            now.interest(wanted() | listening);
        } catch (RuntimeException e) {
            fail(new IOException(name + " cannot be waited for: " + e.getMessage(), e));
        }
    }

    private int wanted() {
        return (reader.isAwaited() ? Poller.READ : 0) | (writer.isAwaited() ? Poller.WRITE : 0);
    }

    /** Owner: from the poller. */
    private void onReady(int ready) {
        int waited = wanted();
        int why = (ready & Poller.HANGUP) != 0 ? IoSide.READY | IoSide.HANGUP : IoSide.READY;
        if ((ready & Poller.READ) != 0) {
            reader.signal(why);
        }
        if ((ready & Poller.WRITE) != 0) {
            writer.signal(IoSide.READY);
        }
        Poller.Registration now = registration;
        if (trigger == Trigger.EDGE || now == null) {
            return;
        }
        int heard = ready & listening;
        if (told == Told.ONCE && heard != 0) {
            listening = 0;
        }
        // A descriptor that somebody was waiting for stays armed: he is likely to be back before the next poll, and
        // each change is a call of the kernel. If he is not, the next event finds nobody and ends it. With the JDK's
        // selector a change costs nothing until the next poll.
        int keep = isDescriptor ? waited & now.interest() : waited & ~ready;
        if (heard == 0) {
            now.interest(keep | listening);
        } else if (owner instanceof ChannelSelector) {
            // Not again before the callback has run.
            now.interest(keep | (listening & ~heard));
            loop.execute(() -> {
                call(heard);
                askToApply();
            });
        } else {
            now.interest(keep | listening);
            call(heard);
        }
    }

    private void call(int heard) {
        Poller.Handler handler = callback;
        if (handler != null && failure == null) {
            handler.onReady(heard);
        }
    }

    // ---- the end

    /**
     * Ends it: who waits gets {@link IoClosedException}, nobody is called any more. Any thread; idempotent. Does not close the
     * channel or descriptor, except by what was given for that.
     */
    @Override
    public void close() {
        fail(new IoClosedException(name + " is closed"));
    }

    /** Whether this is who asks the poller for it. */
    boolean isOwnedBy(Executor someone) {
        return owner == someone;
    }

    /** Loop: as {@link #close}. */
    void closeNow(String why) {
        fail(new IoClosedException(name + " is closed: " + why));
    }

    private void fail(IOException why) {
        if (!FAILURE.compareAndSet(this, (IOException) null, why)) {
            return;
        }
        reader.signal(IoSide.CLOSED);
        writer.signal(IoSide.CLOSED);
        loop.dispatch(() -> {
            loop.io.remove(this);
            owner.execute(this::unregister);
            afterClose.run();
        });
    }

    private void unregister() {
        if (registration != null) {
            registration.close();
            registration = null;
        }
    }

    @Override
    public String toString() {
        return "registration of " + name;
    }
}

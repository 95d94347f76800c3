package dev.tokioj.runtime;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;

/** {@link Poller} on the JDK's selector: epoll, kqueue or wepoll under it, timeouts in milliseconds rounded up. */
public final class NioPoller implements Poller {
    private static final System.Logger LOG = LoopLogger.of(System.getLogger(NioPoller.class.getName()));
    private static final long NANOS_PER_MILLI = 1_000_000;

    final Selector selector;
    /** Kept, so that a poll makes no closure. */
    private final Consumer<SelectionKey> dispatch = NioPoller::dispatch;

    /**
     * Opens a selector.
     *
     * @throws IOException out of descriptors
     */
    public NioPoller() throws IOException {
        selector = Selector.open();
    }

    /**
     * Registers a channel in non-blocking mode. Closing the channel ends the registration too.
     *
     * @throws IOException the channel is closed, or the poller
     */
    public Registration register(SelectableChannel channel, int interest, Handler handler) throws IOException {
        Key registration = new Key(handler, interest);
        try {
            registration.key = channel.register(selector, Key.toNio(channel, interest), registration);
        } catch (ClosedSelectorException e) {
            throw new IOException("the poller is closed", e);
        }
        return registration;
    }

    @Override
    public int poll(long timeoutNanos) throws IOException {
        try {
            if (timeoutNanos <= 0) {
                return selector.selectNow(dispatch);
            }
            if (timeoutNanos == FOREVER) {
                return selector.select(dispatch);
            }
            long millis = timeoutNanos / NANOS_PER_MILLI + (timeoutNanos % NANOS_PER_MILLI == 0 ? 0 : 1);
            return selector.select(dispatch, millis);
        } catch (ClosedSelectorException e) {
            throw new IOException("the poller is closed", e);
        }
    }

    private static void dispatch(SelectionKey key) {
        Key registration = (Key) key.attachment();
        int ready;
        try {
            ready = key.readyOps();
        } catch (CancelledKeyException e) {
            // Its channel was closed, by a handler before this one or by another thread a moment ago.
            LOG.log(System.Logger.Level.TRACE, "ready and closed", e);
            return;
        }
        int ours = (ready & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT)) != 0 ? READ : 0;
        if ((ready & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT)) != 0) {
            ours |= WRITE;
        }
        try {
            registration.handler.onReady(ours);
        } catch (Throwable e) {
            // Errors too: what is left of the batch may not be told again, a wake-up among it.
            LoopLog.handlerFailed(e);
        }
    }

    @Override
    public void wakeup() {
        try {
            // Coalesced by the JDK: one write until the selector has read it.
            selector.wakeup();
        } catch (ClosedSelectorException e) {
            // The loop has ended between the caller's check and this call: there is nothing left to wake.
            LOG.log(System.Logger.Level.TRACE, "wake-up of a closed poller", e);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }

    private static final class Key implements Registration {
        private final Handler handler;
        private int interest;
        private SelectionKey key;

        @SuppressWarnings("NullAway.Init") // register() sets the key before anyone sees this
        Key(Handler handler, int interest) {
            this.handler = handler;
            this.interest = interest;
        }

        /** READ and WRITE in the words that this kind of channel knows. */
        static int toNio(SelectableChannel channel, int interest) {
            int valid = channel.validOps();
            int ops = 0;
            if ((interest & READ) != 0) {
                ops |= valid & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT);
            }
            if ((interest & WRITE) != 0) {
                boolean connecting = channel instanceof java.nio.channels.SocketChannel s && s.isConnectionPending();
                ops |= connecting ? SelectionKey.OP_CONNECT : valid & SelectionKey.OP_WRITE;
            }
            return ops;
        }

        @Override
        public void interest(int ops) {
            interest = ops;
            if (key.isValid()) {
                key.interestOps(toNio(key.channel(), ops));
            }
        }

        @Override
        public int interest() {
            return interest;
        }

        @Override
        public void close() {
            key.cancel();
        }
    }
}

package dev.tokioj.runtime;

import java.io.IOException;
import java.util.Locale;

/**
 * Readiness of channels and file descriptors for one event loop. {@link NioPoller} works wherever a JDK does;
 * {@link EpollPoller} needs Linux and native access, waits to the nanosecond and serves raw descriptors.
 *
 * <p>One thread owns a poller: all methods but {@link #wakeup} are its alone. What is registered is answered by
 * level: while a channel stays ready and the interest stays set, every {@link #poll} calls the handler again.
 */
public sealed interface Poller extends AutoCloseable permits NioPoller, EpollPoller {
    /** Something can be read, or an error or the end waits to be read. */
    int READ = 1;

    /** There is room to write, or a connect has ended. */
    int WRITE = 2;

    /** The peer has ended, or an error has: told only to handlers registered with {@link EpollPoller#registerEdge}. */
    int HANGUP = 4;

    /** A timeout that never comes. */
    long FOREVER = Long.MAX_VALUE;

    /** Which poller to open. */
    enum Kind {
        /** Epoll where Linux and native access allow it, else NIO, with one log line that says what is missing. */
        AUTO,
        /** The JDK's selector. */
        NIO,
        /** Epoll, or an error. */
        EPOLL
    }

    /** Told of readiness, by the thread that polls. What it throws is logged and the poll goes on. */
    @FunctionalInterface
    interface Handler {
        /**
         * The channel is ready.
         *
         * @param ready {@link #READ}, {@link #WRITE} or both, never more than the interest, but for errors, which
         *     count as READ
         */
        void onReady(int ready);
    }

    /** One channel or descriptor at one poller. The poller's thread only. */
    interface Registration {
        /** Replaces the interest: {@link #READ}, {@link #WRITE}, both or 0. No effect once closed. */
        void interest(int ops);

        /** The interest now. */
        int interest();

        /** Forgets the channel: its handler is not called again, not even for readiness already collected. Idempotent. */
        void close();
    }

    /**
     * Waits until something is ready, {@link #wakeup} was called or the time is over, and calls the handlers.
     *
     * @param timeoutNanos 0 or less: looks and does not wait; {@link #FOREVER}: no limit
     * @return how many handlers were called
     * @throws IOException the poller is beyond use
     */
    int poll(long timeoutNanos) throws IOException;

    /**
     * Any thread: makes the poll that waits, or else the next one, return at once. Calls between two polls cost one
     * system call together. No effect once closed.
     */
    void wakeup();

    /** Closes the poller, not the channels. Idempotent. */
    @Override
    void close() throws IOException;

    /** How many ready descriptors one poll collects unless told otherwise. */
    int CUSTOMARY_EVENTS = 128;

    /** What stands for "the kernel's customary slack" in {@link #open(Kind, long, int)}. */
    long CUSTOMARY_SLACK = -1;

    /**
     * Opens a poller that collects {@value #CUSTOMARY_EVENTS} events at once.
     *
     * @param fineTimers asks the kernel to wake the polling thread to the nanosecond instead of the customary 50 us late
     *     (timer slack); epoll only, set on the thread that polls first
     * @throws IOException out of descriptors, or {@link Kind#EPOLL} where there is none
     */
    static Poller open(Kind kind, boolean fineTimers) throws IOException {
        return open(kind, fineTimers ? 0 : CUSTOMARY_SLACK, CUSTOMARY_EVENTS);
    }

    /**
     * Opens a poller.
     *
     * @param slackNanos how much later than asked the kernel may wake the polling thread, 0 for as exactly as it can, or
     *     {@link #CUSTOMARY_SLACK}; epoll only, set on the thread that polls first
     * @param maxEvents how many ready descriptors one poll collects at most; epoll only: the JDK's selector decides by itself
     * @throws IOException out of descriptors, or {@link Kind#EPOLL} where there is none
     */
    static Poller open(Kind kind, long slackNanos, int maxEvents) throws IOException {
        return switch (kind) {
            case NIO -> new NioPoller();
            case EPOLL -> new EpollPoller(slackNanos, maxEvents);
            case AUTO -> EpollPoller.isAvailable() ? new EpollPoller(slackNanos, maxEvents) : new NioPoller();
        };
    }

    /** The name of the kind, for logs. */
    default String describe() {
        return switch (this) {
            case NioPoller _ -> Kind.NIO.name().toLowerCase(Locale.ROOT);
            case EpollPoller _ -> Kind.EPOLL.name().toLowerCase(Locale.ROOT);
        };
    }
}

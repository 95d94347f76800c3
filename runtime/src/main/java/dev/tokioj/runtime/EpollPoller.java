package dev.tokioj.runtime;

import java.io.IOException;

/** {@link Poller} on epoll and an eventfd, through {@code java.lang.foreign}. */
@SuppressWarnings("DoNotCallSuggester")
public final class EpollPoller implements Poller {
    /** Whether this process may and can use epoll; says why not in one log line, once. */
    public static boolean isAvailable() {
        return false;
    }

    EpollPoller(boolean fineTimers) throws IOException {
        throw new IOException("epoll is not available");
    }

    /** Registers a descriptor, which stays its caller's to close, after closing the registration. */
    public Registration register(int fd, int interest, Handler handler) throws IOException {
        throw new IOException("epoll is not available");
    }

    @Override
    public int poll(long timeoutNanos) throws IOException {
        throw new IOException("epoll is not available");
    }

    @Override
    public void wakeup() {}

    @Override
    public void close() {}
}

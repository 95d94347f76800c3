package dev.tokioj.net;

import dev.tokioj.runtime.Poller;

/** Which way datagrams go through the operating system. */
public enum Transport {
    /** {@link #LINUX} where it can be had, else {@link #NIO}, with one log line if only a flag is missing. */
    AUTO,
    /** The JDK's channels: every platform, no flag. */
    NIO,
    /**
     * Linux calls through {@code java.lang.foreign}: batches, ECN, local addresses. Needs
     * {@code --enable-native-access=dev.tokioj.runtime}; starting fails where it cannot be had.
     */
    LINUX;

    Poller.Kind poller() {
        return switch (this) {
            case AUTO -> Poller.Kind.AUTO;
            case NIO -> Poller.Kind.NIO;
            case LINUX -> Poller.Kind.EPOLL;
        };
    }
}

package dev.tokioj.runtime.channel;

/** The channel was closed: nothing can be sent any more; for a receiver, also: and nothing is left. */
public final class ChannelClosedException extends RuntimeException {
    ChannelClosedException(String message) {
        super(message);
    }
}

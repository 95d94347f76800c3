package dev.tokioj.runtime.channel;

/** An unbounded channel holds as many elements as its ceiling allows: its receivers are too slow or gone. */
public final class ChannelFullException extends RuntimeException {
    ChannelFullException(String message) {
        super(message);
    }
}

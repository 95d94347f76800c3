package dev.tokioj.runtime;

import java.nio.channels.ClosedChannelException;

/** What was to be waited for, read or written is closed, or was closed meanwhile on this side. The message names it. */
public final class IoClosedException extends ClosedChannelException {
    private static final long serialVersionUID = 1;

    private final String message;

    /** Says what is closed. */
    public IoClosedException(String message) {
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}

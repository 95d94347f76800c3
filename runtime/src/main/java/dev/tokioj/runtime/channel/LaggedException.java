package dev.tokioj.runtime.channel;

/**
 * A subscription of a {@link Broadcast} was too slow and its oldest elements were overwritten. It stays usable: the next call receives
 * the oldest element that is still there.
 */
public final class LaggedException extends RuntimeException {
    private final long missed;

    LaggedException(long missed) {
        super("the subscription was too slow and has missed " + missed + " elements");
        this.missed = missed;
    }

    /** How many elements were missed since the last that was received. */
    public long missed() {
        return missed;
    }
}

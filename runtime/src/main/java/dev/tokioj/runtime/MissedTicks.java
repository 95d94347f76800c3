package dev.tokioj.runtime;

/**
 * What an {@link Interval} does about beats that have passed while nobody waited for them. With beats due at 1, 2, 3... s and a
 * caller that is away from just after 1 s until 3.5 s:
 */
public enum MissedTicks {
    /** They come one after the other without a wait, until the caller has caught up: 3.5 (for 2), 3.5 (for 3), 4, 5. */
    BURST,
    /** The missed one comes at once, and the next a whole period after it: 3.5, 4.5, 5.5. */
    DELAY,
    /** The missed ones come at once and as one, and the rhythm stays: 3.5, 4, 5. */
    SKIP
}

package dev.tokioj.runtime.settings;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Refuses settings that are out of their range; the message names the setting. */
public final class Check {
    private static final Duration LONGEST = Duration.ofDays(365);

    private Check() {}

    /**
     * A value.
     *
     * @throws IllegalArgumentException it is null
     */
    public static void notNull(String setting, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException(setting + ": must not be null");
        }
    }

    /**
     * A name.
     *
     * @throws IllegalArgumentException it is null or blank
     */
    public static void notBlank(String setting, String value) {
        notNull(setting, value);
        if (value.isBlank()) {
            throw new IllegalArgumentException(setting + ": must not be blank");
        }
    }

    /**
     * A number, both ends among what it may be.
     *
     * @throws IllegalArgumentException it is less or more
     */
    public static void between(String setting, int value, int from, int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(setting + ": must be " + from + " to " + to + ", is " + value);
        }
    }

    /**
     * A time that must pass: more than none, and a year at most, so that sums of moments and times never overflow.
     *
     * @throws IllegalArgumentException it is null, less or more
     */
    public static void positive(String setting, Duration value) {
        notNull(setting, value);
        if (value.isZero()) {
            throw new IllegalArgumentException(setting + ": must be more than zero");
        }
        notNegative(setting, value);
    }

    /**
     * A time: none to a year.
     *
     * @throws IllegalArgumentException it is null, less or more
     */
    public static void notNegative(String setting, Duration value) {
        notNull(setting, value);
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(setting + ": must be 0 to 365 days, is " + value);
        }
    }
}

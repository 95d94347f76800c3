package dev.tokioj.runtime.channel;

import dev.tokioj.runtime.waiters.Arm;
import org.jspecify.annotations.Nullable;

/**
 * One of the things that a {@link Select} waits for, and what to do when it is the one. Made by the static methods of {@link Select}.
 * Part of one select at a time.
 *
 * @param <R> what the select returns
 */
public final class Branch<R extends @Nullable Object> {
    /**
     * What follows when the branch was taken.
     *
     * @param <R> what the select returns
     */
    @FunctionalInterface
    public interface Then<R extends @Nullable Object> {
        /** Runs in the selecting thread, after the select is over. */
        R get() throws InterruptedException;
    }

    /**
     * What follows when the branch was taken, with what it gave.
     *
     * @param <T> what the branch gave
     * @param <R> what the select returns
     */
    @FunctionalInterface
    public interface ThenWith<T, R extends @Nullable Object> {
        /** Runs in the selecting thread, after the select is over. */
        R apply(T value) throws InterruptedException;
    }

    final Arm arm;
    final Then<R> then;

    /** For this module alone: the type of the arm is not exported. */
    public Branch(Arm arm, Then<R> then) {
        this.arm = arm;
        this.then = then;
    }
}

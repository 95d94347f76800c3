package dev.tokioj.runtime.waiters;

import dev.tokioj.runtime.Waiting;
import org.jspecify.annotations.Nullable;

/** One of the things that a select waits for. All methods: the selecting thread. */
public interface Arm {
    /** Takes it now, if it can be had. What was taken stays with the arm until its outcome is asked for. */
    boolean poll();

    /**
     * Enlists the waiter where this can be had, and looks again there: it may be done when this returns. Null: nothing but the
     * time ends this one.
     */
    @Nullable WaitNode enlist(Waiter waiter);

    /** Takes the node off again; nothing happens if it is off. */
    void delist(WaitNode node);

    /** The node has won the wait. False: it was there to be had, but somebody was faster; the select starts again. */
    boolean settle(WaitNode node);

    /** When time alone ends this one, on the clock of {@code waiting}; {@link Long#MAX_VALUE}: never. */
    default long deadline(Waiting waiting) {
        return Long.MAX_VALUE;
    }
}

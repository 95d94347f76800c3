package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.Task;
import org.jspecify.annotations.Nullable;

/** A task of the pool's that waits for the network: it makes a connection, or asks one. Changed by the pool's operations alone. */
final class Attempt<K, C> {
    final Slot<K, C> slot;
    final long deadline;
    /** Who came before this number has waited for this attempt. */
    final long before;
    /** What is asked; null: one is made. */
    final @Nullable Pooled<K, C> asked;

    /** Null until it was spawned. */
    @Nullable Task<?> task;

    Attempt(Slot<K, C> slot, @Nullable Pooled<K, C> asked, long deadline, long before) {
        this.slot = slot;
        this.asked = asked;
        this.deadline = deadline;
        this.before = before;
    }

    void cancel() {
        if (task != null) {
            task.cancel();
        }
    }
}

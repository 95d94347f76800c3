package dev.tokioj.runtime;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a task is to run. Immutable: {@code SpawnOptions.DEFAULT.named("ping").priority(URGENT)}.
 *
 * @param name of the task and its thread; null: none
 * @param priority on its loop
 * @param placement null: the runtime's
 * @param loop which loop it belongs to
 * @param deadline from the spawn on; when it passes the task is cancelled. Null: none
 */
public record SpawnOptions(
        @Nullable String name,
        Priority priority,
        @Nullable Placement placement,
        LoopChoice loop,
        @Nullable Duration deadline) {
    /** Nameless, normal, placed as the runtime says, on the caller's loop, without a deadline. */
    public static final SpawnOptions DEFAULT = new SpawnOptions(null, Priority.NORMAL, null, LoopChoice.OWN, null);

    /** Checks the deadline. */
    public SpawnOptions {
        if (deadline != null && deadline.isNegative()) {
            throw new IllegalArgumentException("deadline: must not be negative, is " + deadline);
        }
    }

    /** The same, with this name. */
    public SpawnOptions named(String name) {
        return new SpawnOptions(name, priority, placement, loop, deadline);
    }

    /** The same, with this priority. */
    public SpawnOptions priority(Priority priority) {
        return new SpawnOptions(name, priority, placement, loop, deadline);
    }

    /** The same, placed there. */
    public SpawnOptions placement(Placement placement) {
        return new SpawnOptions(name, priority, placement, loop, deadline);
    }

    /** The same, on the loop that this chooses. */
    public SpawnOptions loop(LoopChoice loop) {
        return new SpawnOptions(name, priority, placement, loop, deadline);
    }

    /** The same, with this deadline. */
    public SpawnOptions deadline(Duration deadline) {
        return new SpawnOptions(name, priority, placement, loop, deadline);
    }
}

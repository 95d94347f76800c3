package dev.tokioj.runtime.pool;

import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The attempts of one kind that are under way, in the order of their deadlines: all may take the same time. */
final class Attempts<K, C> {
    private final LinkedHashSet<Attempt<K, C>> attempts = new LinkedHashSet<>();

    void add(Attempt<K, C> attempt) {
        attempts.add(attempt);
    }

    /** False: it is not under way any more. */
    boolean remove(Attempt<K, C> attempt) {
        return attempts.remove(attempt);
    }

    List<Attempt<K, C>> all() {
        return List.copyOf(attempts);
    }

    /** The one that asks this connection; null: it is not being asked. */
    @Nullable Attempt<K, C> of(Pooled<K, C> asked) {
        for (Attempt<K, C> attempt : attempts) {
            if (attempt.asked == asked) {
                return attempt;
            }
        }
        return null;
    }

    /** {@link Long#MAX_VALUE}: there is none. */
    long firstDeadline() {
        return attempts.isEmpty() ? Long.MAX_VALUE : attempts.getFirst().deadline;
    }

    /** The first whose deadline has passed; null: there is none. */
    @Nullable Attempt<K, C> late(long now) {
        return attempts.isEmpty() || now - attempts.getFirst().deadline < 0 ? null : attempts.getFirst();
    }
}

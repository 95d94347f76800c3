package dev.tokioj.runtime;

import org.jspecify.annotations.Nullable;

/** A callback that waits for its turn among the tasks of its loop. */
final class PriorityCallback extends Run {
    private final EventLoop loop;
    private final Priority priority;
    private final Runnable body;

    PriorityCallback(EventLoop loop, Priority priority, Runnable body) {
        this.loop = loop;
        this.priority = priority;
        this.body = body;
    }

    @Override
    EventLoop loop() {
        return loop;
    }

    @Override
    Priority priority() {
        return priority;
    }

    @Override
    @Nullable Task<?> task() {
        return null;
    }

    @Override
    Runnable take() {
        return body;
    }
}

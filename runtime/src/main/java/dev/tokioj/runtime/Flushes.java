package dev.tokioj.runtime;

import java.util.ArrayList;
import java.util.List;

/** What a loop runs at the end of its turn: two lists that change places, so that a flush registers for the next turn. Loop only. */
final class Flushes {
    private List<Runnable> next = new ArrayList<>();
    private List<Runnable> now = new ArrayList<>();

    boolean isEmpty() {
        return next.isEmpty();
    }

    void add(Runnable flush) {
        next.add(flush);
    }

    /** Runs each; returns how many. */
    int run(EventLoop loop) {
        if (next.isEmpty()) {
            return 0;
        }
        List<Runnable> batch = next;
        next = now;
        now = batch;
        int size = batch.size();
        for (int i = 0; i < size; i++) {
            loop.guarded("a flush", batch.get(i));
        }
        batch.clear();
        return size;
    }
}

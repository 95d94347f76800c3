package dev.tokioj.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What the thread of a loop is called, as a callback sees it. */
final class LoopThreadName {
    private LoopThreadName() {}

    static String of(EventLoop loop) throws Exception {
        CompletableFuture<String> name = new CompletableFuture<>();
        loop.execute(() -> name.complete(Thread.currentThread().getName()));
        return name.get(20, TimeUnit.SECONDS);
    }
}

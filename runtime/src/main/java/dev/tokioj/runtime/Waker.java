package dev.tokioj.runtime;

/**
 * Something that any thread can wake, as often as it likes: wake-ups that come before the woken one has looked count as one,
 * and none is lost. A {@link Signal} runs a callback on its loop; a {@link TaskWaker} wakes the task that waits for it. Made by
 * {@link AsyncRuntime#createWaker}.
 */
public sealed interface Waker permits Signal, TaskWaker {
    /** Any thread, callbacks of loops too: who is woken sees everything that happened before this call. Never waits. */
    void wake();
}

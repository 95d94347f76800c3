package dev.tokioj.runtime;

import org.jspecify.annotations.Nullable;

/**
 * Something of a priority that is ready to run on a loop: a stretch of an on-loop virtual thread, or a callback. An entry of the
 * mailbox first, of the ready queue then.
 */
abstract class Run extends Mailbox.Entry {
    /** Where. */
    abstract EventLoop loop();

    /** When, among others. */
    abstract Priority priority();

    /** Whose stretch it is; null: a callback. */
    abstract @Nullable Task<?> task();

    /** What to run; from here on the entry may be used again. */
    abstract Runnable take();

    @Override
    protected final void deliver() {
        loop().ready(this);
    }
}

package dev.tokioj.runtime;

/** A stretch of an on-loop virtual thread that is ready to run: an entry of the mailbox first, of the ready queue then. */
abstract class Run extends Mailbox.Entry {
    /** Whose it is. */
    abstract TaskExecutor executor();

    /** What to run; from here on the entry may be used again. */
    abstract Runnable take();

    final Priority priority() {
        return executor().priority;
    }

    @Override
    protected final void deliver() {
        executor().loop.ready(this);
    }
}

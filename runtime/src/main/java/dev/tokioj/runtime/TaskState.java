package dev.tokioj.runtime;

/**
 * The life of a {@link Task}. {@link Completion} moves it on, in one method, along these arrows only:
 *
 * <pre>
 * CREATED ──► RUNNING ──► SUCCEEDED | FAILED
 *    │           │
 *    │           ▼ cancel()
 *    │     INTERRUPTING ──► CANCELLING ──► CANCELLED (the body threw) | SUCCEEDED (it had its value already)
 *    ▼ cancel()      └────────────────────► the same two
 * CANCELLED
 * </pre>
 */
public enum TaskState {
    /** Its body has not begun. */
    CREATED,
    /** Its body runs or waits. */
    RUNNING,
    /** Somebody who cancels is about to interrupt its thread. */
    INTERRUPTING,
    /** Its thread was interrupted; its body has not ended yet. */
    CANCELLING,
    /** Ended with a value. */
    SUCCEEDED,
    /** Ended with an exception. */
    FAILED,
    /** Cancelled before it began, or ended with an exception after it was asked to stop. */
    CANCELLED;

    /** Whether it has ended; it then changes no more. */
    public boolean isDone() {
        return switch (this) {
            case CREATED, RUNNING, INTERRUPTING, CANCELLING -> false;
            case SUCCEEDED, FAILED, CANCELLED -> true;
        };
    }

    boolean mayBecome(TaskState next) {
        return switch (this) {
            case CREATED -> next == RUNNING || next == CANCELLED;
            case RUNNING -> next == INTERRUPTING || next == SUCCEEDED || next == FAILED;
            case INTERRUPTING -> next == CANCELLING || next == SUCCEEDED || next == CANCELLED;
            case CANCELLING -> next == SUCCEEDED || next == CANCELLED;
            case SUCCEEDED, FAILED, CANCELLED -> false;
        };
    }
}

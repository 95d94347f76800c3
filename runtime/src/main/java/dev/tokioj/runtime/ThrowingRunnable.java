package dev.tokioj.runtime;

/** A task's body without a value. */
@FunctionalInterface
public interface ThrowingRunnable {
    /** Runs; what it throws becomes the task's failure. */
    void run() throws Exception;
}
